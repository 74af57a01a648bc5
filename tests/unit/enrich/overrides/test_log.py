"""Overrides are read up to the end of their log before each answer, or nobody gets an answer."""

import asyncio
from datetime import UTC, datetime

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError
from tests.fake_log import FakeBroker

from newsman.enrich.overrides.log import OverrideLog, Overrides
from newsman.enrich.overrides.overrides import NOTHING, Override
from newsman.kafka.compacted_logs import newest_events
from newsman.kafka.compacted_logs.compacted_log import CompactedLog
from newsman.kafka.log import TopicLog
from newsman_schemas.editing import ArticleOverridden
from newsman_schemas.topics import ARTICLE_OVERRIDDEN

TOPIC = ARTICLE_OVERRIDDEN.full_name("n")
PART = TopicPartition(TOPIC, 0)
ONE = "a" * 16


def event(*added: str) -> bytes:
    return (
        ArticleOverridden(
            event_id="e",
            occurred_at=datetime(2026, 3, 2, tzinfo=UTC),
            article_id=ONE,
            added=added,
            removed=(),
            by="desk",
            reason="",
        )
        .model_dump_json()
        .encode()
    )


def broker(**values: bytes) -> FakeBroker:
    held = {int(name.removeprefix("at")): value for name, value in values.items()}
    return FakeBroker({PART: sorted(held)}, values=held)


def opened(on: FakeBroker) -> OverrideLog:
    topics = TopicLog(on, silence_seconds=5, clock=lambda: on.seconds)
    return CompactedLog(topics, TOPIC, ArticleOverridden)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(newest_events, "PATIENCE_SECONDS", 0)


def get(overrides: Overrides) -> Override:
    return asyncio.run(overrides.get(ONE))


def test_the_last_word_holds_and_nothing_takes_it_back():
    on = broker(at0=event("first"), at4=event("second"))
    overrides = Overrides(lambda: opened(on))
    assert overrides.problem() == "editors' overrides are being read"
    assert get(overrides) == Override(added=("second",))
    assert overrides.problem() is None
    on.offsets[PART].append(5)
    on.ends[PART], on.values[5] = 6, event()
    assert get(overrides) == NOTHING


def test_a_client_that_stands_still_is_replaced_and_readiness_says_why():
    standing, whole = broker(at0=event("first")), broker(at0=event("first"))
    standing.silent = {PART}
    brokers, problems = iter([standing, whole]), []

    def open_log() -> OverrideLog:
        problems.append(overrides.problem())
        return opened(next(brokers))

    overrides = Overrides(open_log)
    assert get(overrides) == Override(added=("first",))
    assert standing.is_closed
    assert not whole.is_closed
    assert problems[1].endswith(f"for 5 s: {TOPIC}[0] stands at 0, 1 are missing up to 1")
    assert overrides.problem() is None


def test_a_broker_that_is_away_keeps_its_client():
    on, answers = broker(at0=event("first")), iter([KafkaTimeoutError("away"), None])
    ends = on.end_offsets

    def end_offsets(parts, *, timeout_ms):
        if (answer := next(answers, None)) is not None:
            raise answer
        return ends(parts, timeout_ms=timeout_ms)

    on.end_offsets = end_offsets
    overrides = Overrides(lambda: opened(on))
    assert get(overrides) == Override(added=("first",))
    assert not on.is_closed
