"""Failing pushes of newsrooms, kept for the operator on the rejected topic."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime

from newsman.ingest.log.producer import KafkaUnavailable, RecordSender
from newsman.kafka.rejects import rejected
from newsman.runtime.background import BackgroundTasks

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
PER_MINUTE = 60


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
        self._parked: dict[str, list[float]] = defaultdict(list)
        self._background = background

    def park(
        self,
        source: str,
        reason: str,
        detail: str,
        body: bytes,
        limit_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        """Parks in the background: the sender's answer neither waits for it nor depends on it."""
        now = self._clock()
        recent = [at for at in self._parked[source] if now - at < 60]
        self._parked[source] = recent
        if len(recent) >= PER_MINUTE or len(body) > limit_bytes:
            return
        recent.append(now)
        self._background.start(self._send(source, reason, detail, body), name="parking")

    async def _send(self, source: str, reason: str, detail: str, body: bytes) -> None:
        record = rejected(
            stage="ingest",
            reason=reason,
            detail=f"{source}: {detail}",
            key=source.encode(),
            value=body,
            origin=None,
            at=datetime.now(UTC),
        )
        try:
            await self._sender.send(self._topic, [record])
        except KafkaUnavailable as error:
            log.warning("not parked: %s", error)
