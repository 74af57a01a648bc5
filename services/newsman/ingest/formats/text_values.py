"""Cleaning what newsrooms send: characters that no exit can carry, dates in many forms."""

import re
from datetime import datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from dateutil import parser as dateutil_parser

EARLIEST_YEAR, LATEST_YEAR = 1400, 3000
"""Between them a date of the news can lie."""

MAX_DEPTH = 40

# Control characters but tab and line feed, surrogates, and the two non-characters that XML 1.0
# section 2.2 leaves out.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LOOKS_LIKE_A_DATE = re.compile(r"\d")


class TooDeep(ValueError):
    """Values nested deeper than any article has a use for."""


def clean(text: str) -> str:
    """The text without characters that XML, JSON or a terminal would choke on."""
    if text.isprintable():
        return text  # which leaves out all that is taken away below, and is much the quickest
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_all(value: Any, *, depth: int = 0) -> Any:
    """The same for every string in a JSON value; raises TooDeep."""
    if depth > MAX_DEPTH:
        raise TooDeep(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_all(item, depth=depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(str(key)): clean_all(item, depth=depth + 1) for key, item in value.items()}
    return value


def one_line(text: str) -> str:
    """The text with every run of white space made one space."""
    if text.isprintable() and "  " not in text:
        return text.strip()  # of white space only the space is printable; much the quickest
    return " ".join(text.split())


def parse_date(text: str, zone: tzinfo) -> datetime:
    """A moment from ISO 8601, RFC 5322 or an English date; naive ones are in `zone`.

    Raises ValueError for anything that names no full date.
    """
    found = _iso(text) or _rfc5322(text) or _english(text)
    if found is None:
        raise ValueError(f"{text[:60]!r} is not a date")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _rfc5322(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _english(text: str) -> datetime | None:
    if len(text) > 60 or not _LOOKS_LIKE_A_DATE.search(text):
        return None
    # Two defaults that differ in every part: a date that is the same under both names it all.
    guesses = [
        _dateutil(text, datetime(year, month, day))  # noqa: DTZ001 - the zone comes later
        for year, month, day in ((2001, 1, 1), (2004, 2, 2))
    ]
    return guesses[0] if guesses[0] is not None and guesses[0] == guesses[1] else None


def _dateutil(text: str, default: datetime) -> datetime | None:
    try:
        return dateutil_parser.parse(text, default=default, tzinfos=_zone)
    except (ValueError, OverflowError, TypeError):
        return None


def _zone(name: str | None, offset_seconds: int | None) -> tzinfo | None:
    if offset_seconds is not None:
        return timezone(timedelta(seconds=offset_seconds))
    if name is not None:
        # Left to itself, dateutil would take the machine's zone, or none at all.
        raise ValueError(f"{name} is the name of several zones, or of none")
    return None
