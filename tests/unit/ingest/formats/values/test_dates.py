"""Dates in every form that agencies use, and never one that nobody wrote."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsman.ingest.formats.values.dates import parse_date

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        (" 2026-03-02t12:00:00z\n", NOON),
        ("2026-03-02T12:00:00-00:00", NOON),
        ("2026-03-02T12:00:00.000000000Z", NOON),
        ("2026-03-02T12:00:00,0Z", NOON),
        ("2026-03-02T12:00:00+0000", NOON),
        ("2026-03-02 12:00:00 +0100", hours(-1)),
        ("2026-03-02 12:00:00 +0000 UTC", NOON),
        ("2026-03-02T13:00:00+01:00[Europe/Berlin]", NOON),
        ("2026-03-02T13:00:00+0100 (CET)", NOON),
        ("20260302T120000Z", NOON),
        ("20260302T120000+0100", hours(-1)),
        ("20260302T1200Z", NOON),
        ("2026-W10-1T12:00:00Z", NOON),
        ("Mon, 02 Mar 2026 12:00:00 GMT", NOON),
        ("Mon, 02 Mar 2026 12:00:00 UT", NOON),
        ("Mon, 02 Mar 2026 12:00:00 Z", NOON),
        ("Mon, 02 Mar 2026 12:00:00 -0000", NOON),
        ("Mon, 02 Mar 2026 12:00:00 +01:00", hours(-1)),
        ("Mon, 02 Mar 2026 12:00:00 GMT+1", hours(-1)),
        ("Mon, 02 Mar 2026 12:00:00 GMT-0330", hours(3.5)),
        ("Mon, 02 Mar 2026 12:00:00 UTC+02:00", hours(-2)),
        ("Mon, 02 Mar 2026 12:00:00 EST", hours(5)),
        ("Mon, 02 Mar 2026 12:00:00 EDT", hours(4)),
        ("Mon, 02 Mar 2026 12:00:00 PDT", hours(7)),
        ("Mon, 02 Mar 2026 12:00:00 CEST", hours(-2)),
        ("Mon, 02 Mar 2026 12:00:00 AEDT", hours(-11)),
        ("2026-03-02T12:00:00 EST", hours(5)),
        ("02 Mar 26 12:00 GMT", NOON),
        ("Monday, 02-Mar-26 12:00:00 GMT", NOON),
        ("Mon Mar 02 12:00:00 UTC 2026", NOON),
        ("March 2, 2026 at 12:00 p.m. EST", hours(5)),
        ("2 mars 2026 à 12h00 CET", hours(-1)),
        ("lundi 2 mars 2026 12:00 +0000", NOON),
        ("Montag, 02. März 2026, 12:00 Uhr MEZ", hours(-1)),
        ("2. Maerz 2026 um 13.00 Uhr CET", NOON),
        ("2 de marzo de 2026 a las 12:00 UTC", NOON),
        ("Mo, 02 Mär 2026 12:00:00 +0000", NOON),
        ("lun, 02 mar 2026 12:00:00 +0000", NOON),
        ("02.03.2026 12:00 Z", NOON),
        ("March 2, 2026, 12:00 pm EST", hours(5)),
        ("Mar 2, 2026, 10:00 p.m. PST", hours(18)),
        ("Mon March 2, 2026 7:00 AM ET", NOON),
        ("July 2, 2026, 8:00 AM ET", datetime(2026, 7, 2, 12, tzinfo=UTC)),
        ("Mo, 02 Mrz 2026 13:00:00 +0100", NOON),
        ("ma 2 mrt 2026 13:00 CET", NOON),
        ("Пн, 02 мар 2026 15:00:00 +0300", NOON),
        ("2026-03-02T07:00:00\u221205:00", NOON),
        ("\u200e2026-03-02\u200e 12:00Z", NOON),
        ("2026年3月2日 21時00分 +0900", NOON),
        ("2026년 3월 2일 21:00 KST", NOON),
        ("2026/03/02 12:00:00 UTC", NOON),
    ],
)
def test_a_moment_in_every_spelling(text, moment):
    assert parse_date(text, ZoneInfo("Pacific/Auckland")) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T24:00:00Z", datetime(2026, 3, 3, tzinfo=UTC)),
        ("20260302T240000Z", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-12-31T24:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("Mon, 02 Mar 2026 24:00:00 GMT", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("20161231T235960Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("Sat, 31 Dec 2016 23:59:60 +0000", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_day_and_a_leap_second(text, moment):
    assert parse_date(text, UTC) == moment


@pytest.mark.parametrize(
    ("text", "zone", "offset"),
    [
        ("2026-03-02 12:00", "Europe/Berlin", 1),
        ("2026-07-02 12:00", "Europe/Berlin", 2),
        ("Mon, 02 Mar 2026 12:00:00", "America/New_York", -5),
        ("2 août 2026", "Europe/Paris", 2),
        # What a clock shows twice is the first, and what it leaves out is counted on from before.
        ("2026-10-25T02:30:00", "Europe/Berlin", 2),
        ("2026-03-29T02:30:00", "Europe/Berlin", 1),
        # A name of several zones is the source's own, where it has it.
        ("Thu, 02 Jul 2026 12:00:00 BST", "Europe/London", 1),
        ("Thu, 02 Jul 2026 12:00:00 IST", "Asia/Kolkata", 5.5),
        ("Thu, 02 Jul 2026 12:00:00 IST", "Europe/Dublin", 1),
        ("2026-07-02 12:00:00 CST", "Asia/Shanghai", 8),
    ],
)
def test_what_names_no_zone_is_of_the_sources(text, zone, offset):
    assert parse_date(text, ZoneInfo(zone)).utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "Monday",
        "12:00",
        "Mon, 02 Mar",
        "May 2026",
        "2026",
        "2026-03",
        "2026-02-30",
        "31 février 2026",
        "2 marsch 2026",
        "Mon, 32 Mar 2026 12:00:00 GMT",
        "2026-03-02T25:00:00Z",
        "2026-03-02T12:00:61Z",
        "2026-03-02T12:00:00+25:00",
        "2026-03-02T12:00:00[Europe/Berlin]",
        "2026-03-02 12:00 IST",
        "2026-03-02 12:00 X",
        "0000-00-00T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "01-Jan-0001",
        "9999-12-31T24:00:00Z",
        "1772452800",
        "2" * 10_000,
        "2 mars 2026 " + "a" * 10_000,
    ],
)
def test_what_names_no_moment_is_none(text):
    with pytest.raises(ValueError, match="is not a date"):
        parse_date(text, UTC)


@pytest.mark.parametrize(
    "text", ["03/02/2026", "02/03/2026 10:00", "3-2-2026", "02/03/26", "2.3.26"]
)
def test_what_may_be_two_days_is_neither(text):
    with pytest.raises(ValueError, match="several days"):
        parse_date(text, UTC)


@pytest.mark.parametrize("text", ["25/12/2026", "12/25/2026", "25.12.2026", "12/25/2026 00:00"])
def test_numbers_that_fit_one_way_only_are_read_that_way(text):
    assert parse_date(text, UTC) == datetime(2026, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize("text", ["03.02.2026", "3. 2. 2026", "3.2.2026, 00:00"])
def test_full_stops_part_day_from_month(text):
    assert parse_date(text, UTC) == datetime(2026, 2, 3, tzinfo=UTC)
