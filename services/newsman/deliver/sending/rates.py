"""Deliveries per second of each subscriber, as far as this process may use them."""

import time
from collections.abc import Callable


class Rates:
    """A bucket for each owner that fills with its rate, shared by so many processes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self.processes = 1

    def allowed(self, owner: str, per_second: float) -> int:
        """The number of deliveries that may begin now."""
        return int(self._filled(owner, per_second / self.processes))

    def use(self, owner: str, number: int) -> None:
        """So many have begun."""
        level, at = self._buckets[owner]
        self._buckets[owner] = (level - number, at)

    def forget_idle(self, *, idle_seconds: float = 60.0) -> None:
        """Drops buckets that have not been asked for."""
        limit = self._clock() - idle_seconds
        self._buckets = {name: row for name, row in self._buckets.items() if row[1] > limit}

    def _filled(self, owner: str, rate: float) -> float:
        now = self._clock()
        most = max(1.0, rate)  # a second's worth, so that a rest is never lost
        level, at = self._buckets.get(owner, (most, now))
        level = min(most, level + (now - at) * rate)
        self._buckets[owner] = (level, now)
        return level
