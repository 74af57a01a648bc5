"""Parked messages and the guard that keeps a topic from draining into them."""

from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.kafka.records import Record, Unprocessable, header
from newsman.kafka.rejects import (
    MAX_DETAIL_CHARACTERS,
    RejectionGuard,
    TooManyRejected,
    build_park,
    park_message,
    rejected,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def message(**changes):
    told = {"topic": "ns.t", "partition": 3, "offset": 17, "key": b"k", "value": b"\xff\x00"}
    told["headers"] = [("newsman-event", b"article-received.v1"), ("traceparent", b"00-ab-cd-01")]
    return SimpleNamespace(**{**told, **changes})


def test_a_message_is_parked_as_it_was_with_its_place_and_told_in_the_log(caplog):
    problem = Unprocessable("invalid", "/article: no “headline”")
    record = park_message(message(), problem, stage="publish", at=NOON)
    assert (record.key, record.value) == (b"k", b"\xff\x00")
    told = {
        name: header(record.headers, f"newsman-{name}") for name in ("stage", "reason", "detail")
    }
    assert told == {"stage": "publish", "reason": "invalid", "detail": "/article: no “headline”"}
    assert "rejected ns.t[3]@17: invalid: /article" in caplog.text
    (line,) = caplog.records
    assert (line.article, line.event, line.trace_id) == ("k", "article-received.v1", "ab")


def test_a_message_without_a_key_or_value_is_parked_with_empty_ones():
    parked = park_message(
        message(key=None, value=None), Unprocessable("empty", ""), stage="x", at=NOON
    )
    assert (parked.key, parked.value) == (b"", b"")


def test_what_came_over_http_has_no_place_in_a_topic():
    record = rejected(
        stage="ingest", reason="r", detail="d", key=None, value=b"v", origin=None, at=NOON
    )
    names = {name for name, _ in record.headers}
    assert not names & {"newsman-topic", "newsman-partition", "newsman-offset"}


@given(st.text(st.characters(exclude_categories=()), max_size=2 * MAX_DETAIL_CHARACTERS))
def test_any_detail_goes_into_a_header_lone_surrogates_too(detail):
    record = rejected(
        stage="x", reason="r", detail=detail, key=None, value=None, origin=None, at=NOON
    )
    told = header(record.headers, "newsman-detail")
    assert told is not None
    assert len(told) == min(len(detail), MAX_DETAIL_CHARACTERS)


class Producer:
    """Notes what is sent, and that it was waited for while the pulse was excused."""

    def __init__(self) -> None:
        self.sent = []
        self.is_excused = False
        self.waited_for = []

    def send(self, topic, **told):
        self.sent.append((topic, told["key"], told["value"], told["headers"]))
        number = len(self.sent)

        def get(*, timeout):
            assert self.is_excused
            assert timeout > 0
            self.waited_for.append(number)

        return SimpleNamespace(get=get)

    @contextmanager
    def excused(self):
        self.is_excused = True
        yield
        self.is_excused = False


def test_parking_returns_once_every_record_is_acknowledged():
    producer = Producer()
    park = build_park(producer, "ns.rejected.v1", producer)
    records = [Record(b"a", b"1", [("n", b"x")]), Record(b"", b"", [])]
    park(records)
    assert producer.sent == [("ns.rejected.v1", r.key, r.value, r.headers) for r in records]
    assert producer.waited_for == [1, 2]
    assert not producer.is_excused


def test_the_share_is_judged_at_the_end_of_each_window_and_then_anew():
    guard = RejectionGuard(window=4, share=0.5)
    for was_rejected in (True, True, False, False) * 3:
        guard.note(was_rejected=was_rejected)
    for _ in range(3):
        guard.note(was_rejected=True)
    with pytest.raises(TooManyRejected, match="4 of the last 4"):
        guard.note(was_rejected=True)


def test_a_window_begins_with_the_first_that_is_rejected():
    """However much was good before it, what follows is bad from the beginning."""
    guard = RejectionGuard(window=10, share=0.5)
    guard.note_good(1_000_000)
    with pytest.raises(TooManyRejected):
        for _ in range(10):
            guard.note(was_rejected=True)


@given(st.lists(st.integers(0, 5), max_size=60), st.integers(1, 9))
def test_good_messages_that_are_counted_at_once_count_each(runs, window):
    """Each number is that of the good messages between two that are rejected."""

    def stops_at(count_good) -> int | None:
        guard = RejectionGuard(window=window, share=0.5)
        for place, good in enumerate(runs):
            try:
                guard.note(was_rejected=True)
                count_good(guard, good)
            except TooManyRejected:
                return place
        return None

    def one_by_one(guard: RejectionGuard, good: int) -> None:
        for _ in range(good):
            guard.note_good(1)

    assert stops_at(RejectionGuard.note_good) == stops_at(one_by_one)
