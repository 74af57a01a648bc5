"""Taken references on their way: rendered, sent by their channels, and handed to the settler."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

from newsman.deliver import metrics
from newsman.deliver.channels.channel import Answer, Channel, Delivery
from newsman.deliver.queue.outlet import Outcome, Outlet, Settlement, Taken
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import Body
from newsman.deliver.sending.notes import Note
from newsman.deliver.sending.texts import NotNow, Texts
from newsman.deliver.sending.verdicts import Ended, ended_attempt
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.background import BackgroundTasks
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState

PUT_OFF_MS = 500
PUT_OFF_LONG_MS = 10_000
LONG_AFTER_MS = 60_000
DELIVERY = "delivery"
GATHER_SECONDS_EACH, MOST_GATHER_SECONDS = 0.000_1, 0.003
"""What is done for many at once costs little more than for one. So the more is under way, the
longer may others be waited for: nobody waits for one place among many."""

Ready = tuple[Subscription, Taken, Body]


class Deliveries:
    """What is under way from the moment that it is taken until it is settled."""

    def __init__(
        self,
        texts: Texts,
        outlet: Outlet,
        registry: Registry,
        channels: Mapping[str, Channel],
        *,
        timeout_seconds: float,
    ) -> None:
        self._texts = texts
        self._outlet = outlet
        self._registry = registry
        self._channels = channels
        self._timeout_ms = timeout_seconds * 1_000
        self._settle: Callable[[Ended], None] = _not_yet
        self._tell_answered: Callable[[str], None] = lambda _: None
        self._tasks = BackgroundTasks()
        self._answered: dict[str, set[str]] = defaultdict(set)
        self.under_way = 0

    def settle_by(
        self, settle: Callable[[Ended], None], tell_answered: Callable[[str], None]
    ) -> None:
        """Has what ends settled, and tells of each subscription that has taken something; called
        once, before anything begins."""
        self._settle = settle
        self._tell_answered = tell_answered

    def answered(self, subscription_id: str) -> Collection[str]:
        """Keys that are leased though the subscription has taken them: others may go."""
        return self._answered.get(subscription_id, ())

    def settling(self, batch: Sequence[Ended]) -> None:
        """The leases of these are about to end."""
        for ended in batch:
            self._answered[ended.subscription.id].discard(ended.taken.reference.key)

    def free(self, number: int) -> None:
        """So many have been settled."""
        self.under_way -= number

    def gather_seconds(self) -> float:
        """The time for which what comes now may wait for others."""
        return min(MOST_GATHER_SECONDS, self.under_way * GATHER_SECONDS_EACH)

    def begin(self, taken: Sequence[tuple[Subscription, Taken]]) -> None:
        """Has everything sent that can be, and put off what cannot."""
        self.under_way += len(taken)
        self._tasks.start(self._begin(taken), name=DELIVERY)

    async def _begin(self, taken: Sequence[tuple[Subscription, Taken]]) -> None:
        wanted = [(subscription.payload, each.reference) for subscription, each in taken]
        bodies = await retry_async_while_redis_is_down(lambda: self._texts.bodies(wanted))
        together: dict[str, list[Ready]] = defaultdict(list)
        for (subscription, each), body in zip(taken, bodies, strict=True):
            if isinstance(body, NotNow):
                self._settle(await self._put_off(subscription, each, body))
            elif subscription.shadow:
                self._settle(_shadowed(subscription, each))
            elif self._channels[subscription.kind].together > 1:
                together[subscription.id].append((subscription, each, body))
            else:
                self._tasks.start(self._send([(subscription, each, body)]), name=DELIVERY)
        for group in together.values():
            self._tasks.start(self._send(group), name=DELIVERY)

    async def finish(self, *, limit_seconds: float) -> None:
        """Waits for what is under way, for so long."""
        await self._tasks.finish(limit_seconds=limit_seconds)

    async def _send(self, group: Sequence[Ready]) -> None:
        """Sends deliveries of one subscription, all at once."""
        subscription = self._registry.subscription(group[0][0].id)
        is_off = subscription is None or subscription.state is not SubscriptionState.ACTIVE
        # A process that stood still meanwhile may have lost its lease to another.
        is_late = group[0][1].until_ms < time.time_ns() // 1_000_000 + self._timeout_ms
        if subscription is None or is_off or is_late:
            for taken_by, each, _ in group:
                self._settle(_deferred(taken_by, each, PUT_OFF_LONG_MS))
            return
        deliveries = [_delivery(subscription, each, body) for _, each, body in group]
        began = time.monotonic()
        answers: Sequence[Answer] = await self._channels[subscription.kind].send(
            subscription, deliveries
        )
        seconds = time.monotonic() - began
        for (_, each, body), delivery, answer in zip(group, deliveries, answers, strict=True):
            ended = ended_attempt(subscription, each, delivery.id, body, answer, seconds=seconds)
            if ended.is_delivered:
                self._answered[subscription.id].add(each.reference.key)
                self._tell_answered(subscription.id)
            self._settle(ended)

    async def _put_off(self, subscription: Subscription, taken: Taken, body: NotNow) -> Ended:
        """Later, or never where the newer revision that the store has was told already."""
        metrics.put_off.inc()
        reference = taken.reference
        if body.revision > reference.revision and await self._was_told(
            reference, subscription.id, body.revision
        ):
            note = Note(subscription, reference, "replaced", taken.failures)
            return Ended(subscription, taken, Settlement(taken, Outcome.DROP), note)
        age_ms = time.time_ns() // 1_000_000 - reference.at_ms
        return _deferred(
            subscription, taken, PUT_OFF_MS if age_ms < LONG_AFTER_MS else PUT_OFF_LONG_MS
        )

    async def _was_told(self, reference: Reference, subscription_id: str, revision: int) -> bool:
        told = await retry_async_while_redis_is_down(
            lambda: self._outlet.told(reference.key, subscription_id)
        )
        return int(told.removesuffix("-") or 0) >= revision


def _delivery(subscription: Subscription, taken: Taken, body: Body) -> Delivery:
    reference = taken.reference
    return Delivery(
        id=reference.delivery_id(subscription.id),
        event=reference.event,
        article_id=reference.key,
        revision=reference.revision,
        version=reference.version,
        occurred_at=datetime.fromtimestamp(reference.at_ms / 1_000, UTC),
        attempt=taken.failures + 1,
        body=body.content,
        media_type=body.media_type,
        article=body.article,
    )


def _deferred(subscription: Subscription, taken: Taken, wait_ms: int) -> Ended:
    due_ms = time.time_ns() // 1_000_000 + wait_ms
    return Ended(subscription, taken, Settlement(taken, Outcome.DEFER, due_ms))


def _shadowed(subscription: Subscription, taken: Taken) -> Ended:
    note = Note(subscription, taken.reference, "shadowed", 0)
    return Ended(subscription, taken, Settlement(taken, Outcome.DROP), note)


def _not_yet(_: Ended) -> None:
    raise RuntimeError("nobody settles yet")
