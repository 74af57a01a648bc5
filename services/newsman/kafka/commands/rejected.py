"""`newsman rejected`: what could not be processed, for an operator to look at and send again."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer, TopicPartition

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Headers, header
from newsman.settings import KafkaSettings
from newsman_schemas.topics import REJECTED

CLIENT_ID = "newsman-rejected"
SEND_TIMEOUT_SECONDS = 30
BOOTSTRAP_TIMEOUT_MS = 5_000
SHOWN_BYTES = 100_000


class NotReplayable(Exception):
    """A parked message that cannot be sent back; the text says why and what to do."""


@dataclass(frozen=True)
class Parked:
    """A message on the rejected topic."""

    offset: int
    key: bytes
    value: bytes
    headers: Headers

    def told(self, name: str) -> str:
        """A header of the parking, `newsman-<name>`; `-` when it is not there."""
        return header(self.headers, f"newsman-{name}") or "-"

    @property
    def origin(self) -> str:
        """The place it was read from: topic[partition]@offset, or HTTP."""
        if self.told("topic") == "-":
            return "HTTP"
        return f"{self.told('topic')}[{self.told('partition')}]@{self.told('offset')}"


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Does it; 1 when there is no such message, it cannot be sent again, or Kafka is away."""
    with _open(settings) as topics:
        reader = RejectedReader(topics, REJECTED.full_name(settings.namespace))
        if arguments.action == "list":
            return _list(reader, arguments.limit)
        if arguments.action == "show":
            return _show(reader, arguments.offset)
        with closing(_producer(settings)) as producer:
            if arguments.all:
                return _replay_all(reader, producer, arguments.topic)
            return _replay_one(reader, producer, arguments.offset, arguments.topic)


class RejectedReader:
    """Reads the rejected topic without a group: looking changes nothing."""

    def __init__(self, log: TopicLog, topic: str) -> None:
        self._log = log
        self._part = TopicPartition(topic, 0)

    def topics(self) -> set[str]:
        """Every topic on the broker."""
        return self._log.topics()

    def bounds(self) -> tuple[int, int]:
        """The first offset that is still kept, and the one after the last."""
        bounds = self._log.bounds(self._log.partitions(self._part.topic))
        return bounds.start[self._part], bounds.end[self._part]

    def newest(self, limit: int) -> Iterator[Parked]:
        """The last messages, oldest of them first."""
        first, end = self.bounds()
        return self._between(max(first, end - limit), end)

    def everything(self) -> Iterator[Parked]:
        """All messages that are there now; what is rejected meanwhile is not among them."""
        return self._between(*self.bounds())

    def at(self, offset: int) -> Parked | None:
        """The message at an offset, or None."""
        first, end = self.bounds()
        if not first <= offset < end:
            return None
        parked = next(self._between(offset, end), None)
        return parked if parked and parked.offset == offset else None

    def _between(self, start: int, end: int) -> Iterator[Parked]:
        for record in self._log.read({self._part: start}, {self._part: end}):
            yield _parked(record)


def replay(parked: Parked, topic: str | None, existing: set[str]) -> tuple[str, Headers]:
    """The topic and headers of the message when it is sent again; raises NotReplayable."""
    if parked.origin == "HTTP":
        raise NotReplayable(
            f"{parked.offset} was pushed over HTTP and is no event: "
            "correct it and push it to ingest again (newsman rejected show "
            f"{parked.offset} prints it)"
        )
    target = topic or parked.told("topic")
    if target not in existing:
        raise NotReplayable(f"{parked.offset} was not sent: there is no topic {target}")
    attempts = int(parked.told("attempts")) if parked.told("attempts").isdigit() else 1
    headers: Headers = [
        ("newsman-attempts", str(attempts + 1).encode()),
        ("newsman-replayed", f"rejected@{parked.offset}".encode()),
    ]
    return target, headers


def printable(text: str) -> str:
    """The text without what a terminal would obey; line breaks and tabs stay."""
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else f"\\x{ord(sign):02x}" for sign in text
    )


def _list(reader: RejectedReader, limit: int) -> int:
    for parked in reader.newest(limit):
        stage, reason = parked.told("stage"), parked.told("reason")
        size = f"{len(parked.value)} bytes"
        line = (parked.told("first-at"), stage, reason, parked.origin, size, parked.told("detail"))
        print(_one_line(f"{parked.offset}  " + "  ".join(line)))
    return 0


def _show(reader: RejectedReader, offset: int) -> int:
    parked = reader.at(offset)
    if parked is None:
        return _missing(reader, offset)
    for name, value in parked.headers:
        print(_one_line(f"{name}: {value.decode('utf-8', 'backslashreplace')}"))
    print(_one_line(f"key: {parked.key.decode('utf-8', 'backslashreplace')}"))
    print(f"bytes: {len(parked.value)}\n")
    print(printable(parked.value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")))
    if len(parked.value) > SHOWN_BYTES:
        print(f"… and {len(parked.value) - SHOWN_BYTES} bytes more")
    return 0


def _replay_one(
    reader: RejectedReader, producer: KafkaProducer, offset: int, topic: str | None
) -> int:
    parked = reader.at(offset)
    if parked is None:
        return _missing(reader, offset)
    try:
        print(_send(producer, parked, topic, reader.topics()))
    except NotReplayable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _replay_all(reader: RejectedReader, producer: KafkaProducer, topic: str | None) -> int:
    sent = left = 0
    existing = reader.topics()
    for parked in reader.everything():
        try:
            print(_send(producer, parked, topic, existing))
            sent += 1
        except NotReplayable as error:
            print(error, file=sys.stderr)
            left += 1
    print(f"{sent} sent again, {left} left")
    return 0


def _send(producer: KafkaProducer, parked: Parked, topic: str | None, existing: set[str]) -> str:
    target, headers = replay(parked, topic, existing)
    future = producer.send(target, key=parked.key or None, value=parked.value, headers=headers)
    sent = future.get(timeout=SEND_TIMEOUT_SECONDS)
    return f"{parked.offset} sent to {sent.topic}[{sent.partition}]@{sent.offset}"


def _missing(reader: RejectedReader, offset: int) -> int:
    first, end = reader.bounds()
    offsets = f"{first} to {end - 1}" if end > first else "none"
    print(f"no rejected message has the offset {offset}; there are: {offsets}", file=sys.stderr)
    return 1


def _open(settings: KafkaSettings) -> AbstractContextManager[TopicLog]:
    return open_log(
        settings.kafka_bootstrap,
        client_id=CLIENT_ID,
        gone=warn_gone,
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
    )


def _producer(settings: KafkaSettings) -> KafkaProducer:
    return build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)


def _parked(record: Any) -> Parked:
    return Parked(
        offset=record.offset,
        key=record.key or b"",
        value=record.value or b"",
        headers=list(record.headers),
    )


def _one_line(text: str) -> str:
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")
