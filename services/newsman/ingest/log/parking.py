"""Failing pushes of newsrooms, kept for the operator on the rejected topic."""

import asyncio
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
from newsman.kafka.rejects import COUNT_ONLY, WARNING, rejected
from newsman.runtime.background import BackgroundTasks

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 16 * 1024 * 1024
PER_MINUTE = 60
BYTES_PER_MINUTE = 64 * 1024 * 1024
WARNED_SECONDS = 600.0
MAX_KINDS = 1_000
"""Kinds of problems that are counted apart; of more each source's reasons are."""
TELL_SECONDS = 60.0
"""So long a count waits for the next problem of its kind before it is told alone."""

Kind = tuple[str, str, str]
"""Source, reason and place."""


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
    """Parks bodies that were answered with an error; best effort, limited in rate and size.

    All count, also those that are not kept: counts go with the next of their kind, or alone
    (`tell_counts`). A count that Kafka did not take is told later. What a process that is killed
    has not told yet is lost: at most that of `TELL_SECONDS`.
    """

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
        self._unkept: Counter[Kind] = Counter()
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
        kind = (source, reason, how.place)
        times = 1 + self._unkept.pop(kind, 0)
        sending = self._send(kind, times, detail, body, how.headers())
        self._background.start(sending, name="parking")

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

    async def tell_counts_for_ever(self) -> None:
        """Tells the counts now and then."""
        while True:
            await asyncio.sleep(TELL_SECONDS)
            await self.tell_counts()

    async def tell_counts(self) -> None:
        """Tells the counts of what was not kept, each in a message without a body."""
        counts, self._unkept = self._unkept, Counter()
        for kind, times in counts.items():
            about = {"place": kind[2], COUNT_ONLY: "yes"} if kind[2] else {COUNT_ONLY: "yes"}
            await self._send(kind, times, f"{times} more of them were not kept", b"", about)

    def _count_unkept(self, source: str, reason: str, how: HowRead) -> None:
        self._count((source, reason, how.place), 1)

    def _count(self, kind: Kind, times: int) -> None:
        if kind not in self._unkept and len(self._unkept) >= MAX_KINDS:
            kind = (*kind[:2], "")
        self._unkept[kind] += times

    async def _send(
        self, kind: Kind, times: int, detail: str, body: bytes, told: Mapping[str, str]
    ) -> None:
        source, reason, _ = kind
        record = rejected(
            stage="ingest",
            reason=reason,
            detail=f"{source}: {detail}",
            key=source.encode(),
            value=body,
            origin=None,
            at=datetime.now(UTC),
            more={**told, "times": str(times)},
        )
        try:
            await self._sender.send(self._topic, [record])
        except KafkaUnavailable as error:
            self._count(kind, times)
            log.warning("not parked: %s", error)
