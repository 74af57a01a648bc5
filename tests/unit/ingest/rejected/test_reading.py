"""A refused push is read again under its source; what was taken at once does not go out twice."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsman.ingest.rejected.how_read import HowRead
from newsman.ingest.rejected.reading import read_again
from newsman.ingest.sources.sources_file import Source
from newsman.kafka.commands.parked import Parked
from newsman.kafka.commands.settling import NotReplayable
from newsman.kafka.rejects import rejected

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOURCE = Source(
    id="desk",
    name="desk",
    keys=(),
    secrets=(),
    formats=None,
    max_body_bytes=None,
    pushes_per_minute=None,
    language="nb",
    section=None,
    timezone=ZoneInfo("Europe/Oslo"),
)
GOOD = {"uri": "urn:1", "headline": "One", "body_text": "It is."}
BAD = {"uri": "urn:2", "headline": "Two", "body_text": "It is.", "published_at": "Tue,"}
MENDED = {**BAD, "published_at": "2026-03-01T08:00:00"}


def parked(body: bytes, how: HowRead, reason: str = "invalid") -> Parked:
    record = rejected(
        stage="ingest",
        reason=reason,
        detail="",
        key=b"desk",
        value=body,
        origin=None,
        at=AT,
        more=how.headers(),
    )
    return Parked(7, record.key, record.value, record.headers)


def dumped(*items: dict) -> bytes:
    return json.dumps(items).encode()


def sent(again) -> list[dict]:
    return [json.loads(record.value)["article"] for _, record in again.records]


JSON = HowRead("application/json")


def test_what_is_mended_is_sent_with_the_defaults_of_its_source():
    again = read_again(parked(dumped(BAD), JSON), dumped(MENDED), SOURCE)
    (article,) = sent(again)
    assert (article["source"], article["language"]) == ("desk", "nb")
    assert article["published_at"] == "2026-03-01T07:00:00Z"
    assert article["version_created"] == "2026-03-02T12:00:00Z"
    assert [topic for topic, _ in again.records] == ["article-received.v1"]
    assert again.is_whole


def test_of_a_batch_only_what_was_refused_is_sent():
    how = HowRead("application/json", refused=(1,))
    again = read_again(parked(dumped(GOOD, BAD), how), dumped(GOOD, MENDED), SOURCE)
    assert [article["uri"] for article in sent(again)] == ["urn:2"]
    assert "1 sent, 1 were taken before" in again.summary
    again = read_again(parked(dumped(GOOD, BAD), how), dumped(MENDED), SOURCE)
    assert [article["uri"] for article in sent(again)] == ["urn:2"]
    changed = {**GOOD, "headline": "Otherwise"}
    again = read_again(parked(dumped(GOOD, BAD), how), dumped(changed, MENDED), SOURCE)
    assert [article["uri"] for article in sent(again)] == ["urn:1", "urn:2"]


def test_what_the_reading_has_learned_needs_no_mending():
    how = HowRead("application/json", refused=(1,))
    again = read_again(parked(dumped(GOOD, MENDED), how), None, SOURCE)
    assert [article["uri"] for article in sent(again)] == ["urn:2"]


def test_what_is_still_wrong_says_so():
    with pytest.raises(NotReplayable, match=r"7 was not sent: .*published_at"):
        read_again(parked(dumped(BAD), JSON), None, SOURCE)
    with pytest.raises(NotReplayable, match="7 was not sent"):
        read_again(parked(b"{", JSON, "unreadable"), None, SOURCE)
    again = read_again(parked(dumped(BAD, BAD), JSON), dumped(MENDED, BAD), SOURCE)
    assert not again.is_whole
    assert "1 refused: /1/published_at" in again.summary


def test_format_and_event_are_those_of_the_request():
    ninjs = HowRead(None, "ninjs")
    body = json.dumps(
        {"guid": "urn:3", "type": "text", "headline": "Three", "version": "2"}
    ).encode()
    again = read_again(parked(body, ninjs), None, SOURCE)
    assert sent(again)[0]["version"] == 2
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/a", "ce-type": "t"}
    event = HowRead("application/json", event_headers=headers)
    again = read_again(parked(json.dumps(GOOD).encode(), event), None, SOURCE)
    assert sent(again)[0]["extra"]["cloudevent"]["id"] == "1"


def test_events_are_read_as_events():
    meta = {"stream": "newsman.article", "id": "e"}
    events = [{"$schema": "/newsman/article/1.0.0", "meta": meta, **each} for each in (GOOD, BAD)]
    how = HowRead(format_name="events", refused=(1,))
    mended = [events[0], {**events[1], "published_at": None}]
    again = read_again(parked(dumped(*events), how), dumped(*mended), SOURCE)
    assert [article["uri"] for article in sent(again)] == ["urn:2"]


def test_a_format_that_the_source_may_not_use_is_refused_here_too():
    only_rss = replace(SOURCE, formats=frozenset({"rss"}))
    with pytest.raises(NotReplayable, match="rss only"):
        read_again(parked(dumped(GOOD), JSON), None, only_rss)


def test_a_warning_is_nothing_to_send():
    with pytest.raises(NotReplayable, match="was taken"):
        read_again(parked(dumped(GOOD), JSON, "warning"), None, SOURCE)
