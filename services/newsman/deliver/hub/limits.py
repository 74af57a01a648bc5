"""Limits on what strangers can make the hub ask of others, per minute and in memory."""

import time
from collections import Counter
from collections.abc import Callable

from cachetools import LRUCache

from newsman.web.outbound.policy import host_of, literal_address

WINDOW_SECONDS = 60
PER_HOST = 12
PER_CONFIRMED_HOST = 120
"""Of a host that has confirmed what was asked in its name."""
PER_SITE = 120
"""Of hosts with the same last two labels, which one owner may have made up."""
PER_CLIENT = 120
PER_TOPIC = 6
"""Pings of one topic."""
MOST_COUNTED = 50_000
MOST_CONFIRMED = 10_000

Clock = Callable[[], float]


class MinuteLimits:
    """Counts by key in windows of a minute; forgets everything when there are too many keys."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._window = -1
        self._counts: Counter[tuple[str, str]] = Counter()
        self._confirmed: LRUCache[str, None] = LRUCache(MOST_CONFIRMED)

    def confirm(self, callback: str) -> None:
        """The host of a callback has confirmed what was asked in its name."""
        self._confirmed[host_of(callback)] = None

    def take_callback(self, callback: str) -> bool:
        """Counts a request to the host of a callback; False if that is one too many."""
        host = host_of(callback)
        site = host if literal_address(host) else ".".join(host.split(".")[-2:])
        most = PER_CONFIRMED_HOST if host in self._confirmed else PER_HOST
        return self._take("host", host, most) and self._take("site", site, PER_SITE)

    def take_client(self, address: str) -> bool:
        """Counts a request by a client; False if that is one too many."""
        return self._take("client", address, PER_CLIENT)

    def take_ping(self, topic: str) -> bool:
        """Counts a ping of a topic; False if that is one too many."""
        return self._take("topic", topic, PER_TOPIC)

    def _take(self, kind: str, key: str, most: int) -> bool:
        window = int(self._clock() // WINDOW_SECONDS)
        if window != self._window or len(self._counts) >= MOST_COUNTED:
            self._window, self._counts = window, Counter()
        self._counts[kind, key] += 1
        return self._counts[kind, key] <= most
