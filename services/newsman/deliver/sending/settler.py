"""After the answers: notes for the ledger first, then the queues, many at a time."""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from aiokafka.errors import KafkaError

from newsman.deliver.core import is_failing_too_long
from newsman.deliver.queue.outlet import Hint, Outcome, Outlet, Settled
from newsman.deliver.sending.notes import Note
from newsman.deliver.sending.stopping import Stop
from newsman.deliver.sending.verdicts import Ended
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.crash import bugs_crash
from newsman.runtime.outage import Outage
from newsman_schemas.subscriptions import SubscriptionState

log = logging.getLogger(__name__)

AT_ONCE = 4
MOST_IN_A_BATCH = 200
GATHER_SECONDS = 0.003
RETRY_SECONDS = 1.0

WriteNotes = Callable[[Sequence[Note]], Awaitable[None]]
"""Returns once the notes are acknowledged; raises aiokafka's KafkaError."""
StopIt = Callable[[str, Stop], Awaitable[None]]
"""Disables or pauses a subscription (its id) for a reason, and tells the operator."""


class Settler:
    """Settles what has ended, in the order in which it ended for each article."""

    def __init__(
        self,
        outlet: Outlet,
        write: WriteNotes,
        write_soon: Callable[[Note], None],
        stop: StopIt,
        hint: Callable[[Hint], None],
        settling: Callable[[Sequence[Ended]], None],
        freed: Callable[[int], None],
        gather_seconds: Callable[[], float],
    ) -> None:
        """`hint` is told when a queue is to be looked into again, `settling` of what is about to
        be settled, `freed` of places to send; `gather_seconds` says how long what has ended may
        wait for more."""
        self._outlet = outlet
        self._write_notes = write
        self._write_soon = write_soon
        self._stop = stop
        self._hint = hint
        self._settling = settling
        self._freed = freed
        self._gather_seconds = gather_seconds
        self._ended: list[Ended] = []
        self._more = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._outage = Outage(log, "notes for the ledger cannot be written, deliveries wait")

    def put(self, ended: Ended) -> None:
        """Settles this soon."""
        self._ended.append(ended)
        self._more.set()

    async def run(self) -> None:
        """Settles without end; cancelled at the end of the process."""
        while True:
            await self._more.wait()
            if len(self._ended) < MOST_IN_A_BATCH:
                # What ends together goes together.
                await asyncio.sleep(max(GATHER_SECONDS, self._gather_seconds()))
            if len(self._under_way) >= AT_ONCE:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
                continue
            batch, self._ended = self._ended[:MOST_IN_A_BATCH], self._ended[MOST_IN_A_BATCH:]
            if not self._ended:
                self._more.clear()
            task = asyncio.create_task(self._settle(batch))
            self._under_way.add(task)
            task.add_done_callback(self._done)

    async def finish(self, *, limit_seconds: float) -> None:
        """Waits until everything is settled, or the time is over."""
        deadline = time.monotonic() + limit_seconds
        while (self._ended or self._under_way) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            with bugs_crash():
                task.result()

    async def _settle(self, batch: Sequence[Ended]) -> None:
        await self._write([ended.note for ended in batch if ended.note])
        rows: dict[str, list[Ended]] = defaultdict(list)
        for ended in batch:
            rows[ended.subscription.id].append(ended)
        wanted = [
            (ident, max(one.hold_until_ms for one in each), [one.settlement for one in each])
            for ident, each in rows.items()
        ]
        self._settling(batch)
        settled = await retry_async_while_redis_is_down(
            lambda: self._outlet.settle(wanted, now_ms=_now_ms())
        )
        self._freed(len(batch))
        for each, state in zip(rows.values(), settled, strict=True):
            self._hint(Hint(each[0].subscription.id, state.due_ms))
            self._note_replaced(each, state)
            await self._stop_where(each, state)

    async def _write(self, notes: Sequence[Note]) -> None:
        while notes:
            try:
                await self._write_notes(notes)
            except KafkaError as problem:
                self._outage.failed(problem)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._outage.over()
                return

    def _note_replaced(self, each: Sequence[Ended], state: Settled) -> None:
        for ended, result in zip(each, state.results, strict=True):
            if result == 0 and ended.settlement.outcome is Outcome.RETRY:
                reference = ended.taken.reference
                attempts = ended.taken.failures + 1
                self._write_soon(Note(ended.subscription, reference, "replaced", attempts))

    async def _stop_where(self, each: Sequence[Ended], state: Settled) -> None:
        subscription = each[0].subscription
        stop = next((ended.stop for ended in each if ended.stop), None)
        if stop is None and is_failing_too_long(state.failing_since_ms, now_ms=_now_ms()):
            stop = Stop(SubscriptionState.DISABLED, "everything has failed for five days")
        if stop:
            await self._stop(subscription.id, stop)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
