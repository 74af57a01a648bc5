"""Rate limits of sources."""

import time
from collections import defaultdict, deque
from collections.abc import Callable

from newsman.ingest.sources.sources_file import Source

WINDOW_SECONDS = 60.0
COSTLY_PER_MINUTE = 10
"""Pushes of a source that took more to read than they may, before no more is read for it."""


class TooOften(Exception):
    """A source pushes more often than it may; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class PushRates:
    """Pushes of each source in the last minute, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pushes: dict[str, deque[float]] = defaultdict(deque)
        self._costly: dict[str, deque[float]] = defaultdict(deque)

    def count(self, source: Source) -> None:
        """Counts a push; raises TooOften."""
        if source.pushes_per_minute is None:
            return
        detail = f"{source.id} may push {source.pushes_per_minute} times a minute"
        self._check(self._pushes[source.id], source.pushes_per_minute, detail)
        self._pushes[source.id].append(self._clock())

    def count_costly(self, source: Source) -> None:
        """Counts a push that took more to read than it may."""
        self._costly[source.id].append(self._clock())

    def check_costly(self, source: Source) -> None:
        """Raises TooOften when the source has sent too many of those."""
        if source.id in self._costly:
            detail = f"too much of what {source.id} pushes takes too long to read"
            self._check(self._costly[source.id], COSTLY_PER_MINUTE, detail)

    def _check(self, times: deque[float], most: int, detail: str) -> None:
        now = self._clock()
        while times and now - times[0] >= WINDOW_SECONDS:
            times.popleft()
        if len(times) >= most:
            raise TooOften(detail, max(1, round(WINDOW_SECONDS - (now - times[0]) + 0.5)))
