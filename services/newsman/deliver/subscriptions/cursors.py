"""Where in the log to begin: a cursor, an event's id, a time, `now` or `beginning`. Pure."""

from collections.abc import Collection, Mapping

from newsman.kafka.positions import BadPosition, Named, Part, UnknownTopic, decode_cursor
from newsman.web.query import read_moment
from newsman_schemas.topics import Topic

NOW, BEGINNING = "now", "beginning"
END_MS = 2**53
"""A moment after all that will ever be in the log."""
LONGEST = 16_000
"""Characters of a cursor."""


def read_cursor(text: str, parts: Collection[Part]) -> Named:
    """The positions that a text names; partitions that it does not mention begin now.

    Raises BadPosition.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise BadPosition("it is too long for a cursor")
    moment = _moment(text)
    if moment is not None:
        return Named(moments=dict.fromkeys(parts, moment))
    try:
        named = decode_cursor(text, parts)
    except UnknownTopic as error:
        raise BadPosition(str(error)) from error
    except BadPosition as error:
        detail = f"is a cursor, an ISO 8601 time with a zone, {NOW} or {BEGINNING}"
        raise BadPosition(detail) from error
    missing = set(parts) - named.offsets.keys() - named.moments.keys()
    return Named(named.offsets, named.moments | dict.fromkeys(missing, END_MS))


def offsets_of(positions: Mapping[Part, int]) -> dict[int, int]:
    """The offsets of the partitions of a single topic."""
    return {number: offset for (_, number), offset in positions.items()}


def positions_at(topic: Topic, namespace: str, offsets: Mapping[int, int]) -> dict[Part, int]:
    """The positions in a topic that some offsets of its partitions are."""
    name = topic.full_name(namespace)
    return {(name, number): offset for number, offset in offsets.items()}


def _moment(text: str) -> int | None:
    if text in (NOW, BEGINNING):
        return END_MS if text == NOW else 0
    try:
        return min(read_moment(text), END_MS)
    except (ValueError, OverflowError):
        return None
