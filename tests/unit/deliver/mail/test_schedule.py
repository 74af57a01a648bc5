"""Digests go at full hours and at hours of the day in the subscriber's own time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.deliver.mail.schedule import BadOption, read_schedule

OSLO_AT_6 = {"digest": "day", "hour": "6", "timezone": "Europe/Oslo"}
OSLO_AT_2 = OSLO_AT_6 | {"hour": "2"}
ZONES = "UTC Europe/Oslo America/New_York Australia/Lord_Howe Asia/Kathmandu".split()


def next_after(now, **options):
    return read_schedule(options).next_after(now)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("options", "now", "due"),
    [
        ({"digest": "hour"}, "2026-03-02T12:00:00", "2026-03-02T13:00:00"),
        ({"digest": "hour"}, "2026-03-02T12:59:59.999", "2026-03-02T13:00:00"),
        ({"digest": "hour", "timezone": "Asia/Kolkata"}, "2026-03-02T12:00", "2026-03-02T12:30"),
        ({"digest": "day"}, "2026-03-02T06:59", "2026-03-02T07:00"),
        ({"digest": "day"}, "2026-03-02T07:00", "2026-03-03T07:00"),
        (
            OSLO_AT_6,
            "2026-07-01T03:00",
            "2026-07-01T04:00",
        ),
        (
            OSLO_AT_6,
            "2026-01-01T04:30",
            "2026-01-01T05:00",
        ),
        # Clocks are put forward at 2 o'clock: there is no 2:00 on that day.
        (
            OSLO_AT_2,
            "2026-03-29T00:30",
            "2026-03-29T01:00",
        ),
        # And put back at 3 o'clock: the first of the two goes.
        (
            OSLO_AT_2,
            "2026-10-24T23:30",
            "2026-10-25T00:00",
        ),
        (
            OSLO_AT_2,
            "2026-10-25T00:30",
            "2026-10-26T01:00",
        ),
        ({"digest": "hour", "timezone": "Europe/Oslo"}, "2026-10-25T00:30", "2026-10-25T01:00"),
        ({"digest": "hour", "timezone": "Europe/Oslo"}, "2026-10-25T01:30", "2026-10-25T02:00"),
        ({"digest": "day", "timezone": "Pacific/Apia"}, "2026-03-02T17:30", "2026-03-02T18:00"),
    ],
)
def test_a_digest_is_due_at(options, now, due):
    assert next_after(at(now), **options) == at(due)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(ZONES),
    st.integers(0, 23),
)
def test_the_next_moment_is_always_ahead_and_near(naive, zone, hour):
    now = naive.replace(tzinfo=UTC)
    daily = next_after(now, digest="day", timezone=zone, hour=str(hour))
    hourly = next_after(now, digest="hour", timezone=zone)
    assert now < daily <= now + timedelta(hours=25)
    assert now < hourly <= now + timedelta(hours=1)


def test_without_a_digest_everything_goes_at_once():
    assert next_after(at("2026-03-02T12:00")) is None


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"digest": "week"}, "digest"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "\0"}, "timezone"),
        ({"timezone": "Europe"}, "timezone"),
        ({"hour": "24"}, "hour"),
        ({"hour": "７"}, "hour"),
        ({"Digest": "day"}, "Digest"),
    ],
)
def test_what_makes_no_sense_is_named(options, name):
    with pytest.raises(BadOption) as problem:
        read_schedule(options)
    assert problem.value.name == name
