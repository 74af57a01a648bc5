"""`newsman rejected`: what could not be processed, for an operator to look at and send again."""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaProducer

from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.commands.parked import (
    CLIENT_ID,
    Parked,
    RejectedReader,
    one_line,
    open_rejected,
    printable,
)
from newsman.kafka.log_places import parked_place
from newsman.kafka.records import Headers, Record
from newsman.settings import KafkaSettings
from newsman_schemas.topics import REJECTED

SEND_TIMEOUT_SECONDS = 30
SHOWN_BYTES = 100_000


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
class Replay:
    """The way back for parked messages: to their topic, or through the reading of pushes."""

    reader: RejectedReader
    producer: KafkaProducer
    read_push: ReadPush
    namespace: str
    topic: str | None

    def send(self, parked: Parked, mended: bytes | None, existing: set[str]) -> bool:
        """Sends it and prints what was sent; false if a part was refused. Raises NotReplayable."""
        if parked.origin == "HTTP" and self.topic is None:
            return self._send_push(parked, mended)
        target, headers = replay(parked, self.topic, existing)
        value = parked.value if mended is None else mended
        record = Record(parked.key, value, headers)
        print(f"{parked.offset} sent to {self._send(target, record)}")
        return True

    def _send_push(self, parked: Parked, mended: bytes | None) -> bool:
        again = self.read_push(parked, mended)
        came = parked_place(parked.headers, parked.offset)
        for topic, record in again.records:
            placed = Record(record.key, record.value, [*record.headers, *came])
            self._send(f"{self.namespace}.{topic}", placed)
        print(one_line(f"{parked.offset} {again.summary}"))
        return again.is_whole

    def _send(self, topic: str, record: Record) -> str:
        future = self.producer.send(
            topic, key=record.key or None, value=record.value, headers=record.headers
        )
        sent = future.get(timeout=SEND_TIMEOUT_SECONDS)
        return f"{sent.topic}[{sent.partition}]@{sent.offset}"


def run(arguments: argparse.Namespace, read_push: ReadPush) -> int:
    """Does it; 1 when there is no such message, it cannot be sent again, or Kafka is away."""

    @asks_kafka
    def act(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
        with open_rejected(settings) as topics:
            reader = RejectedReader(topics, REJECTED.full_name(settings.namespace))
            if arguments.action == "list":
                return _list(reader, arguments.limit)
            if arguments.action == "show":
                return _show(reader, arguments.offset, is_raw=arguments.raw)
            with closing(_producer(settings)) as producer:
                way = Replay(reader, producer, read_push, settings.namespace, arguments.topic)
                if arguments.all:
                    return _replay_all(way)
                return _replay_one(way, arguments.offset, arguments.file)

    return act(arguments)


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


def _list(reader: RejectedReader, limit: int) -> int:
    for parked in reader.newest(limit):
        stage, reason = parked.told("stage"), parked.told("reason")
        if not parked.is_to_replay:
            continue
        size = f"{len(parked.value)} bytes"
        line = (parked.told("first-at"), stage, reason, parked.origin, size, parked.told("detail"))
        print(one_line(f"{parked.offset}  " + "  ".join(line)))
    return 0


def _show(reader: RejectedReader, offset: int, *, is_raw: bool) -> int:
    parked = reader.at(offset)
    if parked is None:
        return _missing(reader, offset)
    if is_raw:
        sys.stdout.buffer.write(parked.value)
        return 0
    for name, value in parked.headers:
        print(one_line(f"{name}: {value.decode('utf-8', 'backslashreplace')}"))
    print(one_line(f"key: {parked.key.decode('utf-8', 'backslashreplace')}"))
    print(f"bytes: {len(parked.value)}\n")
    print(printable(parked.value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")))
    if len(parked.value) > SHOWN_BYTES:
        print(f"… and {len(parked.value) - SHOWN_BYTES} bytes more")
    return 0


def _replay_one(way: Replay, offset: int, file: Path | None) -> int:
    parked = way.reader.at(offset)
    if parked is None:
        return _missing(way.reader, offset)
    try:
        mended = None if file is None else file.read_bytes()
        return 0 if way.send(parked, mended, way.reader.topics()) else 1
    except (NotReplayable, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _replay_all(way: Replay) -> int:
    sent = left = 0
    existing = way.reader.topics()
    for parked in way.reader.everything():
        try:
            if way.send(parked, None, existing):
                sent += 1
            else:
                left += 1
        except NotReplayable as error:
            print(error, file=sys.stderr)
            left += 1
    print(f"{sent} sent again, {left} left")
    return 0


def _missing(reader: RejectedReader, offset: int) -> int:
    first, end = reader.bounds()
    offsets = f"{first} to {end - 1}" if end > first else "none"
    print(f"no rejected message has the offset {offset}; there are: {offsets}", file=sys.stderr)
    return 1


def _producer(settings: KafkaSettings) -> KafkaProducer:
    return build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)
