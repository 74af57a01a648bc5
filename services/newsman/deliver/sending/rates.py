"""Deliveries per second of each subscriber, sent and fetched: the share of this process."""

import threading
import time
from collections.abc import Callable

from newsman.subscribers.registry import Registry

OWN_PER_SECOND = 1_000_000.0
"""The rate of owners that are no subscribers: no limit."""

PerSecond = Callable[[str], float]
"""The rate of an owner in all processes together."""


def quotas(registry: Registry) -> PerSecond:
    """The rates that subscribers have by their quotas."""

    def per_second(owner: str) -> float:
        subscriber = registry.subscriber(owner)
        return subscriber.most_deliveries_per_second if subscriber else OWN_PER_SECOND

    return per_second


class Rates:
    """A bucket for each owner that fills with its rate, shared by so many processes; any thread
    may ask."""

    def __init__(self, per_second: PerSecond, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}
        self.processes = 1

    def allowed(self, owner: str) -> int:
        """The number of deliveries that may begin now."""
        with self._lock:
            return int(self._filled(owner))

    def seconds_left(self, owner: str) -> float:
        """Until a delivery may begin; 0 if one may now."""
        with self._lock:
            return max(0.0, (1.0 - self._filled(owner)) / self._share(owner))

    def use(self, owner: str, number: int) -> None:
        """So many have begun."""
        with self._lock:
            level = self._filled(owner)
            self._buckets[owner] = (level - number, self._buckets[owner][1])

    def forget_idle(self, *, idle_seconds: float = 60.0) -> None:
        """Drops buckets that have not been asked for."""
        with self._lock:
            limit = self._clock() - idle_seconds
            self._buckets = {name: row for name, row in self._buckets.items() if row[1] > limit}

    def _share(self, owner: str) -> float:
        return self._per_second(owner) / self.processes

    def _filled(self, owner: str) -> float:
        now, rate = self._clock(), self._share(owner)
        most = max(1.0, rate)  # a second's worth, so that a rest is never lost
        level, at = self._buckets.get(owner, (most, now))
        level = min(most, level + (now - at) * rate)
        self._buckets[owner] = (level, now)
        return level
