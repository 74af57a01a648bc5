"""How often a source may push."""

import time
from collections import defaultdict, deque
from collections.abc import Callable

from newsman.ingest.sources import Source

WINDOW_SECONDS = 60.0


class TooOften(Exception):
    """A source pushes more often than it may; `retry_after` is in seconds."""

    def __init__(self, source: Source, retry_after: int) -> None:
        super().__init__(f"{source.id} may push {source.pushes_per_minute} times a minute")
        self.retry_after = retry_after


class PushRates:
    """How often each source has pushed in the last minute, in this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pushes: dict[str, deque[float]] = defaultdict(deque)

    def count(self, source: Source) -> None:
        """Counts a push; raises TooOften."""
        if source.pushes_per_minute is None:
            return
        now, pushes = self._clock(), self._pushes[source.id]
        while pushes and now - pushes[0] >= WINDOW_SECONDS:
            pushes.popleft()
        if len(pushes) >= source.pushes_per_minute:
            raise TooOften(source, max(1, round(WINDOW_SECONDS - (now - pushes[0]) + 0.5)))
        pushes.append(now)
