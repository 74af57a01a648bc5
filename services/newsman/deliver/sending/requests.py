"""What operators and subscribers may have done to a queue: tests, resends, replays, a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis

from newsman.deliver.queue.inlet import Inlet, Put, Row
from newsman.deliver.queue.references import NO_TEXT, Reference
from newsman.deliver.sending.attempts import Attempt, load_attempt
from newsman.deliver.sending.stopping import notice
from newsman.redis.keys import DeliverKeys, QueueKeys
from newsman_schemas.subscriptions import ARTICLE_EVENTS, Subscription

TEST_EVENT = "subscription.test"


class NotThere(Exception):
    """No attempt at this delivery is kept."""


class Superseded(Exception):
    """A newer revision of the article was told since; that is the one to have."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """How a queue is doing; `places` are `L…` (live) or `C…` (catching up) by partition."""

    waiting: int
    under_way: int
    failing_since_ms: int
    hold_until_ms: int
    places: Mapping[int, str]


class QueueRequests:
    """Works on queues from any thread; it blocks, for a round trip or two."""

    def __init__(self, client: "redis.Redis", inlet: Inlet, namespace: str) -> None:
        self._redis = client
        self._inlet = inlet
        self._namespace = namespace
        self._keys = DeliverKeys(namespace)

    def state(self, subscription_id: str) -> QueueState:
        """How the queue of a subscription is doing."""
        keys = QueueKeys(self._namespace, subscription_id)
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hlen(keys.entries)
            pipe.hlen(keys.leases)
            pipe.hmget(keys.state, "failing_since", "hold_until")
            pipe.hgetall(keys.places)
            waiting, under_way, (since, hold), places = pipe.execute()
        return QueueState(
            waiting,
            under_way,
            int(since or 0),
            int(hold or 0),
            {int(part): place.decode() for part, place in sorted(places.items())},
        )

    def attempts(self, subscription_id: str) -> list[Attempt]:
        """The last attempts, the newest first."""
        keys = QueueKeys(self._namespace, subscription_id)
        lines: Any = self._redis.lrange(keys.attempts, 0, -1)
        return [load_attempt(line) for line in lines]

    def test(self, subscription: Subscription, *, now: datetime) -> str:
        """Queues an event that is none of an article; answers the id of its delivery."""
        body = {
            "type": TEST_EVENT,
            "timestamp": now.isoformat(),
            "data": {"id": subscription.id, "kind": subscription.kind},
        }
        reference = notice(TEST_EVENT, subscription.id, now, body)
        self._inlet.put([Put(subscription.id, [Row(reference, 0, is_urgent=True)])])
        return reference.delivery_id(subscription.id)

    def resend(self, subscription: Subscription, delivery_id: str) -> None:
        """Queues a delivery again, under its id, with the text that readers may see now.

        Raises NotThere, or Superseded where the article was told in a newer revision since.
        """
        attempt = next(
            (one for one in self.attempts(subscription.id) if one.id == delivery_id), None
        )
        if attempt is None or attempt.event not in ARTICLE_EVENTS:
            raise NotThere(f"no attempt at {delivery_id} is kept")
        told = self._inlet.told([attempt.key])[0].get(subscription.id, "0")
        if int(told.removesuffix("-")) > attempt.revision:
            raise Superseded(f"revision {told.removesuffix('-')} was told since")
        row = Row(_again(attempt), 0, is_urgent=attempt.event in NO_TEXT)
        self._inlet.put([Put(subscription.id, [row])])

    def replay(
        self, subscription_id: str, start: Mapping[int, int], end: Mapping[int, int]
    ) -> None:
        """Has everything between two offsets of each partition told again, and then goes on from
        there; what was told in a newer revision later is told in that."""
        places = {
            partition: f"C{offset} {end[partition]}"
            for partition, offset in start.items()
            if offset < end.get(partition, 0)
        }
        if places:
            self._inlet.move(subscription_id, places)


def _again(attempt: Attempt) -> Reference:
    return Reference(
        attempt.key,
        attempt.event,
        attempt.event_id,
        attempt.revision,
        attempt.version,
        attempt.occurred_ms,
        attempt.source,
        attempt.uri,
        attempt.reason,
    )
