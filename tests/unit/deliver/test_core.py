"""What follows from a receiver's answer."""

from datetime import UTC, datetime

import pytest

from newsman.deliver.core import (
    DISABLE_AFTER_SECONDS,
    KILLED,
    LONGEST_KILL_WAIT_SECONDS,
    AttemptResult,
    Delivered,
    Disable,
    GiveUp,
    Pause,
    Retry,
    decide,
    is_failing_too_long,
    retry_after_seconds,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def judged(
    answer: AttemptResult, attempt: int = 1, jitter: float = 0.0, event: str = "article.published"
):
    return decide(answer, event=event, attempt=attempt, jitter=jitter, now=NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_delivery(status):
    assert judged(AttemptResult(status), attempt=10) == Delivered()


@pytest.mark.parametrize("status", [None, 301, 302, 400, 401, 404, 429, 500, 502, 503, 504])
def test_anything_else_is_tried_again_redirects_too(status):
    assert judged(AttemptResult(status)) == Retry(wait_seconds=5, hold_seconds=0)


def test_410_disables_the_subscription():
    assert judged(AttemptResult(410)) == Disable()


def test_an_address_that_is_refused_pauses_the_subscription():
    assert judged(AttemptResult(500, is_refused=True), event=KILLED) == Pause()


def test_the_schedule_is_that_of_standard_webhooks_and_a_day_more():
    verdicts = [judged(AttemptResult(500), attempt) for attempt in range(1, 12)]
    hour = 3_600
    waits = [v.wait_seconds for v in verdicts[:-1]]
    assert waits == [
        *(5, 300, 1_800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour),
        24 * hour,
    ]
    assert sum(waits) > 4 * 24 * hour
    assert verdicts[-1] == GiveUp()


@pytest.mark.parametrize("attempt", [11, 12, 500])
def test_a_kill_is_tried_until_it_is_acknowledged_and_never_waits_long(attempt):
    verdict = judged(AttemptResult(500), attempt, event=KILLED)
    assert verdict == Retry(wait_seconds=LONGEST_KILL_WAIT_SECONDS, hold_seconds=0)
    assert judged(AttemptResult(500), event=KILLED).wait_seconds == 5


def test_jitter_lengthens_the_wait_by_up_to_a_tenth():
    assert judged(AttemptResult(500), 2, jitter=0.5).wait_seconds == pytest.approx(315)
    assert judged(AttemptResult(500), 2, jitter=1.0).wait_seconds == pytest.approx(330)


def test_a_longer_retry_after_wins_over_the_schedule_and_holds_everything():
    assert judged(AttemptResult(503, "120")) == Retry(wait_seconds=120, hold_seconds=120)


def test_an_answer_that_is_no_throttling_puts_off_its_own_delivery_alone():
    assert judged(AttemptResult(500, "120")) == Retry(wait_seconds=120, hold_seconds=0)


def test_a_shorter_retry_after_does_not_shorten_the_schedule():
    assert judged(AttemptResult(429, "60"), attempt=2) == Retry(wait_seconds=300, hold_seconds=60)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("90", 90),
        (" 90 ", 90),
        ("99999999999999999999", 86_400),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 12:01:00 -0000", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("Fri, 02 Mar 2040 12:00:00 GMT", 86_400),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_never_over_a_day(value, seconds):
    assert retry_after_seconds(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("failing_seconds", "is_too_long"),
    [(DISABLE_AFTER_SECONDS - 1, False), (DISABLE_AFTER_SECONDS, True)],
)
def test_five_days_of_failures_are_too_long(failing_seconds, is_too_long):
    now_ms = 1_772_452_800_000
    assert is_failing_too_long(now_ms - failing_seconds * 1_000, now_ms=now_ms) is is_too_long
    assert not is_failing_too_long(0, now_ms=now_ms)
