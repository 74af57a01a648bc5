"""Events as records and back, and what is parked."""

from datetime import UTC, datetime

import pytest

from newsman.kafka.records import Unprocessable, decode, encode, header, new_traceparent
from newsman.kafka.rejects import (
    MAX_DETAIL_CHARACTERS,
    Origin,
    RejectionGuard,
    TooManyRejected,
    rejected,
)
from newsman_schemas.popularity import ArticleViewed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
VIEWED = ArticleViewed(event_id="1", occurred_at=NOON, article_id="a" * 16, reader="r")


def test_an_event_comes_back_as_it_went():
    record = encode(VIEWED, traceparent="00-1-2-01")
    assert decode(ArticleViewed, record.value) == VIEWED
    assert record.key == b"a" * 16
    assert header(record.headers, "newsman-event") == "article-viewed.v1"
    assert header(record.headers, "content-type") == "application/json"
    assert header(dict(record.headers), "traceparent") == "00-1-2-01"
    assert header(record.headers, "absent") is None


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (None, "empty", "no value"),
        (b"\xff\xfe", "invalid", ""),
        (b"{}", "invalid", "/event_id"),
        (b'{"event_id": "1"', "invalid", ""),
    ],
)
def test_bytes_that_are_no_event_are_refused_with_the_place(value, reason, detail):
    with pytest.raises(Unprocessable) as caught:
        decode(ArticleViewed, value)
    assert caught.value.reason == reason
    assert detail in caught.value.detail


def test_a_traceparent_has_the_form_of_trace_context():
    version, trace, span, flags = new_traceparent().split("-")
    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")
    assert new_traceparent() != new_traceparent()


def test_a_parked_message_keeps_its_bytes_and_says_where_it_came_from():
    record = rejected(
        stage="enrich",
        reason="invalid",
        detail="x" * 9_999,
        key=b"k",
        value=b"\x00\xff not json",
        origin=Origin("t", 3, 17),
        at=NOON,
        attempts=2,
    )
    assert (record.key, record.value) == (b"k", b"\x00\xff not json")
    told = {name: value.decode() for name, value in record.headers}
    assert len(told.pop("newsman-detail")) == MAX_DETAIL_CHARACTERS
    assert told == {
        "newsman-stage": "enrich",
        "newsman-reason": "invalid",
        "newsman-attempts": "2",
        "newsman-first-at": "2026-03-02T12:00:00+00:00",
        "newsman-topic": "t",
        "newsman-partition": "3",
        "newsman-offset": "17",
    }


def test_too_large_a_share_of_rejections_stops_the_consumer():
    guard = RejectionGuard(window=10, share=0.5)
    with pytest.raises(TooManyRejected, match="6 of the last 10"):
        for number in range(10):
            guard.note(was_rejected=number < 6)


def test_a_few_rejections_do_not_stop_the_consumer():
    guard = RejectionGuard(window=10, share=0.5)
    for number in range(100):
        guard.note(was_rejected=number % 2 == 0)
