"""Dates as newsrooms write them: ISO 8601, RFC 5322 and English; never made up."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from dateutil import parser as dateutil_parser

from newsman.ingest.formats.values.month_names import iso_of_words
from newsman.ingest.formats.values.zone_names import offset_of, region_of

EARLIEST_YEAR, LATEST_YEAR = 1400, 3000
"""A date in the news lies between them."""

MAX_CHARACTERS = 80
_NO_YEAR = re.compile(r"(?:[A-Za-z]{3}[ .,]+|\d-[A-Za-z]{3}-)0\d{3}\b")
_MIDNIGHT = re.compile(r"(?<=[T\s])24(:?)00(?:(:?)00(?:[.,]0{1,9})?)?(?![\d:])", re.IGNORECASE)
_LEAP = re.compile(r"((?:[T\s]|\b)(?:\d\d:\d\d:|\d{4}))60(?=$|[.,Zz+\s-])")
# A zone that only explains the offset before it, as RFC 5322 comments and java.time have it.
_EXPLAINED = re.compile(
    r"(?<=[+-]\d\d:\d\d|.[+-]\d\d\d\d|\d\d:\d\d[zZ])"
    r"\s?(?:\[[\w/+-]{1,60}\]|\([^()]{1,40}\))$"
)
_NAMED_TWICE = re.compile(r"([+-]\d\d:?\d\d) [A-Z]{1,5}$")
_FROM_GREENWICH = re.compile(r" ?\b(?:GMT|UTC?) ?([+-])(\d\d?)(?::?(\d\d))?$")
# Directly after the clock: what it reads of "10:00 pm EST" is neither.
_RFC = re.compile(r"\d\s(?:[+-]\d{4}|GMT|UTC?|Z|[ECMP][SD]T)$")
_SIGNS = {0x2212: "-", 0x2010: "-", 0x2011: "-", **dict.fromkeys((0x200E, 0x200F, 0xFEFF))}
"""Minus and hyphens of typesetters, and marks of direction, which browsers put into dates."""
_EAST_ASIAN = re.compile(
    r"(\d{4})\s?[年년]\s?(\d\d?)\s?[月월]\s?(\d\d?)\s?[日일]\s?"
    r"(?:(\d\d?)\s?(?:[時时点點시]|:)\s?(\d\d)\s?[分분]?)?"
)
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?![\d.])")
_SHORT_YEAR = re.compile(r"\d{1,2}\.\d{1,2}\.\d\d(?!\d)")
_EITHER_FIRST = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/-])")
_LAST_MONTH = 12


def parse_date(text: str, zone: tzinfo) -> datetime:
    """A time from ISO 8601, RFC 5322 or a date in words; without an offset it is in `zone`.

    Raises ValueError for anything that names no full date, or may be either of two.
    """
    try:
        moment: datetime | None = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = _spelt_otherwise(" ".join(text.split()), zone)
    if moment is None:
        raise ValueError(f"{text[:60]!r} is not a date")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _spelt_otherwise(text: str, zone: tzinfo) -> datetime | None:
    # Software that has no date writes the year 0001, which would be read as 2001.
    if len(text) > MAX_CHARACTERS or not re.search(r"\d", text) or _NO_YEAR.search(text):
        return None
    text = _EAST_ASIAN.sub(_iso_of_characters, " ".join(text.translate(_SIGNS).split()))
    text = _NAMED_TWICE.sub(r"\1", _EXPLAINED.sub("", text))
    text = _FROM_GREENWICH.sub(lambda f: f" {f[1]}{int(f[2]):02}{f[3] or '00'}", text)
    text, later = _within_the_day(text)
    text = iso_of_words(text) or _in_order(text)
    moment = _iso(text) or _rfc5322(text) or _english(text, zone)
    try:
        return moment + later if moment else None
    except OverflowError:
        return None


def _within_the_day(text: str) -> tuple[str, timedelta]:
    """Rewrites ISO 8601's 24:00 and leap seconds, which Python's clock does not have."""
    if _MIDNIGHT.search(text):
        return _MIDNIGHT.sub(r"00\g<1>00", text), timedelta(days=1)
    if _LEAP.search(text):
        return _LEAP.sub(r"\g<1>59", text), timedelta(seconds=1)
    return text, timedelta()


def _in_order(text: str) -> str:
    """Day and month as numbers put in the order of ISO 8601; raises ValueError where both fit."""
    text = _DAY_FIRST.sub(lambda match: _iso_date(match[3], match[2], match[1]), text)
    if _SHORT_YEAR.match(text):
        raise _ambiguous(text)
    match = _EITHER_FIRST.search(text)
    if match is None:
        return text
    first, second, year = int(match[1]), int(match[3]), match[4]
    if len(year) == 2 or (first != second and max(first, second) <= _LAST_MONTH):
        raise _ambiguous(text)
    month, day = (second, first) if first > _LAST_MONTH else (first, second)
    return _EITHER_FIRST.sub(_iso_date(year, str(month), str(day)), text)


def _ambiguous(text: str) -> ValueError:
    return ValueError(f"{text[:60]!r} may be either of several days; write 2026-03-02")


def _iso_date(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"


def _iso_of_characters(match: re.Match[str]) -> str:
    """`2026年3月2日 10時05分` as ISO 8601."""
    day = _iso_date(*match.groups()[:3])
    return f"{day} {int(match[4]):02}:{match[5]}" if match[4] else f"{day} "


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc5322(text: str) -> datetime | None:
    if not _RFC.search(text):
        return None
    # "-0000" is UTC too (RFC 5322 section 3.3), written where the local zone is unknown.
    try:
        return parsedate_to_datetime(text.removesuffix("-0000") + "+0000" * text.endswith("-0000"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _english(text: str, zone: tzinfo) -> datetime | None:
    # Two defaults that differ in every part: a date that comes out the same is complete.
    guesses = [
        _dateutil(text, datetime(year, month, day), zone)  # noqa: DTZ001 - the zone comes later
        for year, month, day in ((2001, 1, 1), (2004, 2, 2))
    ]
    return guesses[0] if guesses[0] is not None and guesses[0] == guesses[1] else None


def _dateutil(text: str, default: datetime, zone: tzinfo) -> datetime | None:
    def zone_of(name: str | None, offset_seconds: int | None) -> tzinfo | None:
        if offset_seconds is not None:
            return timezone(timedelta(seconds=offset_seconds))
        if name is None:
            return None
        # By itself dateutil would assume the machine's zone, or none at all.
        return region_of(name) or timezone(offset_of(name, zone))

    try:
        return dateutil_parser.parse(text, default=default, tzinfos=zone_of)
    except (ValueError, OverflowError, TypeError):
        return None
