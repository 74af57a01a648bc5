"""Waiting for the next events of a subscription, for long polls and for streams."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.deliver import metrics
from newsman.deliver.pull.fetching import Batch, Fetching
from newsman.deliver.pull.items import Item
from newsman.deliver.pull.window import EventWindow
from newsman.deliver.sending.rates import Rates
from newsman.kafka.positions import Positions, encode_id
from newsman.redis.articles import StoreRebuilding
from newsman_schemas.subscriptions import Subscription

log = logging.getLogger(__name__)

STREAMED_AT_ONCE = 50
RETRY_MS = 2_000
OPENING = f":ok\n\nretry: {RETRY_MS}\n\n".encode()
HEARTBEAT = b": still here\n"
# Server-sent events end lines at \r and \n alone, but many readers split at these as well.
LINE_ENDS = {end: f"\\u{ord(end):04x}".encode() for end in "\x85\u2028\u2029"}

LOOK_SECONDS = 1.0

Current = Callable[[], Subscription]
"""The subscription as it is now; raises once whoever asks may not have it any more."""


class QuotaUsed(Exception):
    """The subscriber has had as many deliveries as it may have for now."""

    def __init__(self, owner: str, seconds: float) -> None:
        super().__init__(f"{owner} has had as many deliveries as it may have in a second")
        self.seconds = seconds
        """Until it may have another."""


class Following:
    """Takes what there is, or waits for it, no faster than its subscriber's quota allows."""

    def __init__(
        self, fetching: Fetching, window: EventWindow, rates: Rates, *, heartbeat_seconds: float
    ) -> None:
        self._fetching = fetching
        self._window = window
        self._rates = rates
        self._heartbeat_seconds = heartbeat_seconds

    async def next(
        self, current: Current, start: Positions, *, limit: int, wait_seconds: float
    ) -> Batch:
        """The next events; none if none came in time. Raises QuotaUsed."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_seconds
        positions = start
        while True:
            subscription = current()
            ticket = self._window.ticket(subscription.id)
            try:
                most = min(limit, self._allowed(subscription.owner))
                batch = await self._fetching.take(subscription, positions, most)
                self._rates.use(subscription.owner, len(batch.items))
                positions = batch.positions
                left = deadline - loop.time()
                if batch.items or left <= 0 or self._window.is_closed:
                    metrics.fetched_events.inc(len(batch.items))
                    return batch
                await asyncio.wait({ticket}, timeout=left)
            finally:
                self._window.give_back(subscription.id, ticket)

    async def stream(
        self, current: Current, start: Positions, ends: tuple[type[Exception], ...]
    ) -> AsyncIterator[bytes]:
        """Server-sent events from a position on, until the window is closed or `current` raises
        one of `ends`."""
        positions = start
        yield OPENING
        try:
            while not self._window.is_closed:
                try:
                    batch = await self.next(
                        current,
                        positions,
                        limit=STREAMED_AT_ONCE,
                        wait_seconds=self._heartbeat_seconds,
                    )
                except QuotaUsed as used:
                    await asyncio.sleep(min(used.seconds, LOOK_SECONDS))
                    continue
                positions = batch.positions
                if batch.items:
                    yield b"".join(map(frame, batch.items))
                else:
                    # The id may move past what the filter left out.
                    yield HEARTBEAT + encode_id(positions) + b"\n"
        except ends as error:
            log.info("a stream has ended: %s", error)
        except (KafkaError, RedisError, StoreRebuilding) as error:
            # The reader comes back by itself with its last id.
            log.warning("a stream was broken off: %s", error)

    def _allowed(self, owner: str) -> int:
        """The number of events that may be handed out now, at least 1; raises QuotaUsed."""
        if (seconds := self._rates.seconds_left(owner)) > 0:
            raise QuotaUsed(owner, seconds)
        return max(1, self._rates.allowed(owner))


def frame(item: Item) -> bytes:
    """An event of the stream."""
    content = item.content
    for end, escape in LINE_ENDS.items():
        content = content.replace(end.encode(), escape)
    return b"%sevent: %s\ndata: %s\n\n" % (encode_id(item.after), item.name.encode(), content)
