"""Making the catalogue anew beside the one that serves, because an operator asks for it.

Every process of feeds says once a second that it is there, which request it has met, and how far
it is with the next; `newsman rebuild feeds` raises the number of the request and watches.
"""

import logging
import threading
import time
from collections.abc import Callable

import redis
from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.log import LogReader
from newsman.redis.keys import FeedsKeys
from newsman.runtime.crash import bugs_crash

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PRESENT_SECONDS = 15
TOLD_SECONDS = 0.5


class Requests:
    """The requests of operators, and what this process says of itself."""

    def __init__(
        self,
        client: redis.Redis,
        namespace: str,
        process: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = client
        self._keys = FeedsKeys(namespace)
        self._process = process
        self._clock = clock
        self._looked_at: float | None = None
        self._met: int | None = None

    def open(self) -> int | None:
        """The request that is to be met, None if there is none; asks at most once a second."""
        now = self._clock()
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return None
        self._looked_at = now
        try:
            asked = int(self._redis.get(self._keys.rebuild) or 0)
            if self._met is None:
                # A process that starts now reads the log as it is.
                self._met = asked
            self.tell(met=self._met)
        except RedisError as problem:
            log.warning("requests to rebuild wait for Redis: %s", problem)
            return None
        return asked if asked > self._met else None

    def met(self, number: int) -> None:
        """The request is met; whoever watches is told with the next look."""
        self._met, self._looked_at = number, None
        try:
            self._redis.hdel(self._keys.process(self._process), "done", "total", "seconds")
        except RedisError as problem:
            log.warning("the catalogue is made anew, which nobody could be told: %s", problem)

    def tell(self, **progress: int) -> None:
        """Says that the process is there, and how far it is."""
        key = self._keys.process(self._process)
        with self._redis.pipeline() as pipe:
            pipe.hset(key, mapping={name: str(value) for name, value in progress.items()})
            pipe.expire(key, PRESENT_SECONDS)
            pipe.execute()


class CatalogueRebuild:
    """One catalogue in the making, in a thread of its own; `fresh` once it is made."""

    def __init__(
        self, beside: str, reader: LogReader, requests: Requests, stopping: threading.Event
    ) -> None:
        self._reader = reader
        self._requests = requests
        self._stopping = stopping
        self._beside = beside
        self.fresh: Catalogue | None = None
        self._thread = threading.Thread(target=self._run, name="catalogue rebuild", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with bugs_crash():
            fresh = Catalogue(self._beside)
            fresh.clear()
            while self.fresh is None and not self._stopping.is_set():
                try:
                    self._fill(fresh)
                except (KafkaError, OSError) as problem:
                    log.warning("making the catalogue goes on in a second: %s", problem)
                    self._stopping.wait(LOOK_SECONDS)

    def _fill(self, fresh: Catalogue) -> None:
        began, told_at = time.monotonic(), 0.0
        for done, total in self._reader.fill(fresh, self._stopping):
            now = time.monotonic()
            if now - told_at >= TOLD_SECONDS or done == total:
                left = (now - began) / max(done, 1) * (total - done)
                self._tell(done, total, round(left))
                told_at = now
        if not self._stopping.is_set():
            self.fresh = fresh

    def _tell(self, done: int, total: int, seconds: int) -> None:
        try:
            self._requests.tell(done=done, total=total, seconds=seconds)
        except RedisError as problem:
            log.warning("the catalogue is at %s of %s events: %s", done, total, problem)
