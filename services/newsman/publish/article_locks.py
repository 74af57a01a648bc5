"""Of one article they take their turns."""

import asyncio
from collections.abc import Sequence


class ArticleLocks:
    """Per-article locks: versions of one article are processed one at a time, in order of
    arrival."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def is_free(self, article_id: str) -> bool:
        """True if nobody is at the article, or waits for it."""
        return article_id not in self._locks

    def take(self, article_ids: Sequence[str]) -> "Turn":
        """A place in the line, from now on: at one article, or at several that are all free."""
        entry = self._locks.get(article_ids[0]) if article_ids else None
        lock = entry[0] if entry else asyncio.Lock()
        for article_id in article_ids:
            self._locks[article_id] = (lock, self._locks.get(article_id, (lock, 0))[1] + 1)
        return Turn(self, article_ids, lock)

    def leave(self, article_ids: Sequence[str]) -> None:
        """Whoever had a place in the line has it no longer."""
        for article_id in article_ids:
            lock, users = self._locks.pop(article_id)
            if users > 1:
                self._locks[article_id] = (lock, users - 1)


class Turn:
    """Entered when it has come; the place is given up at the end."""

    def __init__(self, turns: ArticleLocks, article_ids: Sequence[str], lock: asyncio.Lock) -> None:
        self._turns = turns
        self._article_ids = article_ids
        self._lock = lock

    async def __aenter__(self) -> None:
        try:
            await self._lock.acquire()
        except BaseException:
            self._turns.leave(self._article_ids)
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._turns.leave(self._article_ids)
