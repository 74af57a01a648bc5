"""The hub: what becomes of a request after it was accepted."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.deliver.hub.feed_reader import Ends, FeedReader, FeedsAway, NoTopic
from newsman.deliver.hub.limits import MinuteLimits
from newsman.deliver.hub.requests import HubRequest
from newsman.deliver.hub.topics import TopicScope, scope_of
from newsman.deliver.hub.verification import Confirmation, confirm, deny
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.runtime.background import BackgroundTasks
from newsman.subscribers.registry import Registry
from newsman.web.outbound.policy import host_of
from newsman.web.outbound.session import OutboundSession
from newsman_schemas.events import digest
from newsman_schemas.subscriptions import HUB, Secret, Subscription, SubscriptionState

log = logging.getLogger(__name__)

WORK = "hub"
KIND = "websub"
TOPIC, CANONICAL = "topic", "canonical"
"""Options of a subscription: the address as its subscriber named it, and as feeds does."""
MOST_UNDER_WAY = 1_000
MOST_PER_HOST = 200
"""Subscriptions of one callback host."""
MOST_PER_TOPIC = 1_000
MOST = 10_000
AGAIN_SECONDS = (5.0, 30.0)
"""Before an unclear answer is asked for again: receivers may store what they asked for late."""
FINISH_SECONDS = 5.0


LookAt = Callable[[Sequence[Subscription]], None]
"""Has the queues of subscriptions look at their topics; blocks."""


class TooBusy(Exception):
    """As many requests as can be are under way."""


@dataclass(frozen=True)
class HubParts:
    """What the hub works with; the sessions belong to the loop that it runs in."""

    registry: Registry
    writer: RegistryWriter
    strangers: OutboundSession
    feeds: FeedReader
    ends: Ends
    """Where a new subscription begins: the ends of article-published."""
    look_at: LookAt


class Hub:
    """Verifies wishes beside the requests that brought them, a bounded number at a time."""

    def __init__(
        self,
        parts: HubParts,
        limits: MinuteLimits,
        *,
        again_seconds: Sequence[float] = AGAIN_SECONDS,
    ) -> None:
        self._parts = parts
        self._limits = limits
        self._again_seconds = again_seconds
        self._tasks = BackgroundTasks()

    def take(self, wish: HubRequest) -> None:
        """Goes on with an accepted wish; raises TooBusy."""
        if self._tasks.count(WORK) >= MOST_UNDER_WAY or not self._limits.take_callback(
            wish.callback
        ):
            raise TooBusy
        work = self._subscribe if wish.is_subscribing else self._unsubscribe
        self._tasks.start(work(wish), name=WORK)

    def ping(self, topics: Sequence[str]) -> None:
        """Has the subscribers of topics told, where their bytes have changed."""
        asked = {topic for topic in topics if self._limits.take_ping(topic)}
        told = [s for s in self._parts.registry.of_owner(HUB) if not asked.isdisjoint(names(s))]
        if told:
            self._tasks.start(self._look_at(told), name=WORK)

    @property
    def is_busy(self) -> bool:
        """True while something that was accepted is under way."""
        return self._tasks.count(WORK) > 0

    async def close(self) -> None:
        """Ends what is under way."""
        await self._tasks.finish(limit_seconds=FINISH_SECONDS)

    async def _look_at(self, told: Sequence[Subscription]) -> None:
        try:
            await asyncio.to_thread(self._parts.look_at, told)
        except RedisError as problem:
            log.warning("a ping is lost: %s", problem)

    async def _subscribe(self, wish: HubRequest) -> None:
        try:
            canonical = await self._parts.feeds.canonical(wish.topic)
        except NoTopic as problem:
            await self._deny(wish, problem.reason)
            return
        except FeedsAway as problem:
            await self._deny(wish, "the topic can't be read now; try again later")
            log.warning("a topic could not be checked: %s", problem)
            return
        if reason := self._too_many(wish, canonical):
            await self._deny(wish, reason)
        elif await self._is_meant(wish):
            self._limits.confirm(wish.callback)
            await self._put(wish, canonical)

    async def _unsubscribe(self, wish: HubRequest) -> None:
        found = self._parts.registry.subscription(subscription_id(wish))
        if found is None or not await self._is_meant(wish):
            return
        await self._write(lambda: self._parts.writer.delete(found.id, by=WORK))

    async def _is_meant(self, wish: HubRequest) -> bool:
        for wait_seconds in (*self._again_seconds, None):
            outcome = await confirm(self._parts.strangers, wish)
            if outcome is not Confirmation.UNCLEAR or wait_seconds is None:
                return outcome is Confirmation.CONFIRMED
            await asyncio.sleep(wait_seconds)
        return False

    async def _deny(self, wish: HubRequest, reason: str) -> None:
        log.info("a subscription is denied: %s", reason)
        await deny(self._parts.strangers, wish, reason)

    def _too_many(self, wish: HubRequest, canonical: str) -> str | None:
        """Why there can't be one more subscription; renewing one is always possible."""
        known = self._parts.registry.of_owner(HUB)
        if any(one.id == subscription_id(wish) for one in known):
            return None
        host = host_of(wish.callback)
        if sum(host_of(one.target) == host for one in known) >= MOST_PER_HOST:
            return f"{host} has {MOST_PER_HOST} subscriptions already"
        if sum(canonical_topic(one) == canonical for one in known) >= MOST_PER_TOPIC:
            return "this topic has as many subscriptions as it can have"
        return "the hub is full" if len(known) >= MOST else None

    async def _put(self, wish: HubRequest, canonical: str) -> None:
        now = datetime.now(UTC)
        before = self._parts.registry.subscription(subscription_id(wish))
        is_renewed = before is not None and before.state is SubscriptionState.ACTIVE
        try:
            start = before.start if before and is_renewed else await self._now_in_the_log()
        except KafkaError as problem:
            log.error("a subscription could not be added: %s", problem)
            return
        created_at = before.created_at if before else now
        after = subscription_from(
            wish,
            canonical,
            scope_of(self._parts.feeds.path(canonical)),
            start=start,
            now=now,
            created_at=created_at,
        )
        await self._write(lambda: self._parts.writer.put(after, by=WORK))

    async def _now_in_the_log(self) -> Mapping[int, int]:
        return await asyncio.to_thread(self._parts.ends)

    async def _write(self, change: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(change)
        except RegistryUnavailable as problem:
            # The subscriber, who is told nothing, asks again.
            log.error("a change of a subscription is lost: %s", problem)


def canonical_topic(subscription: Subscription) -> str:
    """The address that feeds has for its topic; older subscriptions have named that themselves."""
    options = subscription.options
    return options.get(CANONICAL) or options[TOPIC]


def names(subscription: Subscription) -> tuple[str, str]:
    """Both addresses of its topic."""
    return subscription.options[TOPIC], canonical_topic(subscription)


def subscription_id(wish: HubRequest) -> str:
    """The id of the one subscription of a callback to a topic."""
    return digest(KIND, wish.topic, wish.callback, characters=16)


def subscription_from(
    wish: HubRequest,
    canonical: str,
    scope: TopicScope,
    *,
    start: Mapping[int, int],
    now: datetime,
    created_at: datetime,
) -> Subscription:
    """The subscription that a confirmed wish is."""
    return Subscription(
        id=subscription_id(wish),
        owner=HUB,
        kind=KIND,
        target=wish.callback,
        options={TOPIC: wish.topic, CANONICAL: canonical},
        events=scope.events,
        filter=scope.filter,
        payload="thin",
        start=dict(start),
        secrets=(Secret(value=wish.secret),) if wish.secret else (),
        concurrency=1,
        expires_at=now + timedelta(seconds=wish.lease_seconds),
        created_at=created_at,
        changed_at=now,
    )
