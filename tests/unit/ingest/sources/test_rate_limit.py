"""A source pushes no more often than it may in any minute, by a clock that the test moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.ingest.sources.rate_limit import COSTLY_PER_MINUTE, PushRates, TooOften
from newsman.ingest.sources.sources_file import read_sources

(DESK,) = read_sources(b"[sources.desk]\nkeys = []\npushes_per_minute = 3", where="")
OTHER = replace(DESK, id="other")
UNBOUNDED = replace(DESK, pushes_per_minute=None)


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


def takes(rates, source):
    try:
        rates.count(source)
    except TooOften:
        return False
    return True


def test_the_push_after_the_last_one_allowed_waits_until_the_first_is_a_minute_old():
    clock = Clock()
    rates = PushRates(clock)
    for _ in range(3):
        rates.count(DESK)
        clock.now += 10
    with pytest.raises(TooOften, match="desk may push 3 times a minute") as refused:
        rates.count(DESK)
    assert refused.value.retry_after in (30, 31)
    clock.now += refused.value.retry_after
    assert takes(rates, DESK)
    assert not takes(rates, DESK)


def test_sources_are_counted_apart_and_some_not_at_all():
    rates = PushRates(Clock())
    assert [takes(rates, DESK) for _ in range(4)] == [True, True, True, False]
    assert takes(rates, OTHER)
    assert all(takes(rates, UNBOUNDED) for _ in range(1_000))


@given(st.lists(st.floats(0, 40), max_size=60))
def test_no_minute_holds_more_pushes_than_are_allowed(pauses):
    clock = Clock()
    rates = PushRates(clock)
    taken = []
    for pause in pauses:
        clock.now += pause
        if takes(rates, DESK):
            taken.append(clock.now)
        else:
            assert sum(at > clock.now - 60 for at in taken) >= 3
    for at in taken:
        assert sum(at <= other < at + 60 for other in taken) <= 3


def test_who_sends_too_much_that_is_costly_is_not_read_for_a_minute():
    clock = Clock()
    rates = PushRates(clock)
    for _ in range(COSTLY_PER_MINUTE):
        rates.check_costly(DESK)
        rates.count_costly(DESK)
    with pytest.raises(TooOften, match="too long to read") as refused:
        rates.check_costly(DESK)
    assert 1 <= refused.value.retry_after <= 61
    rates.check_costly(OTHER)
    clock.now += 60
    rates.check_costly(DESK)


def test_the_time_to_wait_is_a_second_at_least():
    clock = Clock()
    rates = PushRates(clock)
    for _ in range(3):
        rates.count(DESK)
    clock.now += 59.999
    with pytest.raises(TooOften) as refused:
        rates.count(DESK)
    assert refused.value.retry_after >= 1
