"""Leases that are over, and subscriptions whose receiver has gone, are deleted."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import HUB, Subscription, SubscriptionState

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0
BY = "hub"

Clock = Callable[[], datetime]


def has_ended(subscription: Subscription, now: datetime) -> bool:
    """True once its lease is over, or nothing is sent to it any more."""
    is_over = subscription.expires_at is not None and subscription.expires_at <= now
    return is_over or subscription.state is SubscriptionState.DISABLED


class Leases:
    """Deletes what has ended; several processes may, since deleting twice changes nothing."""

    def __init__(
        self,
        registry: Registry,
        writer: RegistryWriter,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._clock = clock

    async def run(self) -> None:
        """Looks every SWEEP_SECONDS, without end."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(SWEEP_SECONDS)

    def sweep(self) -> None:
        """Deletes what has ended by now; blocks."""
        for subscription in self._ended():
            try:
                self._writer.delete(subscription.id, by=BY)
            except RegistryUnavailable as problem:
                log.warning("subscription %s is not deleted yet: %s", subscription.id, problem)
                return

    def _ended(self) -> Iterable[Subscription]:
        now = self._clock()
        return [s for s in self._registry.of_owner(HUB) if has_ended(s, now)]
