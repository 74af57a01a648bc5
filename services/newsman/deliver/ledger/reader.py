"""Putting an article's ledger together: the book, the store, the queues."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from newsman.deliver.ledger.book import Ledger
from newsman.deliver.ledger.current import CurrentReader
from newsman.deliver.ledger.report import ArticleLedger, article_ledger
from newsman.deliver.ledger.state import Current, holders

Queued = Callable[[str], Awaitable[dict[str, int]]]
"""The last revision of an article that was queued for each subscription."""


class LedgerReader:
    """Answers who has which version of an article."""

    def __init__(self, ledger: Ledger, current: CurrentReader, queued: Queued) -> None:
        self._ledger = ledger
        self._current = current
        self._queued = queued

    @property
    def is_whole(self) -> bool:
        """True once the ledger holds all that was noted before this process started."""
        return self._ledger.is_whole

    async def of(self, article_id: str, *, subscriber: str | None = None) -> ArticleLedger | None:
        """The ledger of an article, of one subscriber's alone if one is named; None for an article
        that nobody knows of. Raises RedisError."""
        current: Current = await self._current.of(article_id)
        entries = await asyncio.to_thread(self._ledger.entries, current.article_id)
        queued = await self._queued(current.article_id)
        if current.status == "unknown" and not entries:
            return None
        now = datetime.now(UTC)
        if subscriber is not None:
            entries = tuple(entry for entry in entries if entry.subscriber == subscriber)
            own = {entry.subscription_id for entry in entries}
            queued = {name: revision for name, revision in queued.items() if name in own}
        return article_ledger(current, holders(current, entries, queued, now), entries, now)
