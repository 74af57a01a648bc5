"""A reader's position in every partition of its topics, told as an event's id."""

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import TopicPartition

Part = tuple[str, int]
"""A topic's full name and a partition of it."""
Positions = dict[Part, int]
"""The next offset to read."""


class BadPosition(Exception):
    """A Last-Event-ID that is not one."""


class UnknownTopic(Exception):
    """A Last-Event-ID that names a topic which this stream does not carry."""


@dataclass(frozen=True)
class Named:
    """The content of a Last-Event-ID: offsets, and Unix ms where it has times instead."""

    offsets: Positions = field(default_factory=dict)
    moments: dict[Part, int] = field(default_factory=dict)


def to_offsets(positions: Mapping[Part, int]) -> dict[TopicPartition, int]:
    """Positions as a consumer takes them."""
    return {TopicPartition(*part): offset for part, offset in positions.items()}


def to_positions(offsets: Mapping[TopicPartition, int]) -> Positions:
    """Offsets as a consumer has them, in plain values."""
    return {(part.topic, part.partition): offset for part, offset in offsets.items()}


def of_topics(positions: Mapping[Part, int], topics: Collection[str]) -> Positions:
    """Those of some topics alone."""
    return {part: offset for part, offset in positions.items() if part[0] in topics}


def encode_id(positions: Mapping[Part, int]) -> bytes:
    """The `id:` line: where to go on in every partition."""
    vector = [
        {"topic": topic, "partition": number, "offset": offset}
        for (topic, number), offset in sorted(positions.items())
    ]
    return f"id: {json.dumps(vector)}\n".encode()


def decode_id(text: str, parts: Collection[Part]) -> Named:
    """The positions in a Last-Event-ID; raises BadPosition or UnknownTopic."""
    try:
        vector = json.loads(text)
        entries = [((entry["topic"], entry["partition"]), entry) for entry in vector]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadPosition("Last-Event-ID is not the id of an event of this stream") from error
    if not entries:
        raise BadPosition("Last-Event-ID holds no position")
    topics = {topic for topic, _ in parts}
    named = Named()
    for part, entry in entries:
        _check(part, topics, parts)
        if "offset" in entry:
            named.offsets[part] = _number(entry, "offset")
        else:
            named.moments[part] = _number(entry, "timestamp")
    return named


def _check(part: tuple[Any, Any], topics: Collection[str], parts: Collection[Part]) -> None:
    """Raises for a topic or partition that the stream does not carry."""
    topic, number = part
    if not isinstance(topic, str) or topic not in topics:
        raise UnknownTopic(f"this stream does not carry {topic!r:.100}")
    if type(number) is not int or part not in parts:
        raise BadPosition(f"there is no partition {number!r:.20} of {topic}")


def _number(entry: Mapping[str, Any], name: str) -> int:
    number = entry.get(name)
    if type(number) is not int or not 0 <= number < 2**63:
        raise BadPosition(f"Last-Event-ID holds no {name} that is a number")
    return number


def encode_cursor(positions: Mapping[Part, int]) -> str:
    """The positions as one word that may stand in an address: base64url of an event's id."""
    vector = encode_id(positions).removeprefix(b"id: ").strip()
    return base64.urlsafe_b64encode(vector).rstrip(b"=").decode()


def decode_cursor(text: str, parts: Collection[Part]) -> Named:
    """The positions in a cursor, or in an event's id; raises BadPosition or UnknownTopic."""
    if text.lstrip().startswith("["):
        return decode_id(text, parts)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return decode_id(raw.decode(), parts)
    except ValueError as error:
        raise BadPosition("it is no cursor that was given here") from error
