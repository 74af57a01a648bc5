"""An article's views judged again from the log, by the rule that counts them."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.popularity.operator.explanation import Explanation, _judge_all
from newsman_schemas.popularity import ArticleViewed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOON_SECONDS = int(NOON.timestamp())
WINDOW = 1_800


def viewed(minutes: float = 0, **changes: object) -> tuple[ArticleViewed, int, int]:
    """A view so many minutes after noon, logged at noon unless it came later."""
    told = {
        "event_id": "1",
        "occurred_at": NOON + timedelta(minutes=minutes),
        "article_id": "a" * 16,
        "reader": "ann",
    }
    logged = NOON_SECONDS + max(0, int(minutes * 60))
    view = ArticleViewed.model_validate({**told, **changes})
    return view, int(view.occurred_at.timestamp()), logged


def judged(*views: tuple[ArticleViewed, int, int], window: int = WINDOW) -> Explanation:
    explanation = Explanation("a" * 16, NOON)
    _judge_all(explanation, views, window)
    return explanation


def test_a_reader_counts_again_once_the_window_is_over_and_not_a_second_before():
    told = judged(viewed(0), viewed(29.99), viewed(30), viewed(30, reader="bob"))
    assert told.verdicts == Counter(counted=3, duplicate=1)
    assert [reader for _, reader in told.counted] == ["ann", "ann", "bob"]


def test_an_earlier_view_that_comes_later_is_judged_against_both_neighbours():
    told = judged(viewed(-60), viewed(60), viewed(31), viewed(-31), viewed(0))
    assert told.verdicts == Counter(counted=3, duplicate=2)
    assert [(at - NOON_SECONDS) // 60 for at, _ in told.counted] == [-60, 60, 0]


def test_a_resend_of_what_counted_is_a_duplicate_however_late_and_by_whomever():
    told = judged(viewed(0, resend_id="x"), viewed(600, resend_id="x", reader="bob"))
    assert told.verdicts == Counter(counted=1, duplicate=1)


def test_a_resend_of_a_duplicate_is_one_too():
    told = judged(viewed(0), viewed(1, resend_id="x"), viewed(60, resend_id="x"))
    assert told.verdicts == Counter(counted=1, duplicate=2)


@pytest.mark.parametrize(
    "change",
    [{"agent": "crawler"}, {"filtered": "rate"}, {"discounted": "untokened"}, {"leaving": True}],
)
def test_the_id_of_what_could_not_count_keeps_nothing_else_from_counting(change):
    """The counting keeps ids only of views that may count, and this must say the same."""
    told = judged(viewed(0, resend_id="x", **change), viewed(1, resend_id="x"))
    assert told.verdicts["counted"] == 1
    assert told.verdicts["duplicate"] == 0


def test_views_without_an_id_are_no_resends_of_each_other():
    told = judged(viewed(0), viewed(0, reader="bob"))
    assert told.verdicts == Counter(counted=2)


def test_what_does_not_count_is_told_by_its_reason_and_tokens_are_listed_beside():
    told = judged(
        viewed(0, agent="crawler"),
        viewed(0, filtered="datacentre", token="missing"),
        viewed(0, token="valid"),
        (*viewed(10)[:2], NOON_SECONDS),
        viewed(-8 * 24 * 60),
    )
    assert told.verdicts == Counter(crawler=1, datacentre=1, counted=1, future=1, late=1)
    assert told.tokens == Counter(missing=1, valid=1)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(-300, 0)), max_size=40),
    st.sampled_from([0, 600, 1_800]),
)
def test_counted_views_of_a_reader_lie_a_window_apart_and_no_other_would_fit(views, window):
    told = judged(*(viewed(minute, reader=reader) for reader, minute in views), window=window)
    times = {name: [at for at, reader in told.counted if reader == name] for name in "ab"}
    for own in times.values():
        assert all(abs(a - b) >= window for i, a in enumerate(own) for b in own[:i])
    for reader, minute in views:
        at = NOON_SECONDS + minute * 60
        assert at in times[reader] or any(abs(at - t) < window for t in times[reader])
    assert told.verdicts["counted"] + told.verdicts["duplicate"] == len(views)
