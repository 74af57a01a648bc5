"""Continuity of Faust's streams: every reach into the private parts of Faust, mode and aiokafka.

Faust keeps several records of how far a partition is, in two threads, and after two rebalances in a
row they disagree: records are dropped, and the hole is committed over. Here one reckoning rules
(`ConsumerProgress`): a partition's place is taken before anything of it is fetched, each time the
group has given it anew, and what is committed is what is finished by that reckoning.

`tests/unit/test_private_apis.py` holds the libraries to the versions that this was tried with. It
fails when the code that is replaced or relied on here changes, and says what to look at.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any

import faust
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import (
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    UnknownMemberIdError,
)
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.utils.queues import FlowControlEvent

from newsman.kafka.progress.reckoning import ConsumerProgress, partition_name
from newsman.runtime.crash import bugs_crash

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.2

Member = tuple[int, str]
"""A member of the group as the broker knows it: generation and member id."""
_asked_as: ContextVar[Member | None] = ContextVar("asked_as", default=None)


class ContinuousApp(faust.App):  # type: ignore[misc]
    """A Faust app whose partitions are reckoned by `progress`."""

    def __init__(self, name: str, progress: ConsumerProgress[TP], **options: Any) -> None:
        self.progress = progress
        self.stopping = threading.Event()
        super().__init__(name, **options)

    async def stop(self) -> None:
        """Leaves the group."""
        self.stopping.set()
        await super().stop()

    def _new_transport(self) -> driver.Transport:
        return ContinuousTransport(self.conf.broker_consumer, self)

    @cached_property
    def flow_control(self) -> FlowControlEvent:
        """The gate before the streams' queues."""
        return GentleFlow(loop=self.loop)


class GentleFlow(FlowControlEvent):
    """Flow control that leaves the queues alone when it is turned on.

    The second of two rebalances turns on a flow that is on already: what was fetched since the
    first would be gone.
    """

    def resume(self) -> None:
        """Lets events into the queues."""
        self._suspend.clear()
        self._resume.set()


class ContinuousConsumer(driver.Consumer):  # type: ignore[misc]
    """A consumer that reads from its places, and commits what is finished by their reckoning."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._progress: ConsumerProgress[TP] = self.app.progress
        self._is_member = asyncio.Event()
        self._losses = 0
        self._read_offset = NoReadOffsets()

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return ContinuousThread(self, loop=self.loop, beacon=self.beacon)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Gives up every place: the group begins anew."""
        self._is_member.clear()
        self._lose_places()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Lets the places be taken, before the next fetch."""
        self._lose_places()
        self._is_member.set()
        await super().on_partitions_assigned(assigned, generation_id)

    def _lose_places(self) -> None:
        self._losses += 1
        self._progress.forget_all()

    async def perform_seek(self) -> None:
        """Does nothing: Faust seeks whenever it thinks fit, beside the fetch that is under way."""

    async def _wait_next_records(self, timeout: float) -> Any:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        with bugs_crash():
            await self._take_places()
        return await super()._wait_next_records(timeout)

    async def _take_places(self) -> None:
        """Seeks to what is committed, unless every assigned partition has its place.

        Runs in the one task that fetches, between two fetches, so nothing is on its way that
        was read from another position.
        """
        while not self.should_stop:
            if not self._is_member.is_set():
                await self.wait(self._is_member)
            if all(self._progress.place(tp) for tp in self.assignment()):
                return
            losses = self._losses
            committed = await self._seek_all()
            if committed is None:
                await self.sleep(RETRY_SECONDS)
            elif losses == self._losses:
                self._begin(committed)

    def _begin(self, committed: Mapping[TP, int]) -> None:
        # Queued records were read from the earlier positions.
        self.app.flow_control.clear()
        for tp, offset in committed.items():
            self._progress.assign(tp, offset)
        begins = ", ".join(f"{partition_name(tp)} at {at}" for tp, at in sorted(committed.items()))
        log.info("begins with %s", begins or "no partition")

    async def _seek_all(self) -> dict[TP, int] | None:
        try:
            offsets = await self.seek_to_committed()
            # Faust's driver does not seek in partitions without a committed offset.
            fresh = [partition for partition, offset in offsets.items() if not offset]
            if fresh and not await self._thread.call_thread(
                self._thread._ensure_consumer().seek_to_beginning, *fresh
            ):
                return None
        except (KafkaError, IllegalStateError, AssertionError) as problem:
            # The broker is unavailable, or the group has revoked the partitions.
            log.warning("the committed offsets could not be read: %r", problem)
            return None
        return {ensure_TP(partition): offset or 0 for partition, offset in offsets.items()}

    def highwater(self, tp: TP) -> int | None:
        """The end that the last fetch found; None for what was taken away a moment ago."""
        try:
            end: int | None = super().highwater(tp)
        except (AssertionError, AttributeError):
            return None
        return end

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Does nothing: no topic that is read here is compacted or transactional."""

    def _new_offset(self, tp: TP) -> int | None:
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self._progress.finished(tp)

    def _should_commit(self, tp: TP, offset: int) -> bool:
        place = self._progress.place(tp)
        return place is not None and offset > place.committed

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # Partitions may have been lost since the offsets were collected.
        held = {tp: place for tp in offsets if (place := self._progress.place(tp))}
        clamped = {tp: min(offsets[tp], place.finished) for tp, place in held.items()}
        if not clamped or not await super()._commit(clamped):
            return False
        for tp, place in held.items():
            place.committed = max(place.committed, clamped[tp])
        return True


class NoReadOffsets(dict[TP, Any]):
    """Remembers nothing, so that Faust neither drops a record for its offset nor sees gaps."""

    def __getitem__(self, _: TP) -> None:
        return None


class ContinuousThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that talks to Kafka, with a coordinator that asks before it gives up."""

    async def on_start(self) -> None:
        """Connects."""
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        coordinator.__class__ = AskingCoordinator
        coordinator._coordination_task.add_done_callback(_end_if_failed)

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # All may have been revoked meanwhile, and aiokafka raises if none is left.
        held = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        return bool(held) and bool(await super()._commit(held))


class ContinuousTransport(driver.Transport):  # type: ignore[misc]
    """Faust's driver with the consumer from here."""

    Consumer = ContinuousConsumer


class Fenced(Exception):
    """Another process has joined the group under this one's name."""


class AskingCoordinator(GroupCoordinator):  # type: ignore[misc]
    """A member that joins again once per refusal, and ends where it cannot stay one.

    After a freeze the broker refuses a heartbeat and a commit; aiokafka gives its membership up
    for each, the second time the one that it has just got (in Java: KAFKA-9823).
    """

    _accepted_at = float("inf")

    async def _do_heartbeat(self) -> bool:
        if self.generation < 0:
            return False  # between leaving and rejoining the group, a member looks replaced
        began = time.monotonic()
        with self._asking():
            is_accepted = bool(await super()._do_heartbeat())
        if is_accepted:
            self._accepted_at = began
        return is_accepted

    async def _send_req(self, request: Any) -> Any:
        response = await super()._send_req(request)
        if _asked_as.get() and not self._is_answer_to_another() and _is_unknown(response):
            self._end_if_replaced()
        return response

    def _end_if_replaced(self) -> None:
        # Heartbeats do not say the member's own name, so the broker can't say that it was fenced.
        silent_seconds = time.monotonic() - self._accepted_at
        if silent_seconds < self._session_timeout_ms / 1000:
            with bugs_crash():
                raise Fenced(
                    f"another process joined {self.group_id} as {self._group_instance_id}; "
                    "give each process a NEWSMAN_INSTANCE of its own"
                )

    async def _on_join_complete(self, *args: Any) -> None:
        self._accepted_at = time.monotonic()
        await super()._on_join_complete(*args)

    async def _do_commit_offsets(self, assignment: Any, offsets: Any) -> None:
        if self.generation < 0:
            # A broker accepts this from any client while the group has no members.
            raise IllegalGenerationError(self.group_id)
        with self._asking():
            await super()._do_commit_offsets(assignment, offsets)

    def reset_generation(self) -> None:
        """Gives the membership up, if it is the one that was refused."""
        if self._is_answer_to_another():
            log.info("the membership that was refused in %s is over already", self.group_id)
            return
        _asked_as.set(None)
        super().reset_generation()

    def request_rejoin(self) -> None:
        """Joins again, unless that was asked of an earlier membership."""
        if not self._is_answer_to_another():
            super().request_rejoin()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        token = _asked_as.set((self.generation, self.member_id))
        try:
            yield
        finally:
            _asked_as.reset(token)

    def _is_answer_to_another(self) -> bool:
        asked_as = _asked_as.get()
        return asked_as is not None and asked_as != (self.generation, self.member_id)

    async def _push_error_to_user(self, exc: BaseException) -> Any:
        # Faust never requests it, so the member would silently stay out of the group.
        with bugs_crash():
            raise exc


def _is_unknown(response: Any) -> bool:
    """The broker knows no member of that id: the answer to a heartbeat or a commit."""
    codes = [getattr(response, "error_code", 0)]
    codes += [code for _, parts in getattr(response, "topics", ()) for _, code in parts]
    return UnknownMemberIdError.errno in codes


def _end_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        with bugs_crash():
            task.result()
