"""Where somebody begins or goes on: cursors, times and words as positions in the log."""

import asyncio
from collections.abc import Collection

from newsman.deliver.pull.log import BoundedReads
from newsman.deliver.pull.matching import is_ranking
from newsman.deliver.pull.window import EventWindow
from newsman.deliver.subscriptions.cursors import END_MS, positions_at, read_cursor
from newsman.kafka.positions import Named, Part, Positions
from newsman.matching.events import wants
from newsman_schemas.subscriptions import RANKING_EVENT, Subscription
from newsman_schemas.topics import ARTICLE_PUBLISHED

CATCH_UP_SECONDS = 5.0
LOOK_SECONDS = 0.05


class NotCaughtUp(Exception):
    """This process has not read yet what another has shown the reader, or nothing at all."""


class Starts:
    """Finds positions, from memory where that knows them."""

    def __init__(self, window: EventWindow, reads: BoundedReads, namespace: str) -> None:
        self._window = window
        self._reads = reads
        self._namespace = namespace

    def ends(self) -> dict[int, int]:
        """The end of each partition of article-published, as far as this process has read."""
        return {n: at for (topic, n), at in self._window.positions.items() if not _ranks(topic)}

    def parts(self, subscription: Subscription | None) -> list[Part]:
        """The partitions that a subscription is told from; those of articles without one."""
        self._check()
        has_rankings = subscription is not None and wants(subscription, RANKING_EVENT)
        return [part for part in self._window.positions if has_rankings or not is_ranking(part)]

    async def named(self, text: str, parts: Collection[Part]) -> Positions:
        """The positions of these partitions that a text names.

        Raises BadPosition, KafkaError or NotCaughtUp.
        """
        named = read_cursor(text, parts)
        asked = {part: ms for part, ms in named.moments.items() if ms < END_MS}
        now = {part: self._window.positions[part] for part in named.moments if part not in asked}
        if not await self._has_reached(named.offsets):
            # Another log, or one of which this process knows too little.
            await self._reads.resolve(named)
            raise NotCaughtUp("this process has not read so far yet")
        found = await self._reads.resolve(Named(moments=asked)) if asked else {}
        return {**named.offsets, **now, **found}

    async def of_subscription(self, subscription: Subscription) -> Positions:
        """The positions at which a subscription begins; rankings begin now."""
        parts = self.parts(subscription)
        start = positions_at(ARTICLE_PUBLISHED, self._namespace, subscription.start)
        now = {part: self._window.positions[part] for part in parts if is_ranking(part)}
        return {
            **dict.fromkeys(parts, 0),
            **now,
            **{p: at for p, at in start.items() if p in parts},
        }

    async def _has_reached(self, offsets: Positions) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CATCH_UP_SECONDS
        while self._window.ahead(offsets) and loop.time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
        return not self._window.ahead(offsets)

    def _check(self) -> None:
        if not self._window.is_ready:
            raise NotCaughtUp("the log has not been read yet")


def _ranks(topic: str) -> bool:
    return is_ranking((topic, 0))
