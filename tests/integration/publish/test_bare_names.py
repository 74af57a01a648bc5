"""What is pushed under a bare guid reaches the item that a feed brought under it."""

from collections.abc import Iterable
from itertools import permutations

import pytest

from newsman.kafka.records import Unprocessable
from newsman.publish.identity.bare_names import BareName
from newsman.publish.rebuild.names_in_log import NamesInLog
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.bearers import BearerTable
from newsman.redis.aliases import AliasReader
from newsman.redis.articles import Gone
from newsman_schemas.articles import ArticleEnriched, LogPlace, article_id, former_ids

from .conftest import MINUTE, NOON, killed, pushed

ONE, TWO = "https://news.example/one.rss", "https://news.example/two.rss"
BARE = article_id("desk", "54")
FIRST, SECOND = (article_id("desk", "54", feed=feed) for feed in (ONE, TWO))


def at(minute: int, event: ArticleEnriched, feed: str | None = None) -> ArticleEnriched:
    """The event as it came at a place in the log, without a time of its own."""
    moment = NOON + MINUTE * minute
    ident = article_id("desk", event.article.uri, feed=feed)
    place = LogPlace(partition=0 if feed else 1, offset=minute, logged_at=moment)
    fields = {"id": ident, "version_created": moment, "received_at": moment, "log_place": place}
    return event.model_copy(
        update={
            "event_id": f"{ident}-{minute}",
            "occurred_at": moment,
            "article": event.article.model_copy(update=fields),
            "former_ids": former_ids("desk", event.article.uri, feed=feed),
        }
    )


def shown(desk) -> dict[str, str]:
    listed = desk.wait(desk.reader.listed("latest"))
    return {stored.article.id: stored.article.headline for stored in listed}


def refusal(desk, event: ArticleEnriched) -> str:
    (answer,) = desk.wait(desk.new_gate().accept([event]))
    assert isinstance(answer, Unprocessable)
    return str(answer)


def test_a_correction_a_hold_and_a_kill_reach_it(desk):
    desk.push(at(1, pushed("54", headline="The lock"), ONE))
    desk.push(at(2, pushed("54", headline="The lock is open")))
    assert shown(desk) == {FIRST: "The lock is open"}
    places = desk.wait(AliasReader(desk.client, desk.namespace).places([BARE]))
    assert places == {BARE: FIRST}
    desk.push(at(3, pushed("54", pubstatus="withheld")))
    assert shown(desk) == {}
    desk.push(at(4, pushed("54", headline="Open again")))
    assert shown(desk) == {FIRST: "Open again"}
    desk.push(at(5, killed("54")), at(6, pushed("54", headline="The lock"), ONE))
    assert isinstance(desk.wait(desk.reader.find(FIRST)), Gone)
    desk.push(at(7, pushed("54", 2, headline="Checked")))
    assert shown(desk) == {FIRST: "Checked"}


def test_a_kill_that_comes_first_waits_for_it(desk):
    desk.push(at(1, killed("54", 2)))
    desk.restart()
    desk.push(at(2, pushed("54"), ONE), at(3, pushed("54", headline="Another"), TWO))
    assert shown(desk) == {SECOND: "Another"}
    desk.push(at(4, pushed("54", 3, headline="Newer"), ONE))
    assert shown(desk) == {FIRST: "Newer", SECOND: "Another"}


def test_a_hold_that_comes_first_waits_and_is_lifted_by_a_push(desk):
    desk.push(at(1, pushed("54", 2, pubstatus="withheld")), at(2, pushed("54"), ONE))
    assert shown(desk) == {}
    desk.restart()
    desk.push(at(3, pushed("54", 3, headline="Checked")))
    assert shown(desk) == {FIRST: "Checked"}


def test_what_may_mean_two_is_refused_and_says_how_to_mend_it(desk):
    links = [f"https://news.example/{name}" for name in ("a", "b")]
    desk.push(
        at(1, pushed("54", headline="A", canonical_url=links[0]), ONE),
        at(2, pushed("54", headline="B", canonical_url=links[1]), TWO),
    )
    told = refusal(desk, at(3, killed("54")))
    assert all(part in told for part in ("ambiguous", FIRST, SECOND, "canonical_url"))
    assert "54 names several" in refusal(desk, at(3, pushed("54", headline="C")))
    assert shown(desk) == {FIRST: "A", SECOND: "B"}
    desk.push(at(4, killed("54", canonical_url=links[1] + "?utm_source=x")))
    assert shown(desk) == {FIRST: "A"}
    desk.push(at(5, pushed("54", headline="C", canonical_url="https://news.example/c")))
    assert shown(desk) == {FIRST: "A", BARE: "C"}


def test_what_stood_before_names_were_noted_is_one_of_them(desk):
    desk.push(at(1, pushed("54", headline="A push of before")))
    desk.wait(desk.client.delete(desk.keys.bearers(BARE)))
    desk.restart()
    desk.push(at(2, pushed("54", headline="The feed's"), ONE), at(3, killed("54")))
    assert shown(desk) == {FIRST: "The feed's"}


def test_another_source_and_a_refused_neighbour_are_not_reached(desk):
    desk.push(at(1, pushed("54", headline="A"), ONE), at(2, pushed("54", headline="B"), TWO))
    events = [at(3, killed("54")), at(4, pushed("urn:other")), at(5, killed("55"))]
    answers = desk.wait(desk.new_gate().accept(events))
    assert [isinstance(answer, Unprocessable) for answer in answers] == [True, False, False]
    assert shown(desk).keys() == {FIRST, SECOND, article_id("desk", "urn:other")}


STORIES = {
    "killed, then another": (
        [
            at(1, pushed("54", headline="A"), ONE),
            at(2, killed("54", 2)),
            at(3, pushed("54", headline="B"), TWO),
        ],
        {SECOND: "B"},
    ),
    "killed first": (
        [
            at(1, killed("54", 2)),
            at(2, pushed("54", headline="A"), ONE),
            at(3, pushed("54", headline="B"), TWO),
        ],
        {SECOND: "B"},
    ),
    "corrected, then another": (
        [
            at(1, pushed("54", headline="A"), ONE),
            at(2, pushed("54", headline="A, corrected")),
            at(3, pushed("54", headline="B"), TWO),
        ],
        {FIRST: "A, corrected", SECOND: "B"},
    ),
    "ambiguous": (
        [
            at(1, pushed("54", headline="A"), ONE),
            at(2, pushed("54", headline="B"), TWO),
            at(3, killed("54", 2)),
        ],
        {FIRST: "A", SECOND: "B"},
    ),
    "killed, then pushed": (
        [
            at(1, killed("54", 2)),
            at(2, pushed("54", 3, headline="Own")),
            at(3, pushed("54", headline="A"), ONE),
            at(4, pushed("54", 2, headline="B"), TWO),
        ],
        {BARE: "Own", FIRST: "A", SECOND: "B"},
    ),
    "another story by its link": (
        [
            at(1, pushed("54", headline="A", canonical_url="https://news.example/a"), ONE),
            at(2, pushed("54", headline="Own", canonical_url="https://news.example/b")),
            at(3, killed("54", 2)),
        ],
        {FIRST: "A"},
    ),
    "pushed first": (
        [
            at(1, pushed("54", headline="Own")),
            at(2, pushed("54", headline="A"), ONE),
            at(3, killed("54", 2)),
        ],
        {FIRST: "A"},
    ),
}


@pytest.mark.parametrize(("events", "expected"), STORIES.values(), ids=STORIES)
def test_a_replay_gives_the_same_in_every_order_of_partitions(desk, events, expected):
    gate = desk.new_gate()
    for event in events:
        desk.wait(gate.accept([event]))
    assert shown(desk) == expected
    own_first = [e for e in events if e.article.id == BARE]
    for number, order in enumerate(permutations(events)):
        if [e for e in order if e.article.id == BARE] != own_first:
            continue
        store = ArticleStore(desk.client, desk.namespace, building=f"r{number}")
        names = names_in(order)
        desk.wait(BearerTable(store).add({name: bare.bearers for name, bare in names.items()}))
        again = type(gate)(store, lambda: desk.now)
        for event in order:
            desk.wait(again.replay([event]))
        assert rebuilt(desk, f"r{number}") == expected


def names_in(events: Iterable[ArticleEnriched]) -> dict[str, BareName]:
    """The names in a log, as a rebuild reads them."""
    names = NamesInLog()
    for take in (names.take_feed_item, names.take_push):
        for event in events:
            take(event.model_dump_json().encode())
    return names.whole()


def rebuilt(desk, generation: str) -> dict[str, str]:
    keys = type(desk.keys)(desk.namespace, generation)
    members = desk.wait(desk.client.zrange(keys.index("latest"), 0, -1))
    found = {}
    for member in members:
        state = desk.wait(
            ArticleStore(desk.client, desk.namespace, building=generation).load(member.decode())
        ).state
        found[member.decode()] = state.shown.headline
    return found


@pytest.mark.parametrize("is_kill", [True, False])
def test_a_push_that_overtakes_its_article_finds_it(desk, is_kill):
    article = at(1, pushed("54", headline="A"), ONE)
    push = at(2, killed("54", 2)) if is_kill else at(2, pushed("54", headline="A, corrected"))
    desk.push(push, article)
    assert list(shown(desk).values()) == ([] if is_kill else ["A, corrected"])
    desk.push(at(3, killed("54", 3)))
    assert shown(desk) == {}


def test_a_name_that_very_many_have_is_kept_within_bounds(desk):
    feeds = [f"https://news.example/{number}.rss" for number in range(230)]
    events = [at(n, pushed("54", headline="A"), feed) for n, feed in enumerate(feeds)]
    gate = desk.new_gate()
    for start in range(0, len(events), 10):
        desk.wait(gate.accept(events[start : start + 10]))
    assert desk.wait(desk.client.hlen(desk.keys.bearers(BARE))) <= 210
    assert "ambiguous" in refusal(desk, at(300, killed("54")))


def test_a_large_hold_waits_without_its_text(desk):
    large = pushed("54", 2, pubstatus="withheld", body_text="x" * 900_000, extra={"a": "b" * 9_000})
    desk.push(at(1, large))
    kept = desk.wait(desk.client.hvals(desk.keys.bearers(BARE)))
    assert [len(value) < 10_000 for value in kept] == [True]
    desk.push(at(2, pushed("54", headline="A"), ONE))
    assert shown(desk) == {}


def test_kills_that_wait_are_not_kept_without_end(desk):
    for minute in range(30):
        desk.push(at(minute, killed("54")))
    assert desk.wait(desk.client.hlen(desk.keys.bearers(BARE))) <= 20
    desk.push(at(40, pushed("54", headline="A"), ONE))
    assert shown(desk) == {}
