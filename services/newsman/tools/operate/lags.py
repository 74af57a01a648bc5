"""The place of each service in each partition: by its group, or by its offsets in Redis."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import redis
from kafka import KafkaAdminClient, OffsetAndMetadata, TopicPartition
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
)

from newsman.kafka.clients import build_admin
from newsman.kafka.log import LogBounds, TopicLog
from newsman.redis.keys import DeliverKeys, PopularityKeys
from newsman_schemas.topics import (
    ARTICLE_ENRICHED,
    ARTICLE_PUBLISHED,
    ARTICLE_RECEIVED,
    ARTICLE_VIEWED,
    ARTICLE_VIEWED_V1,
)

CLIENT_ID = "newsman-operate"
ANSWER_MS = 10_000
AGAIN_SECONDS = 0.2
NOT_YET = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)
GROUPS = {"enrich": (ARTICLE_RECEIVED,), "publish": (ARTICLE_ENRICHED,)}
"""Services whose offsets Kafka keeps, and the topics that each reads."""
IN_REDIS = {"popularity": (ARTICLE_VIEWED_V1, ARTICLE_VIEWED), "deliver": (ARTICLE_PUBLISHED,)}
"""Services that keep their offsets in Redis, beside what they made of the records."""


@dataclass(frozen=True)
class PartitionLag:
    """A service's place in a partition; `oldest_seconds` is the age of the first unread record."""

    service: str
    topic: str
    partition: int
    offset: int
    end: int
    oldest_seconds: float | None = None

    @property
    def events(self) -> int:
        """The number of records that are not read yet."""
        return max(0, self.end - self.offset)


def lags(
    log: TopicLog, client: "redis.Redis", bootstrap: str, namespace: str
) -> list[PartitionLag]:
    """Every service's place in every partition that it reads; raises KafkaError, RedisError."""
    topics = {**GROUPS, **IN_REDIS}
    parts = {
        name: log.partitions(*(topic.full_name(namespace) for topic in each))
        for name, each in topics.items()
    }
    bounds = log.bounds([part for each in parts.values() for part in each])
    read = committed(bootstrap, namespace)
    read |= {
        "popularity": _popularity(client, namespace, parts["popularity"]),
        "deliver": _deliver(client, namespace, parts["deliver"]),
    }
    found = [
        PartitionLag(name, part.topic, part.partition, _place(read[name], part, bounds), end)
        for name in topics
        for part in parts[name]
        for end in [bounds.end[part]]
    ]
    return [_with_age(log, each) for each in found]


def offsets_of_groups(
    admin: KafkaAdminClient, names: Sequence[str]
) -> Mapping[str, Mapping[TopicPartition, OffsetAndMetadata]]:
    """The committed offsets of groups, by name; raises KafkaError.

    A broker that has had no group yet makes its topic of offsets when it is first asked.
    """
    until = time.monotonic() + ANSWER_MS / 1_000
    while True:
        try:
            found: Mapping[str, Mapping[TopicPartition, OffsetAndMetadata]]
            found = admin.list_group_offsets(list(names))
        except NOT_YET:
            if time.monotonic() > until:
                raise
            time.sleep(AGAIN_SECONDS)
        else:
            return found


def committed(bootstrap: str, namespace: str) -> dict[str, dict[TopicPartition, int]]:
    """The committed offsets of the services that have a group, by service."""
    with closing(
        build_admin(
            bootstrap,
            client_id=CLIENT_ID,
            bootstrap_timeout_ms=ANSWER_MS,
            request_timeout_ms=ANSWER_MS,
        )
    ) as admin:
        names = {f"{namespace}.{service}": service for service in GROUPS}
        answers = offsets_of_groups(admin, list(names))
    return {
        service: {
            part: place.offset for part, place in answers.get(name, {}).items() if place.offset >= 0
        }
        for name, service in names.items()
    }


def _popularity(
    client: "redis.Redis", namespace: str, parts: Sequence[TopicPartition]
) -> dict[TopicPartition, int]:
    found = {}
    for part in parts:
        keys = PopularityKeys(namespace, part.partition)
        is_first = part.topic.endswith(f".{ARTICLE_VIEWED_V1.name}")
        offset = client.get(keys.offset) if is_first else client.hget(keys.state, "second")
        if isinstance(offset, bytes) and offset.isdigit():
            found[part] = int(offset)
    return found


def _deliver(
    client: "redis.Redis", namespace: str, parts: Sequence[TopicPartition]
) -> dict[TopicPartition, int]:
    offsets = client.hgetall(DeliverKeys(namespace).offsets)
    known = {int(name): int(offset) for name, offset in offsets.items()}
    return {part: known[part.partition] for part in parts if part.partition in known}


def _place(read: Mapping[TopicPartition, int], part: TopicPartition, bounds: LogBounds) -> int:
    """A group that never read a partition begins where the log does."""
    return max(read.get(part, 0), bounds.start[part])


def _with_age(log: TopicLog, lag: PartitionLag) -> PartitionLag:
    if not lag.events:
        return lag
    part = TopicPartition(lag.topic, lag.partition)
    first = next(log.read({part: lag.offset}, {part: lag.end}), None)
    if first is None:
        return lag
    age = max(0.0, time.time() - first.timestamp / 1_000)
    place = (lag.service, lag.topic, lag.partition, lag.offset, lag.end)
    return PartitionLag(*place, oldest_seconds=age)


def by_service(found: Sequence[PartitionLag]) -> Iterator[tuple[str, int, float | None]]:
    """Each service, the events that it has not read, and the age of the oldest of them."""
    for service in dict.fromkeys(each.service for each in found):
        own = [each for each in found if each.service == service]
        ages = [each.oldest_seconds for each in own if each.oldest_seconds is not None]
        yield service, sum(each.events for each in own), max(ages, default=None)
