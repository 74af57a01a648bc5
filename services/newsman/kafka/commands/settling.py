"""The ways out for parked messages: sent to their topic, read again as a push, or given up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kafka import KafkaProducer

from newsman.kafka.commands.parked import Parked, RejectedReader, one_line
from newsman.kafka.commands.settled import REPLAYED, settlement
from newsman.kafka.log_places import parked_place
from newsman.kafka.records import Headers, Record
from newsman.terminal.people import operator_name
from newsman_schemas.topics import REJECTED

SEND_TIMEOUT_SECONDS = 30


class NotReplayable(Exception):
    """A parked message that cannot be sent back; the text says why and what to do."""


@dataclass(frozen=True)
class ReadAgain:
    """A push that was read again: records by their topics' names, and what was made of it."""

    records: Sequence[tuple[str, Record]]
    summary: str
    is_whole: bool


ReadPush = Callable[[Parked, bytes | None], ReadAgain]
"""Reads a parked push again, or what it was mended to; raises NotReplayable."""


@dataclass(frozen=True)
class SettlingWay:
    """The ways out for parked messages: to their topic, through the reading of pushes, or given up.

    `is_dry` only says what would be done.
    """

    reader: RejectedReader
    producer: KafkaProducer
    read_push: ReadPush
    namespace: str
    topic: str | None = None
    is_dry: bool = False

    def send(self, parked: Parked, mended: bytes | None, existing: set[str]) -> tuple[str, bool]:
        """Sends it; says what was sent, and false if a part was refused. Raises NotReplayable."""
        if parked.origin == "HTTP" and self.topic is None:
            said, is_whole = self._send_push(parked, mended)
        else:
            target, headers = replay(parked, self.topic, existing)
            value = parked.value if mended is None else mended
            place = self._send(target, Record(parked.key, value, headers))
            said, is_whole = f"sent to {place}", True
        if is_whole:
            self.settle(parked, REPLAYED)
        return one_line(f"{parked.offset} {'would be ' if self.is_dry else ''}{said}"), is_whole

    def settle(self, parked: Parked, outcome: str, why: str = "") -> None:
        """Notes on the rejected topic what became of it."""
        note = settlement(parked, outcome, by=operator_name(), why=why, at=datetime.now(UTC))
        self._send(REJECTED.full_name(self.namespace), note)

    def _send_push(self, parked: Parked, mended: bytes | None) -> tuple[str, bool]:
        again = self.read_push(parked, mended)
        came = parked_place(parked.headers, parked.offset)
        for topic, record in again.records:
            placed = Record(record.key, record.value, [*record.headers, *came])
            self._send(f"{self.namespace}.{topic}", placed)
        return again.summary, again.is_whole

    def _send(self, topic: str, record: Record) -> str:
        if self.is_dry:
            return topic
        future = self.producer.send(
            topic, key=record.key or None, value=record.value, headers=record.headers
        )
        sent = future.get(timeout=SEND_TIMEOUT_SECONDS)
        return f"{sent.topic}[{sent.partition}]@{sent.offset}"


def replay(parked: Parked, topic: str | None, existing: set[str]) -> tuple[str, Headers]:
    """The topic and headers of the message when it is sent again; raises NotReplayable."""
    if parked.origin == "HTTP":
        raise NotReplayable(
            f"{parked.offset} was pushed over HTTP and is no event: leave out --topic, and it is "
            f"read again under its source (newsman rejected show {parked.offset} prints it)"
        )
    target = topic or parked.told("topic")
    if target not in existing:
        raise NotReplayable(f"{parked.offset} was not sent: there is no topic {target}")
    attempts = int(parked.told("attempts")) if parked.told("attempts").isdigit() else 1
    headers: Headers = [
        ("newsman-attempts", str(attempts + 1).encode()),
        ("newsman-replayed", f"rejected@{parked.offset}".encode()),
    ]
    if target == parked.told("topic"):
        # What came after it meanwhile stays the later.
        headers += parked_place(parked.headers, parked.offset)
    return target, headers
