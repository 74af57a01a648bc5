"""Forms of the front page's console: what an editor typed, and the edit that comes of it."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from newsman.ingest.console.pin_form import BadForm, PinForm, edit_of, read_form

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
PIN = PinForm(action="pin", article="a" * 16, rank="2")


def edit(form: PinForm):
    return edit_of(form, by="Kari", zone=OSLO, now=NOW)


def test_a_form_is_read_and_fields_of_other_names_are_ignored():
    body = urlencode({"action": "pin", "article": " x ", "reason": "Åpning & mer", "spy": "1"})
    assert read_form(body.encode()) == PinForm(action="pin", article="x", reason="Åpning & mer")


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"&".join(b"a=%d" % n for n in range(30))])
def test_what_is_no_form_is_refused(body):
    with pytest.raises(BadForm):
        read_form(body)


def test_times_are_those_of_the_site_and_an_empty_one_is_none():
    pin = edit(replace(PIN, begins="2026-07-01T06:00", ends="2026-12-01T06:00", reason="day"))
    assert (pin.begins_at, pin.ends_at) == (
        datetime(2026, 7, 1, 4, tzinfo=UTC),
        datetime(2026, 12, 1, 5, tzinfo=UTC),
    )
    assert (pin.scope, pin.rank, pin.by, pin.reason) == ("front", 2, "Kari", "day")
    assert edit(PIN).begins_at is edit(PIN).ends_at is None


def test_taking_off_needs_the_story_alone():
    off = edit(PinForm(action="unpin", article="a" * 16, rank="x", ends="x"))
    assert (off.action, off.scope, off.article) == ("unpin", "front", "a" * 16)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rank": "0"}, "place"),
        ({"rank": "101"}, "place"),
        ({"rank": "9" * 5_000}, "place"),
        ({"rank": "²"}, "place"),
        ({"rank": ""}, "place"),
        ({"begins": "tomorrow"}, "From"),
        ({"ends": "2026-13-01T00:00"}, "Until"),
        ({"begins": "0001-01-01T00:00"}, "From"),
        ({"ends": "2026-03-02T12:59"}, "passed"),
        ({"begins": "2026-03-05T00:00", "ends": "2026-03-04T00:00"}, "later"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_what_makes_no_pin_is_told_in_words(wrong, told):
    with pytest.raises(BadForm, match=told):
        edit(replace(PIN, **wrong))
