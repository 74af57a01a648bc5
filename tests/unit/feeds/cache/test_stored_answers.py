"""Conditional requests, and what is kept between them."""

import asyncio
import gzip
from email.utils import formatdate, parsedate_to_datetime

import pytest

from newsman.feeds.cache.stored_answers import AnswerStore, answer, made

NOW = 1_772_452_800.25
LONG = b"news " * 1_000


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(clock) -> AnswerStore:
    return AnswerStore(clock=clock, headers={"x-own": "1"})


def scope(**headers: str) -> dict:
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return {"type": "http", "headers": raw, "method": "GET"}


def ask(kept, *, now: float = NOW + 60, **headers: str):
    return answer(scope(**headers), kept, now=now)


def test_what_was_made_is_found_until_its_stamp_changes(shelf):
    kept = shelf.put("/", 1, made(b"a", "text/plain"))
    assert shelf.get("/", 1) is kept
    assert shelf.get("/", 2) is None
    assert shelf.get("/other", 1) is None


def test_the_shelf_holds_no_more_bytes_than_it_may_and_drops_the_oldest_first():
    shelf = AnswerStore(capacity_bytes=25)
    for name in "abc":
        shelf.put(name, 1, made(name.encode() * 10, "text/plain"))
        shelf.get("a", 1)
    assert [name for name in "abc" if shelf.get(name, 1)] == ["a", "c"]


def test_replacing_what_is_kept_does_not_count_it_twice():
    shelf = AnswerStore(capacity_bytes=25)
    shelf.put("a", 1, made(b"a" * 10, "text/plain"))
    for stamp in range(10):
        shelf.put("b", stamp, made(b"b" * 10, "text/plain"))
    assert shelf.get("a", 1)


def test_the_same_bytes_made_again_were_not_modified(shelf, clock):
    first = shelf.put("/", 1, made(b"a", "text/plain"))
    clock.now += 100
    assert shelf.put("/", 2, made(b"a", "text/plain")).modified_at == first.modified_at
    assert shelf.put("/", 3, made(b"b", "text/plain")).modified_at == clock.now


def test_the_first_answer_carries_both_validators(shelf):
    answered = ask(shelf.put("/", 1, made(b"a", "text/plain")))
    assert (answered.status_code, answered.body) == (200, b"a")
    assert answered.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answered.headers["last-modified"]).timestamp() == int(NOW)
    assert answered.headers["x-own"] == "1"


@pytest.mark.parametrize("validator", ["etag", "last-modified"])
def test_a_reader_that_has_it_gets_304_with_nothing_in_it(shelf, validator):
    kept = shelf.put("/", 1, made(b"a", "text/plain"))
    name = {"etag": "if_none_match", "last-modified": "if_modified_since"}[validator]
    answered = ask(kept, **{name: ask(kept).headers[validator]})
    assert (answered.status_code, answered.body) == (304, b"")
    assert answered.headers["etag"] == ask(kept).headers["etag"]


def test_the_tag_wins_over_the_date(shelf):
    kept = shelf.put("/", 1, made(b"a", "text/plain"))
    future = formatdate(NOW + 3_600, usegmt=True)
    assert ask(kept, if_none_match='"other"', if_modified_since=future).status_code == 200


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Xxx 2026 00:00:00 GMT", "0"])
def test_a_date_that_is_none_is_ignored(shelf, date):
    kept = shelf.put("/", 1, made(b"a", "text/plain"))
    assert ask(kept, if_modified_since=date).status_code == 200


def test_two_changes_within_one_second_are_never_taken_for_one(shelf, clock):
    first = ask(shelf.put("/", 1, made(b"a", "text/plain")), now=NOW)
    clock.now = NOW + 0.5
    second = shelf.put("/", 2, made(b"b", "text/plain"))
    since = first.headers["last-modified"]
    assert ask(second, if_modified_since=since, now=NOW + 60).status_code == 200


def test_a_change_that_only_takes_away_is_a_change_for_dates_too(shelf, clock):
    before = ask(shelf.put("/", 1, made(b"old and killed", "text/plain")))
    clock.now += 3_600
    after = shelf.put("/", 2, made(b"old", "text/plain"))
    since = before.headers["last-modified"]
    assert ask(after, now=clock.now, if_modified_since=since).status_code == 200


def test_gzip_is_another_representation_with_a_tag_of_its_own(shelf):
    kept = shelf.put("/", 1, made(LONG, "text/plain"))
    plain, packed = ask(kept), ask(kept, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == LONG
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding, Authorization"
    again = ask(kept, accept_encoding="gzip", if_none_match=packed.headers["etag"])
    assert again.status_code == 304


def test_the_same_form_is_made_once_and_another_one_for_itself(shelf):
    kept = shelf.put("/", 1, made(LONG, "text/plain"))
    assert ask(kept) is ask(kept)
    assert ask(kept, accept_encoding="gzip") is not ask(kept)
    assert ask(kept, now=NOW).headers["last-modified"] != ask(kept).headers["last-modified"]


def test_a_header_added_on_the_way_is_not_in_the_next_answer(shelf):
    answered = ask(shelf.put("/", 1, made(b"a", "text/plain")))
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(answered(scope(), None, send))
    sent[0]["headers"].append((b"x-added", b"1"))
    asyncio.run(answered(scope(), None, send))
    assert (b"x-added", b"1") not in sent[2]["headers"]
