"""Changes of subscriptions as the loop that sends sees them: deleted ones are purged."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from newsman.deliver.queue.outlet import Hint, Outlet
from newsman.deliver.sending.notes import Note, Notes
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState


class Endings:
    """Empties queues of what has been deleted, and looks into those that go on."""

    def __init__(
        self, registry: Registry, outlet: Outlet, notes: Notes, hint: Callable[[Hint], None]
    ) -> None:
        """The registry is whole."""
        self._registry = registry
        self._outlet = outlet
        self._notes = notes
        self._hint = hint
        self._loop = asyncio.get_running_loop()
        self._changes: asyncio.Queue[tuple[Subscription | None, Subscription | None]] = (
            asyncio.Queue()
        )

    def note(self, before: Subscription | None, after: Subscription | None) -> None:
        """A change of the registry; safe from any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._changes.put_nowait, (before, after))

    async def run(self) -> None:
        """Works without end; cancelled at the end of the process.

        It begins with queues whose subscriptions were deleted while no process was there.
        """
        queues = await retry_async_while_redis_is_down(self._outlet.queues)
        for ended in queues - {each.id for each in self._registry.subscriptions()}:
            await retry_async_while_redis_is_down(partial(self._outlet.purge, ended))
        while True:
            before, after = await self._changes.get()
            if after is None and before is not None:
                await self._purge(before)
            elif after is not None and after.state is SubscriptionState.ACTIVE:
                if before is not None and before.state is not SubscriptionState.ACTIVE:
                    await retry_async_while_redis_is_down(partial(self._outlet.forgive, after.id))
                self._hint(Hint(after.id, time.time_ns() // 1_000_000))

    async def _purge(self, ended: Subscription) -> None:
        waiting = await retry_async_while_redis_is_down(lambda: self._outlet.purge(ended.id))
        for reference in waiting:
            self._notes.write_soon(Note(ended, reference, "dropped", 0))
