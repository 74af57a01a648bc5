"""Failing pushes of newsrooms, kept for the operator on the rejected topic."""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf

from newsman.ingest import metrics
from newsman.ingest.log.producer import KafkaUnavailable, RecordSender
from newsman.ingest.rejected.how_read import HowRead
from newsman.kafka.rejects import WARNING, rejected
from newsman.runtime.background import BackgroundTasks

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 16 * 1024 * 1024
PER_MINUTE = 60
BYTES_PER_MINUTE = 64 * 1024 * 1024
WARNED_SECONDS = 600.0
MAX_KINDS = 10_000


@dataclass
class _Minute:
    """The bodies of a source that were kept lately: when, and how large."""

    kept: list[tuple[float, int]] = field(default_factory=list)

    def has_room(self, now: float, size: int) -> bool:
        """True if one more of that size may be kept now."""
        self.kept = [(at, each) for at, each in self.kept if now - at < 60]
        total = sum(each for _, each in self.kept)
        return len(self.kept) < PER_MINUTE and total + size <= BYTES_PER_MINUTE


class Parking:
    """Parks bodies that were answered with an error; best effort, limited in rate and size."""

    def __init__(
        self,
        sender: RecordSender,
        topic: str,
        background: BackgroundTasks,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._topic = topic
        self._clock = clock
        self._minutes: dict[str, _Minute] = defaultdict(_Minute)
        self._unkept: Counter[tuple[str, str, str]] = Counter()
        self._warned: dict[tuple[str, str], float] = {}
        self._background = background

    def park(
        self,
        source: str,
        reason: str,
        detail: str,
        body: bytes,
        how: HowRead = HowRead(),  # noqa: B008 - it is frozen
    ) -> None:
        """Parks in the background: the sender's answer neither waits for it nor depends on it.

        What there is no room for is counted, and told with the next of its kind.
        """
        metrics.problems.labels(source, reason).inc()
        now, minute = self._clock(), self._minutes[source]
        if len(body) > MAX_BODY_BYTES or not minute.has_room(now, len(body)):
            self._count_unkept(source, reason, how)
            return
        minute.kept.append((now, len(body)))
        times = 1 + self._unkept.pop((source, reason, how.place), 0)
        told = {**how.headers(), "times": str(times)}
        self._background.start(self._send(source, reason, detail, body, told), name="parking")

    def warn(self, source: str, detail: str, body: bytes, how: HowRead) -> None:
        """Parks what was taken with a warning, each place of a source now and then; all count."""
        now, kind = self._clock(), (source, how.place)
        if now - self._warned.get(kind, -inf) < WARNED_SECONDS:
            metrics.problems.labels(source, WARNING).inc()
            self._count_unkept(source, WARNING, how)
            return
        if len(self._warned) >= MAX_KINDS:
            self._warned.clear()
        self._warned[kind] = now
        self.park(source, WARNING, detail, body, how)

    def _count_unkept(self, source: str, reason: str, how: HowRead) -> None:
        if len(self._unkept) >= MAX_KINDS:
            self._unkept.clear()
        self._unkept[source, reason, how.place] += 1

    async def _send(
        self, source: str, reason: str, detail: str, body: bytes, told: Mapping[str, str]
    ) -> None:
        record = rejected(
            stage="ingest",
            reason=reason,
            detail=f"{source}: {detail}",
            key=source.encode(),
            value=body,
            origin=None,
            at=datetime.now(UTC),
            more=told,
        )
        try:
            await self._sender.send(self._topic, [record])
        except KafkaUnavailable as error:
            log.warning("not parked: %s", error)
