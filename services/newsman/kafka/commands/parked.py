"""Messages on the rejected topic, as they lie there; looking changes nothing."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka import TopicPartition

from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Headers, header
from newsman.kafka.rejects import COUNT_ONLY, WARNING
from newsman.settings import KafkaSettings

CLIENT_ID = "newsman-rejected"
BOOTSTRAP_TIMEOUT_MS = 5_000


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

    def told_by_name(self) -> dict[str, str]:
        """All headers of the parking by their names without `newsman-`."""
        return {
            name.removeprefix("newsman-"): value.decode("utf-8", "replace")
            for name, value in self.headers
        }

    @property
    def is_to_replay(self) -> bool:
        """False of what is kept for an operator to count alone: warnings, and mere numbers."""
        return self.told("reason") != WARNING and self.told(COUNT_ONLY) == "-"

    @property
    def origin(self) -> str:
        """The place it was read from: topic[partition]@offset, or HTTP."""
        if self.told("topic") == "-":
            return "HTTP"
        return f"{self.told('topic')}[{self.told('partition')}]@{self.told('offset')}"


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

    def newest(self, limit: int, since: datetime | None = None) -> Iterator[Parked]:
        """The last messages, oldest of them first; those alone from a moment on if there is one."""
        first, end = self.bounds()
        begin = first if since is None else self._first_since(since)
        return self._between(max(first, end - limit, begin), end)

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

    def since(self, moment: datetime) -> Iterator[Parked]:
        """All messages that were parked from a moment on."""
        first, end = self.bounds()
        return self._between(max(first, self._first_since(moment)), end)

    def _first_since(self, moment: datetime) -> int:
        return self._log.at_times({self._part: round(moment.timestamp() * 1_000)})[self._part]

    def _between(self, start: int, end: int) -> Iterator[Parked]:
        for record in self._log.read({self._part: start}, {self._part: end}):
            yield _parked(record)


def printable(text: str) -> str:
    """The text without what a terminal would obey; line breaks and tabs stay."""
    return "".join(
        sign if sign.isprintable() or sign in "\n\t" else f"\\x{ord(sign):02x}" for sign in text
    )


def one_line(text: str) -> str:
    """The text as one printable line."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def open_rejected(settings: KafkaSettings) -> AbstractContextManager[TopicLog]:
    """Kafka, to read the rejected topic from."""
    return open_log(
        settings.kafka_bootstrap,
        client_id=CLIENT_ID,
        gone=warn_gone,
        bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
    )


def _parked(record: Any) -> Parked:
    return Parked(
        offset=record.offset,
        key=record.key or b"",
        value=record.value or b"",
        headers=list(record.headers),
    )
