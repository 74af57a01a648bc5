"""What was refused or parked is mended and sent again: it comes where it belongs in the log, once,
and what came meanwhile stays the later, at readers and after a rebuild."""

import json
import re
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest

from newsman import cli
from newsman_schemas.articles import article_id

from .test_holds_everywhere import rebuild
from .test_identity import rss

KEY = {"Authorization": "Bearer demo-key"}


@pytest.fixture
def ingest(newsroom) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=newsroom.url("ingest"), headers=KEY) as client:
        yield client


@pytest.fixture
def feeds(newsroom) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=newsroom.url("feeds")) as client:
        yield client


@pytest.fixture
def newsman(newsroom, monkeypatch, capfd) -> Callable[..., str]:
    """Runs a command that must go well, and answers its output."""
    for name, value in newsroom.services["ingest"].env.items():
        if name.startswith("NEWSMAN_"):
            monkeypatch.setenv(name, value)

    def run(*words: str) -> str:
        status = cli.main(list(words))
        out, err = capfd.readouterr()
        assert status == 0, err
        return out

    return run


@pytest.fixture
def replay(newsman, eventually, tmp_path) -> Callable[..., str]:
    """Replays the parked message in which a word stands, after mending its bytes."""

    def replay(word: str, wrong: str, right: str) -> str:
        listed = lambda: newsman("rejected", "list", "--all").splitlines()  # noqa: E731
        offset = eventually(lambda: offset_of(newsman, listed(), word), what=f"{word} is parked")
        mended = tmp_path / "mended"
        mended.write_text(newsman("rejected", "show", offset, "--raw").replace(wrong, right))
        return newsman("rejected", "replay", offset, "--file", str(mended))

    return replay


def offset_of(newsman, lines: list[str], word: str) -> str | None:
    offsets = [match[0] for line in lines if (match := re.match(r"\d+", line.strip()))]
    return next((o for o in offsets if word in newsman("rejected", "show", o, "--raw")), None)


def headline(feeds: httpx.Client, ident: str) -> str | None:
    answer = feeds.get(f"/v1/articles/{ident}")
    return answer.json()["headline"] if answer.status_code == 200 else None


def versions(feeds: httpx.Client, ident: str) -> list[str]:
    items = feeds.get(f"/v1/articles/{ident}/versions").json()["items"]
    return [item["headline"] for item in items]


def test_what_http_refused_comes_where_it_belongs_and_once(
    newsroom, ingest, feeds, replay, eventually
):
    name = f"urn:replayed:{uuid.uuid4().hex}"
    refused, taken, alone = ({"uri": f"{name}:{kind}", "headline": "x"} for kind in "abc")
    batch = [
        {**refused, "headline": "Refused first", "published_at": "Tue,"},
        {**taken, "headline": "Taken with it"},
        {**alone, "headline": "Came never else", "published_at": "Tue,"},
    ]
    answer = ingest.post("/v1/articles", json=batch)
    assert answer.status_code == 207
    ids = [ingest.post("/v1/articles", json=each).json()["id"] for each in (refused, taken)]
    ingest.post("/v1/articles", json={**refused, "headline": "Came meanwhile"})
    ingest.post("/v1/articles", json={**taken, "headline": "Corrected meanwhile"})
    expected = ["Came meanwhile", "Corrected meanwhile"]
    eventually(lambda: [headline(feeds, ident) for ident in ids] == expected)
    assert "2 sent, 1 were taken before" in replay(name, "Tue,", "2026-03-01T08:00:00Z")
    last = article_id("demo", alone["uri"])
    alone_came = lambda: headline(feeds, last) == "Came never else"  # noqa: E731
    eventually(alone_came, what="what came never else")
    late = lambda: "Refused first" in versions(feeds, ids[0])  # noqa: E731
    eventually(late, what="the refused one is an older version")
    # Once more, as somebody does who is not sure: nothing is there twice.
    replay(name, "Tue,", "2026-03-01T08:00:00Z")
    beside = ingest.post("/v1/articles", json={"uri": f"{name}:d", "headline": "Beside"}).json()
    eventually(lambda: headline(feeds, beside["id"]) == "Beside")
    for _ in range(2):
        assert [headline(feeds, ident) for ident in ids] == expected
        assert versions(feeds, ids[0]) == ["Came meanwhile", "x", "Refused first"]
        assert versions(feeds, ids[1]) == ["Corrected meanwhile", "x", "Taken with it"]
        assert versions(feeds, last) == ["Came never else"]
        rebuild(newsroom)


def test_a_number_that_was_refused_counts_when_it_is_mended(ingest, feeds, replay, eventually):
    name = f"urn:replayed:{uuid.uuid4().hex}"
    item = {"uri": name, "headline": "Third", "version": 3, "urgency": "high"}
    assert ingest.post("/v1/articles", json=item).status_code == 400
    second = {"uri": name, "headline": "Second", "version": 2}
    ident = ingest.post("/v1/articles", json=second).json()["id"]
    eventually(lambda: headline(feeds, ident) == "Second")
    replay(name, '"high"', "2")
    eventually(lambda: headline(feeds, ident) == "Third", what="the higher number")


def test_a_kill_that_might_mean_two_is_mended_with_a_link(ingest, feeds, replay, eventually):
    number = str(uuid.uuid4().int % 10**9)
    ids = []
    for place in ("a", "b"):
        link = f"https://replayed.example/{number}/{place}"
        item = f"<title>In {place}</title><guid>{number}</guid><link>{link}</link>"
        feed = rss(f"https://replayed.example/{number}/{place}.rss", item)
        kind = {"Content-Type": "application/rss+xml"}
        answer = ingest.post("/v1/articles", content=feed, headers=kind).json()
        ids.append(answer["items"][0]["id"])
    eventually(lambda: [headline(feeds, ident) for ident in ids] == ["In a", "In b"])
    kill = {"uri": number, "pubstatus": "canceled", "canonical_url": None}
    assert ingest.post("/v1/articles", json=kill).status_code == 202
    link = json.dumps(f"https://replayed.example/{number}/b")
    replay(f'"uri":"{number}"', '"canonical_url":null', f'"canonical_url":{link}')
    eventually(lambda: headline(feeds, ids[1]) is None, what="the one that is meant")
    assert headline(feeds, ids[0]) == "In a"
