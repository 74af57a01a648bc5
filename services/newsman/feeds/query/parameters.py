"""The kinds of parameters that only feeds has: moments, cursors, slugs."""

import re
from datetime import UTC, date, datetime

from newsman.feeds.query.cursors import (
    BEFORE_PATTERN,
    SINCE_PATTERN,
    decode_before,
    decode_since,
    decode_top,
)
from newsman.web.query import MAX_MOMENT_DIGITS, Parameter, read_moment
from newsman_schemas.names.slugs import slugify
from newsman_schemas.names.zones import zone_of


def read_minute(text: str) -> datetime:
    """A moment of the past, in UTC where no zone is named; raises ValueError."""
    # An unescaped + of the zone arrives as a space.
    try:
        at = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is a time, for example 2026-03-02T12:00Z") from error


def read_day(text: str) -> date:
    """A day, 2026-03-02; raises ValueError."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # no such day
    raise ValueError("is a day, for example 2026-03-02")


MAX_WORDS_CHARACTERS = 200


def read_words(text: str) -> str:
    """Words of a search with single spaces between them; raises ValueError."""
    words = " ".join(text.split())
    if len(words) > MAX_WORDS_CHARACTERS:
        raise ValueError(f"is longer than {MAX_WORDS_CHARACTERS} characters")
    return words


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = {"type": "string", "format": "date-time"}
_MILLISECONDS = {"type": "string", "pattern": f"^[0-9]{{1,{MAX_MOMENT_DIGITS}}}$"}

MOMENT = Parameter(read_moment, {"anyOf": [_DATE_TIME, _MILLISECONDS]})
MINUTE = Parameter(read_minute, _DATE_TIME)
BEFORE = Parameter(
    lambda text: (decode_before(text), decode_top(text)),
    {"type": "string", "pattern": BEFORE_PATTERN},
)
SINCE = Parameter(
    lambda text: tuple(decode_since(text).items()), {"type": "string", "pattern": SINCE_PATTERN}
)
WORDS = Parameter(read_words, {"type": "string"})
SLUG = Parameter(slugify, {"type": "string"})
DAY = Parameter(read_day, {"type": "string", "format": "date"})
ZONE = Parameter(zone_of, {"type": "string", "examples": ["Europe/Oslo"]})
