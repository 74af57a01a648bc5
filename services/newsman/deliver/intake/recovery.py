"""Making the queues' memory anew after Redis was lost, from the ledger's log.

What was acknowledged is marked as told, and the reader begins at the beginning; so nothing that a
receiver has taken goes to it again, and everything else does, under the same ids.
"""

import json
import logging
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from typing import Any

import redis

from newsman.deliver.intake.patience import ToldToStop
from newsman.deliver.intake.recipients import write_told
from newsman.deliver.queue.inlet import Inlet
from newsman.kafka.log import AWAY, TopicLog
from newsman.redis.keys import DeliverKeys
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

LAYOUT = b"1"
"""What the queues' keys hold."""
LOCK_MS = 30_000
WAIT_SECONDS = 0.5
TOLD_BY = frozenset({"acknowledged", "shadowed"})

OpenLog = Callable[[], AbstractContextManager[TopicLog]]
Beat = Callable[[], None]

# KEYS: the lock. ARGV: its token, ms. Answers 1 while it is ours.
EXTEND = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""


class Recovery:
    """Keeps the marker that says that the queues are whole; one process recovers for all."""

    def __init__(
        self,
        client: "redis.Redis",
        inlet: Inlet,
        namespace: str,
        topic: str,
        open_log: OpenLog,
        beat: Beat,
        stopping: threading.Event,
    ) -> None:
        self._redis = client
        self._inlet = inlet
        self._keys = DeliverKeys(namespace)
        self._topic = topic
        self._open_log = open_log
        self._beat = beat
        self._stopping = stopping
        self._token = uuid.uuid4().hex
        self._outage = Outage(log, "what was acknowledged cannot be read from the ledger's log")
        self._extend = client.register_script(EXTEND)

    def is_whole(self) -> bool:
        """True if nothing was lost, or it has been recovered."""
        return bool(self._redis.get(self._keys.marker) == LAYOUT)

    def ensure(self) -> bool:
        """Recovers, or waits for the process that does: True once the queues are whole, False if
        the process is told to stop before."""
        with suppress(ToldToStop):
            while not retry_while_redis_is_down(self.is_whole, self._beat):
                if self._stopping.is_set():
                    return False
                if retry_while_redis_is_down(self._lock, self._beat):
                    self._try()
                else:
                    self._beat()
                    self._stopping.wait(WAIT_SECONDS)
            return True
        return False

    def _try(self) -> None:
        """Recovers, unless Kafka is away: then whoever comes next begins anew."""
        try:
            retry_while_redis_is_down(self._recover, self._beat)
        except AWAY as problem:
            self._outage.failed(problem)
            retry_while_redis_is_down(lambda: self._keep_lock(1), self._beat)
            self._stopping.wait(WAIT_SECONDS)
        else:
            self._outage.over()

    def _lock(self) -> bool:
        return bool(self._redis.set(self._keys.lock, self._token, nx=True, px=LOCK_MS))

    def _recover(self) -> None:
        entries = 0
        with self._open_log() as topics:
            bounds = topics.bounds(topics.partitions(self._topic))
            topics.start(bounds.start)
            for batches in topics.read_to(bounds.end):
                for records in batches.values():
                    self._inlet.note_told(_newest(records))
                    entries += len(records)
                self._beat()
                if not self._keep_lock(1 if self._stopping.is_set() else LOCK_MS):
                    return  # too slow, and somebody else has begun
                if self._stopping.is_set():
                    return
        self._redis.set(self._keys.marker, LAYOUT)
        self._redis.delete(self._keys.lock)
        if entries:
            log.warning("recovered from %d entries of the ledger what was acknowledged", entries)

    def _keep_lock(self, ms: int) -> bool:
        """Holds the lock for so long from now on; False if it is somebody else's."""
        return bool(self._extend(keys=[self._keys.lock], args=[self._token, ms]))


def _newest(records: Iterable[Any]) -> dict[str, dict[str, str]]:
    """By article and subscription the highest revision that was acknowledged."""
    newest: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for record in records:
        # Millions of entries: only the fields that count are looked at.
        entry = json.loads(record.value or b"{}")
        subscription_id = entry.get("subscription_id")
        if entry.get("outcome") in TOLD_BY and subscription_id:
            row, told = newest[entry["article_id"]], (entry["revision"], entry["event"])
            row[subscription_id] = max(row.get(subscription_id, told), told)
    return {
        article_id: {ident: write_told(*told) for ident, told in row.items()}
        for article_id, row in newest.items()
    }
