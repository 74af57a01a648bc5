"""The loop that sends: claims subscriptions with something due, takes it, and has it sent."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from newsman.deliver import metrics
from newsman.deliver.channels.channel import Channel
from newsman.deliver.queue.outlet import CLAIM_MS, Hint, Outlet, Taken, Wish
from newsman.deliver.sending.deliveries import Deliveries
from newsman.deliver.sending.rates import Rates
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.health import Pulse
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05
"""Between two looks for what was queued while the bell cannot be heard."""
LONGEST_WAIT_SECONDS = 1.0
"""For the bell, and for what others have leased and may have died with."""
APART_SECONDS = 0.003
"""Between two looks at least: what comes meanwhile is taken together. A look costs as much as
sending several deliveries; the first after a pause is at once."""
MOST_UNDER_WAY = 1_024
LEASE_MARGIN_SECONDS = 5.0
NOT_NOW_MS = 5_000
"""Until a queue is looked into again that is paused, or whose subscription is not known here."""
NO_ROOM_MS = 100
PROCESS_SECONDS = 2.0
PROCESS_ALIVE_MS = 10_000


@dataclass(frozen=True)
class Sending:
    """What the loop works with."""

    outlet: Outlet
    registry: Registry
    channels: Mapping[str, Channel]
    deliveries: Deliveries
    is_told: Callable[[], bool]
    """True while `wake` is called for everything that is queued, by whichever process."""
    rates: Rates
    pulse: Pulse
    process: str
    lease_seconds: float


class Dispatcher:
    """Shares the queues with the loops of other processes; each delivery is leased by one."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._hints: list[Hint] = []
        self._full: set[str] = set()
        self._again: set[str] = set()
        """Subscriptions that had more waiting than could be sent at once, and of these those that
        have taken a delivery since."""
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._noted_at = -PROCESS_SECONDS
        self._next_ms = -1

    def hint(self, hint: Hint) -> None:
        """A queue is to be looked into at another time; from this loop."""
        self._hints.append(hint)
        self._woken.set()

    def look_again(self, subscription_id: str) -> None:
        """The subscription has taken a delivery, so that another may go before that is settled."""
        if subscription_id in self._full:
            self._again.add(subscription_id)
            self._woken.set()

    def wake(self) -> None:
        """There may be something to do; safe from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run_until(self, stopped: Callable[[], bool]) -> None:
        """Sends until told to stop."""
        while not stopped():
            self._woken.clear()
            began = self._loop.time()
            is_busy = await self._cycle()
            self._sending.pulse.beat()
            if not is_busy and not self._hints and not self._again:
                await _wait(self._woken, self._patience_seconds())
            apart = max(APART_SECONDS, self._sending.deliveries.gather_seconds())
            await asyncio.sleep(max(0.0, began + apart - self._loop.time()))

    async def _cycle(self) -> bool:
        """One look; True if something was taken."""
        now_ms = _now_ms()
        await self._note_process(now_ms)
        hints, self._hints = self._hints, []
        again, self._again = self._again, set()
        claimed, taken = await asyncio.gather(
            retry_async_while_redis_is_down(
                lambda: self._sending.outlet.claim(hints, now_ms=now_ms)
            ),
            self._take(again, now_ms),
        )
        self._next_ms = claimed.next_ms
        taken += await self._take(
            [ident for ident in claimed.subscription_ids if ident not in again], now_ms
        )
        if taken:
            self._sending.deliveries.begin(taken)
        return bool(taken)

    async def _take(
        self, subscription_ids: Collection[str], now_ms: int
    ) -> list[tuple[Subscription, Taken]]:
        """Leases what may be sent of these, and notes when to look again."""
        wishes = [wished for ident in subscription_ids if (wished := self._wish(ident, now_ms))]
        if not wishes:
            return []
        takes = await retry_async_while_redis_is_down(
            lambda: self._sending.outlet.take(
                [wish for _, wish in wishes],
                now_ms=now_ms,
                lease_ms=int(self._sending.lease_seconds * 1_000),
                token=f"{self._sending.process}.{time.monotonic_ns()}",
            )
        )
        taken: list[tuple[Subscription, Taken]] = []
        for (subscription, wish), take in zip(wishes, takes, strict=True):
            is_short = len(take.taken) == wish.most < wish.most_under_way
            due_ms = now_ms + NO_ROOM_MS if is_short else take.due_ms
            self._hints.append(Hint(subscription.id, due_ms, now_ms + CLAIM_MS))
            if take.is_full:
                self._full.add(subscription.id)
            taken += [(subscription, each) for each in take.taken]
            self._sending.rates.use(subscription.owner, len(take.taken))
        return taken

    def _patience_seconds(self) -> float:
        """How long nothing will be due, as far as is known."""
        if not self._sending.is_told():
            return LOOK_SECONDS
        if self._next_ms < 0:
            return LONGEST_WAIT_SECONDS
        return min(max(0.0, (self._next_ms - _now_ms()) / 1_000), LONGEST_WAIT_SECONDS)

    def _wish(self, ident: str, now_ms: int) -> tuple[Subscription, Wish] | None:
        """How much to take of a claimed queue; None, with a hint, for nothing now."""
        self._full.discard(ident)
        subscription = self._sending.registry.subscription(ident)
        claimed_ms = now_ms + CLAIM_MS
        channel = self._sending.channels.get(subscription.kind) if subscription else None
        if (
            subscription is None
            or channel is None
            or subscription.state is not SubscriptionState.ACTIVE
        ):
            self._hints.append(Hint(ident, now_ms + NOT_NOW_MS, claimed_ms))
            return None
        room = min(self._room(), self._sending.rates.allowed(subscription.owner))
        if room <= 0:
            self._hints.append(Hint(ident, now_ms + NO_ROOM_MS, claimed_ms))
            return None
        if channel.together > 1:
            return subscription, Wish(ident, channel.together, channel.together, alone=True)
        most = subscription.concurrency
        # So what is not settled yet is bounded, too: it comes again after a kill.
        answered = tuple(islice(self._sending.deliveries.answered(ident), most))
        return subscription, Wish(ident, most, min(most, room), answered=answered)

    def _room(self) -> int:
        return MOST_UNDER_WAY - self._sending.deliveries.under_way

    async def _note_process(self, now_ms: int) -> None:
        if time.monotonic() - self._noted_at < PROCESS_SECONDS:
            return
        self._noted_at = time.monotonic()
        sending = self._sending
        sending.rates.forget_idle()
        sending.rates.processes = await retry_async_while_redis_is_down(
            lambda: sending.outlet.note_process(
                sending.process, now_ms=now_ms, alive_ms=PROCESS_ALIVE_MS
            )
        )
        metrics.under_way.set(sending.deliveries.under_way)


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        pass


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
