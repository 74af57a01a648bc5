"""The queues of subscriptions as the edge sees and touches them."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import redis.asyncio

from newsman.deliver.intake.places import Behind, read_place
from newsman.deliver.queue.outlet import ATTEMPTS_KEPT
from newsman.deliver.sending.attempts import Attempt, Exchange, load_attempt, load_exchange
from newsman.deliver.sending.requests import QueueRequests, QueueState
from newsman.redis.keys import QueueKeys
from newsman_schemas.subscriptions import Subscription

TOGETHER = 200
"""Queues that are looked into in one round trip."""


class QueueDesk:
    """Looks into queues, and puts into them what somebody asks for."""

    def __init__(
        self, client: "redis.asyncio.Redis", namespace: str, requests: QueueRequests
    ) -> None:
        self._redis = client
        self._namespace = namespace
        self._requests = requests

    async def state(self, subscription_id: str) -> QueueState:
        """How the queue of a subscription is doing."""
        return await asyncio.to_thread(self._requests.state, subscription_id)

    async def attempts(
        self, subscription_ids: Sequence[str], limit: int = ATTEMPTS_KEPT
    ) -> list[tuple[str, Attempt]]:
        """The last attempts at deliveries of some subscriptions, the newest first."""
        found: list[tuple[str, Attempt]] = []
        for start in range(0, len(subscription_ids), TOGETHER):
            ids = subscription_ids[start : start + TOGETHER]
            async with self._redis.pipeline(transaction=False) as pipe:
                for ident in ids:
                    pipe.lrange(QueueKeys(self._namespace, ident).attempts, 0, limit - 1)
                rows = await pipe.execute()
            found += [
                (ident, load_attempt(line))
                for ident, lines in zip(ids, rows, strict=True)
                for line in lines
            ]
            found = sorted(found, key=lambda each: each[1].at_ms, reverse=True)[:limit]
        return found

    async def exchanges(
        self, attempts: Sequence[tuple[str, Attempt]]
    ) -> list[tuple[str, Attempt, Exchange | None]]:
        """Attempts with what was sent and answered; None where that is not kept any more."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for ident, attempt in attempts:
                pipe.hget(QueueKeys(self._namespace, ident).exchanges, attempt.exchange)
            rows = await pipe.execute()
        return [
            (ident, attempt, load_exchange(kept) if kept else None)
            for (ident, attempt), kept in zip(attempts, rows, strict=True)
        ]

    async def resend(self, subscription: Subscription, delivery_id: str) -> None:
        """Queues a delivery again under its id; raises NotThere or Superseded."""
        await asyncio.to_thread(self._requests.resend, subscription, delivery_id)

    async def test(self, subscription: Subscription) -> str:
        """Queues an event that says nothing but that it arrives; answers the delivery's id."""
        now = datetime.now(UTC)
        return await asyncio.to_thread(lambda: self._requests.test(subscription, now=now))

    async def replay(
        self, subscription_id: str, start: Mapping[int, int], end: Mapping[int, int]
    ) -> None:
        """Has all that lies between these offsets told again, then what follows."""
        await asyncio.to_thread(self._requests.replay, subscription_id, start, end)


def behind(state: QueueState, ends: Mapping[int, int]) -> int | None:
    """Offsets of the log that the queue has yet to take in; None while that is not known."""
    total = 0
    for part, end in ends.items():
        place = read_place(state.places.get(part, ""))
        if place is None:
            return None
        at = place.offset if isinstance(place, Behind) else place + 1
        total += max(0, end - at)
    return total


def still_held(ms: int) -> int:
    """The Unix ms until which a queue is held back, 0 once that is over."""
    return ms if ms > time.time_ns() // 1_000_000 else 0
