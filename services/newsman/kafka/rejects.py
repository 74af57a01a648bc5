"""Parking a message that cannot be processed: its bytes untouched, the reason in the headers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kafka import KafkaProducer

from newsman.kafka.records import Headers, Record, Unprocessable, about_record
from newsman.runtime.health import Pulse

log = logging.getLogger(__name__)

MAX_DETAIL_CHARACTERS = 500
SEND_TIMEOUT_SECONDS = 60
WARNING = "warning"
"""The reason of what was taken, and is kept for an operator to count."""
COUNT_ONLY = "count-only"
"""The header, after `newsman-`, of a message that only says how often something came."""

Park = Callable[[list[Record]], None]
"""Puts records on the rejected topic and returns once they are acknowledged."""


@dataclass(frozen=True)
class Origin:
    """The origin of a message: topic, partition, offset."""

    topic: str
    partition: int
    offset: int


def rejected(
    *,
    stage: str,
    reason: str,
    detail: str,
    key: bytes | None,
    value: bytes | None,
    origin: Origin | None,
    at: datetime,
    attempts: int = 1,
    more: Mapping[str, str] | None = None,
) -> Record:
    """The record for the `rejected` topic; `origin` is None when it came over HTTP.

    `more` are further headers by their names without `newsman-`.
    """
    headers: Headers = [
        ("newsman-stage", stage.encode()),
        ("newsman-reason", reason.encode()),
        ("newsman-detail", detail[:MAX_DETAIL_CHARACTERS].encode("utf-8", "replace")),
        ("newsman-attempts", str(attempts).encode()),
        ("newsman-first-at", at.isoformat().encode()),
    ]
    if origin:
        headers += [
            ("newsman-topic", origin.topic.encode()),
            ("newsman-partition", str(origin.partition).encode()),
            ("newsman-offset", str(origin.offset).encode()),
        ]
    headers += [(f"newsman-{name}", told.encode()) for name, told in (more or {}).items()]
    return Record(key or b"", value or b"", headers)


class ReadMessage(Protocol):
    """A message as either client library hands it over."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


@dataclass
class PlacedMessage:
    """A record with the place that it was read at."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Any


def park_message(
    message: ReadMessage, problem: Unprocessable, *, stage: str, at: datetime
) -> Record:
    """The record that parks a message which was read from a topic, and a line in the log."""
    place = (message.topic, message.partition, message.offset)
    subject = about_record(message.key, message.headers)
    log.warning("rejected %s[%s]@%s: %s", *place, problem, extra=subject)
    return rejected(
        stage=stage,
        reason=problem.reason,
        detail=problem.detail,
        key=message.key,
        value=message.value,
        origin=Origin(message.topic, message.partition, message.offset),
        at=at,
    )


def build_park(producer: KafkaProducer, topic: str, pulse: Pulse) -> Park:
    """Parks on the topic; however long a broker takes to acknowledge, the pulse is excused."""

    def park(records: list[Record]) -> None:
        sent = [producer.send(topic, key=r.key, value=r.value, headers=r.headers) for r in records]
        with pulse.excused():
            for future in sent:
                future.get(timeout=SEND_TIMEOUT_SECONDS)

    return park


class RejectionGuard:
    """Stops a consumer that would otherwise drain its topic into `rejected`.

    Of the last `window` messages at most `share` may be rejected.
    """

    def __init__(self, *, window: int = 200, share: float = 0.5) -> None:
        self._window = window
        self._share = share
        self._recent: list[bool] = []

    def note_good(self, number: int) -> None:
        """Count so many messages that were not rejected, at once."""
        for _ in range(number):
            if not self._recent:
                return  # good records count only after a bad one
            self.note(was_rejected=False)

    def note(self, *, was_rejected: bool) -> None:
        """Count one message; raises TooManyRejected when the share is too large."""
        self._recent.append(was_rejected)
        if len(self._recent) < self._window:
            return
        rejected_count = sum(self._recent)
        self._recent.clear()
        if rejected_count > self._share * self._window:
            raise TooManyRejected(
                f"{rejected_count} of the last {self._window} messages were rejected; "
                "stopped before the rest of the topic follows"
            )


class TooManyRejected(Exception):
    """So large a share of messages cannot be processed that something else must be wrong."""
