"""Sources watched: their articles read from the log, and notices put on `source-noticed`."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from newsman.kafka.commands.settled import SETTLED
from newsman.kafka.records import encode, header
from newsman.tools import metrics
from newsman.tools.observe.source_profile import Kind, Notice, SourceProfile, changes
from newsman.tools.operate.installation import Installation
from newsman.tools.operate.tail import event_of
from newsman_schemas.events import digest
from newsman_schemas.noticing import SourceNoticed
from newsman_schemas.topics import ARTICLE_RECEIVED, REJECTED, Topic

LEARNT_FROM = timedelta(days=29)
MOST_LEARNT = 250_000
"""Records of a partition that are read at the start, the newest of them."""

Send = Callable[[SourceNoticed], None]


class SourceWatch:
    """Learns what is usual from the log, and tells once when something is not, and once after."""

    def __init__(self, there: Installation, send: Send) -> None:
        self._there = there
        self._send = send
        self._next: dict[Any, int] = {}
        self._started_at = time.time()
        self._profiles: defaultdict[str, SourceProfile] = defaultdict(SourceProfile)
        self._current: dict[tuple[str, Kind], Notice] = {}

    def look(self, now: float) -> None:
        """Reads what is new and tells what has changed; raises KafkaError."""
        for record in self._new(ARTICLE_RECEIVED):
            self._take(record)
        for record in self._new(REJECTED):
            stage, reason = (header(record.headers, f"newsman-{n}") for n in ("stage", "reason"))
            if reason != SETTLED and self._is_new(record):
                metrics.rejected.labels(stage or "", reason or "").inc()
        found = []
        for source, profile in self._profiles.items():
            profile.forget_before(now)
            metrics.silence.labels(source).set(max(0.0, now - (profile.last_at or now)))
            found += [(source, notice) for notice in profile.notices(now)]
        self._tell(found, datetime.fromtimestamp(now, UTC))

    def _tell(self, found: list[tuple[str, Notice]], now: datetime) -> None:
        current, new, over = changes(self._current, found)
        for source, notice in new:
            self._send(_event(source, notice, now))
            metrics.noticed.labels(source, notice.kind).set(1)
        for source, notice in over:
            self._send(_recovery(source, notice, now))
            metrics.noticed.labels(source, notice.kind).set(0)
        self._current = current

    def _take(self, record: Any) -> None:
        event = event_of(record) or {}
        article = event.get("article") or {}
        source = article.get("source")
        if not isinstance(source, str):
            return
        if self._is_new(record):
            metrics.received.labels(source).inc()
        form = str(event.get("format"))
        self._profiles[source].take(record.timestamp / 1_000, form, article)

    def _is_new(self, record: Any) -> bool:
        return bool(record.timestamp / 1_000 >= self._started_at)

    def _new(self, topic: Topic) -> Iterator[Any]:
        log = self._there.log
        parts = log.partitions(topic.full_name(self._there.namespace))
        ends = log.ends(parts)
        fresh = [part for part in parts if part not in self._next]
        since = round((datetime.now(UTC) - LEARNT_FROM).timestamp() * 1_000)
        for part, offset in log.at_times(dict.fromkeys(fresh, since)).items():
            self._next[part] = max(offset, ends[part] - MOST_LEARNT)
        yield from log.read({part: self._next[part] for part in parts}, ends)
        self._next |= ends


def sender(producer: Any, namespace: str, topic: Topic) -> Send:
    """Sends an event and waits until Kafka has it; raises KafkaError."""

    def send(event: SourceNoticed) -> None:
        record = encode(event)
        producer.send(
            topic.full_name(namespace), key=record.key, value=record.value, headers=record.headers
        ).get(timeout=30)

    return send


def _event(source: str, notice: Notice, now: datetime) -> SourceNoticed:
    return SourceNoticed(
        event_id=digest("source-noticed", source, notice.kind, notice.since.isoformat()),
        occurred_at=now,
        source=source,
        kind=notice.kind,
        since=notice.since,
        expected=notice.expected,
        seen=notice.seen,
        detail=notice.detail,
    )


def _recovery(source: str, notice: Notice, now: datetime) -> SourceNoticed:
    return SourceNoticed(
        event_id=digest("source-recovered", source, notice.kind, notice.since.isoformat()),
        occurred_at=now,
        source=source,
        kind="recovered",
        since=notice.since,
        expected=notice.expected,
        seen=notice.seen,
        detail=notice.kind,
    )
