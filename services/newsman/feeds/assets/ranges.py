"""Ranges of bytes that are asked for (RFC 9110 section 14)."""

import re
from dataclasses import dataclass

LONGEST_NUMBER = 18
RANGE = re.compile(r"bytes=[ \t]*(?:(\d+)-(\d*)|-(\d+))[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class ByteSpan:
    """The bytes of an asset from start to before end."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """The range lies behind the end (RFC 9110 section 15.5.17)."""


def wanted_span(header: str | None, length: int) -> ByteSpan | None:
    """The one range asked for; None means the whole (RFC 9110 sections 14.1.2 and 14.2)."""
    asked = RANGE.fullmatch(header) if header else None
    if asked is None:
        return None
    first, last, suffix = asked.groups()
    if suffix is not None:
        if not _number(suffix):
            raise Unsatisfiable
        # No Content-Range can say "nothing", so an empty asset is answered whole.
        return ByteSpan(max(0, length - _number(suffix)), length) if length else None
    start, end = _number(first), _number(last) + 1 if last else length
    if last and end <= start:
        return None
    if start >= length:
        raise Unsatisfiable
    return ByteSpan(start, min(end, length))


def _number(digits: str) -> int:
    # A number with more digits than that lies behind the end of everything.
    shown = digits.lstrip("0")
    return 10**LONGEST_NUMBER if len(shown) > LONGEST_NUMBER else int(shown or "0")
