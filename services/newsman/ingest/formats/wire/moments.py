"""Dates on wires: day and hour, perhaps without a zone, the year without its century."""

import re
from datetime import UTC, date, datetime, timedelta

from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.values.zone_names import region_of

_GROUP = re.compile(
    r"\b(\d\d)(\d\d)(\d\d)\s?([A-Z]{1,5}|[+-]\d{4})?\s?([A-Za-zÀ-ÿ]{3,9})?\.?,?\s?(\d{4}|\d\d)?\b"
)
_MONTH_FIRST = re.compile(r"(\d{1,2})-(\d{1,2})-(\d{4}|\d\d) (\d\d):?(\d\d)\s?([A-Z]{1,5})?")
_TIME_FIRST = re.compile(r"(\d\d):?(\d\d)\s?([A-Z]{1,5})? (\d{1,2})-(\d{1,2})-(\d{4}|\d\d)")
_OFFSETS = {"MEZ": "+0100", "MESZ": "+0200", "Z": "+0000", "TU": "+0000"}
_LAST_MONTH = 12


def date_time_group(trailer: str, defaults: Defaults) -> datetime | None:
    """The moment of `212101 GMT Nov 18`: day, hour, minute, zone, month, year (IPTC 7901).

    What is missing of month and year is taken so that the day is the last one before the receipt.
    """
    group = _GROUP.search(trailer)
    if group is None:
        return None
    day, hour, minute, zone, month, year = group.groups()
    today = defaults.now.astimezone(defaults.timezone).date()
    if not month:
        return _moment(_last(int(day), None, today), f"{hour}:{minute}", zone, defaults)
    named = _day(f"{day} {month} 2000", defaults)
    if named is None:
        return None
    if year:
        at = _valid(_century(year, today), named.month, named.day)
    else:
        at = _last(named.day, named.month, today)
    return _moment(at, f"{hour}:{minute}", zone, defaults)


def transmitted_at(trailer: str, defaults: Defaults) -> datetime | None:
    """The moment of `AP-WF-02-20-16 0337GMT` or `16:35ET 31-10-14` (ANPA 1312)."""
    today = defaults.now.astimezone(defaults.timezone).date()
    if by_day := _MONTH_FIRST.search(trailer):
        first, second, year, hour, minute, zone = by_day.groups()
        month, day = _ordered(int(first), int(second))
    elif by_time := _TIME_FIRST.search(trailer):
        hour, minute, zone, first, second, year = by_time.groups()
        day, month = int(first), int(second)
        if month > _LAST_MONTH:
            day, month = month, day
    else:
        return None
    return _moment(_valid(_century(year, today), month, day), f"{hour}:{minute}", zone, defaults)


def filing_day(text: str, defaults: Defaults) -> date | None:
    """The day of `02-20` in a header: the last one before receipt."""
    first, _, second = text.partition("-")
    if not (first.isdecimal() and second.isdecimal()):
        return None
    month, day = _ordered(int(first), int(second))
    return _last(day, month, defaults.now.astimezone(defaults.timezone).date())


def _ordered(first: int, second: int) -> tuple[int, int]:
    """Month and day; if both could be the month, the first one is."""
    return (first, second) if first <= _LAST_MONTH else (second, first)


def _century(year: str, today: date) -> int:
    number = int(year)
    if len(year) > 2:
        return number
    return 2000 + number if 2000 + number <= today.year + 1 else 1900 + number


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _last(day: int, month: int | None, today: date) -> date | None:
    """The latest date with that day (and month) that is no later than tomorrow."""
    latest = today + timedelta(days=1)
    for back in range(13 if month is None else 5):
        if month is None:
            months = latest.year * 12 + latest.month - 1 - back
            at = _valid(months // 12, months % 12 + 1, day)
        else:
            at = _valid(latest.year - back, month, day)
        if at is not None and at <= latest:
            return at
    return None


def _day(text: str, defaults: Defaults) -> date | None:
    try:
        return parse_date(text, defaults.timezone).date()
    except ValueError:
        return None


def _moment(at: date | None, clock: str, zone: str | None, defaults: Defaults) -> datetime | None:
    if at is None:
        return None
    zone = (zone or "").upper()
    region = region_of(zone)
    written = "" if region else _OFFSETS.get(zone, zone)
    try:
        moment = parse_date(f"{at:%Y-%m-%d} {clock} {written}".strip(), region or defaults.timezone)
    except ValueError:
        return None
    return moment.astimezone(UTC)
