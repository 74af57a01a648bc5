"""The numbers of an installation, one look at a time: lag, age, standing still, Redis, queues."""

import time

from newsman.redis.servers.masters import time_of
from newsman.tools import metrics
from newsman.tools.operate.installation import Installation
from newsman.tools.operate.lags import PartitionLag, by_service, lags
from newsman.tools.operate.status import redis_memory, waiting_deliveries

Place = tuple[str, str, int]


class InstallationLook:
    """Remembers since when each service stands where it does."""

    def __init__(self, there: Installation) -> None:
        self._there = there
        self._moved: dict[Place, tuple[int, float]] = {}

    def look(self) -> None:
        """Sets every gauge; raises KafkaError, RedisError."""
        there = self._there
        found = lags(there.log, there.redis, there.settings.kafka_bootstrap, there.namespace)
        for each in found:
            metrics.lag.labels(each.service, each.topic, str(each.partition)).set(each.events)
        for service, _, age in by_service(found):
            metrics.oldest.labels(service).set(age or 0)
            own = [self._standing_seconds(each) for each in found if each.service == service]
            metrics.standing.labels(service).set(max(own))
        self._look_at_redis()

    def _standing_seconds(self, lag: PartitionLag) -> float:
        place, now = (lag.service, lag.topic, lag.partition), time.monotonic()
        offset, since = self._moved.get(place, (-1, now))
        if offset != lag.offset or not lag.events:
            since = now
        self._moved[place] = lag.offset, since
        return now - since

    def _look_at_redis(self) -> None:
        client = self._there.redis
        waiting = waiting_deliveries(client, self._there.namespace)
        metrics.deliveries.set(waiting["waiting"])
        metrics.failing.set(waiting["failing"])
        memory = redis_memory(client)
        metrics.redis_used.set(memory["used_bytes"])
        metrics.redis_most.set(memory["most_bytes"])
        began = time.time()
        told = time_of(client)
        asked = (began + time.time()) / 2
        metrics.clock.set(told - asked)
