"""The place of a message in the log, which it keeps when it is sent again after it was parked."""

from datetime import UTC, datetime

from newsman.kafka.records import Headers, header
from newsman_schemas.articles import LogPlace

HEADER = "newsman-log-place"
NO_LOG = 2**31 - 1
"""Stands for the partition of what was never in a log."""


def place_of(partition: int, offset: int, timestamp_ms: float, headers: object) -> LogPlace:
    """The place that a message had first: by its header, else where it stands."""
    kept = _read(header(headers, HEADER) or "")
    if kept is not None:
        return kept
    logged_at = datetime.fromtimestamp(max(timestamp_ms, 0) / 1000, UTC)
    return LogPlace(partition=partition, offset=offset, logged_at=logged_at)


def place_headers(headers: object) -> Headers:
    """The header of its first place, of a message that has one."""
    kept = header(headers, HEADER)
    return [(HEADER, kept.encode())] if kept else []


def parked_place(headers: object, parked_offset: int) -> Headers:
    """The header of the first place of a parked message, by the headers of its parking.

    One that was never in a log, since HTTP refused it, is placed by when it came alone.
    """
    if kept := place_headers(headers):
        return kept
    partition = header(headers, "newsman-partition") or str(NO_LOG)
    offset = header(headers, "newsman-offset") or str(parked_offset)
    place = f"{partition} {offset} {header(headers, 'newsman-first-at')}"
    return [(HEADER, place.encode())] if _read(place) else []


def _read(text: str) -> LogPlace | None:
    parts = text.split()
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts[:2]):
        return None
    try:
        moment = datetime.fromisoformat(parts[2])
        return LogPlace(partition=int(parts[0]), offset=int(parts[1]), logged_at=moment)
    except ValueError:  # also what the model refuses
        return None
