"""The Faust edge: one app per service, and events that finish in the order they came.

Faust's own batching (`Stream.take`) acknowledges a batch whose processing was cut short, so
acknowledgement is done here, by hand, after the effect.
"""

import asyncio
import logging
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import faust
from faust.types import TP, EventT, StreamT

from newsman.kafka.access.addresses import brokers
from newsman.kafka.access.security import security_of
from newsman.kafka.access.streaming import credentials
from newsman.kafka.progress.continuity import ContinuousApp
from newsman.kafka.progress.reckoning import ConsumerProgress, PartitionPlace, partition_name
from newsman.kafka.progress.void_batches import leave_out_void_batches
from newsman.kafka.quick_records import compress_quickly
from newsman.kafka.records import Record
from newsman.runtime.crash import end_at_last, run_together
from newsman.runtime.gc_tuning import collect_seldom
from newsman_schemas.topics import MAX_MESSAGE_BYTES

log = logging.getLogger(__name__)

T = TypeVar("T")

SESSION_TIMEOUT_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
REBALANCE_TIMEOUT_SECONDS = 30.0
COMMIT_INTERVAL_SECONDS = 0.5
PRODUCER_BATCH_BYTES = 256 * 1024
FETCH_BYTES = 1024 * 1024
BUFFER_EVENTS = 4_096
COLLECTING = (20_000, 20, 100)
"""Messages hold no cycles, and of each there are hundreds of objects."""

Start = Callable[[EventT], Awaitable[T]]
Finish = Callable[[EventT, T], Awaitable[Awaitable[Any] | None]]
Send = Callable[[Record], Awaitable[Awaitable[Any]]]


def build_stream_app(
    *,
    bootstrap: str,
    group: str,
    instance: str,
    progress: ConsumerProgress[TP],
    buffer_events: int = BUFFER_EVENTS,
) -> ContinuousApp:
    """A Faust app without tables, web server or leader topic: streams only.

    A partition's events wait behind at most `buffer_events` and one fetch of the others.
    """
    compress_quickly()
    leave_out_void_batches()
    return ContinuousApp(
        group,
        progress,
        broker=[f"kafka://{broker}" for broker in brokers(bootstrap)],
        broker_credentials=credentials(security_of(bootstrap)),
        consumer_group_instance_id=f"{group}-{instance}",
        # Faust insists that a member comes back under the address it left with, and a container
        # has another host name each time: the member's own name serves as well.
        canonical_url=f"http://{group}-{instance}:6066",
        consumer_auto_offset_reset="earliest",
        # A larger message still arrives whole, by itself (KIP-74).
        consumer_max_fetch_size=FETCH_BYTES,
        stream_buffer_maxsize=buffer_events,
        producer_max_request_size=MAX_MESSAGE_BYTES,
        producer_compression_type="lz4",
        producer_max_batch_size=PRODUCER_BATCH_BYTES,
        broker_session_timeout=SESSION_TIMEOUT_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_rebalance_timeout=REBALANCE_TIMEOUT_SECONDS,
        broker_commit_interval=COMMIT_INTERVAL_SECONDS,
        broker_request_timeout=30.0,
        broker_check_crcs=True,
        store="memory://",
        # Faust makes this folder even without tables; unset, it would be in the working folder.
        datadir=str(Path(tempfile.gettempdir()) / "newsman-faust"),
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        key_serializer="raw",
        value_serializer="raw",
    )


def bytes_topic(app: faust.App, name: str) -> Any:
    """A topic of raw bytes: Newsman's models do the parsing."""
    return app.topic(name, key_serializer="raw", value_serializer="raw")


def sender(app: faust.App, name: str) -> Send:
    """Sends records to a topic; what it answers is done once the broker has acknowledged.

    `Topic.send` asks each time whether the producer has started, which takes three turns of the
    event loop: of records that are sent one after the other each would go by itself.
    """

    async def send(record: Record) -> Awaitable[Any]:
        producer = app.producer
        if not producer.started:
            await app.maybe_start_producer()
        sent: Awaitable[Any] = await producer.send(
            name, record.key, record.value, partition=None, timestamp=None, headers=record.headers
        )
        return sent

    return send


async def in_order(
    stream: StreamT[Any],
    start: Start[T],
    finish: Finish[T],
    *,
    limit: int,
    progress: ConsumerProgress[TP],
) -> None:
    """Runs `start` on up to `limit` events at once and `finish` on each in the order of arrival.

    `finish` may return an awaitable (a broker's acknowledgement): the event is acknowledged
    once that has come, again in order. Anything unexpected ends the process: nothing that was
    not finished is acknowledged, so the next process takes it up again. So does a gap between
    events, before anything behind it is acknowledged.
    """
    started: asyncio.Queue[tuple[Entered, asyncio.Future[T]]] = asyncio.Queue()
    finished: asyncio.Queue[tuple[Entered, Awaitable[Any] | None]] = asyncio.Queue()
    room = asyncio.Semaphore(limit)

    async def take_in() -> None:
        async for entered in unacknowledged(stream, progress):
            await room.acquire()
            if entered.place.is_held:
                await started.put((entered, asyncio.ensure_future(start(entered.event))))
            else:
                room.release()

    async def finish_each() -> None:
        while True:
            entered, result = await started.get()
            await finished.put((entered, await finish(entered.event, await result)))

    async def acknowledge_each() -> None:
        while True:
            entered, acknowledgement = await finished.get()
            if acknowledgement is not None:
                await acknowledgement
            await acknowledge(stream, entered)
            room.release()

    await run_together(take_in, finish_each, acknowledge_each)


@dataclass(frozen=True)
class Entered:
    """An event, and the place in its partition under which it came."""

    event: EventT
    place: PartitionPlace


async def unacknowledged(
    stream: StreamT[Any], progress: ConsumerProgress[TP]
) -> AsyncIterator[Entered]:
    """The events of a stream that leaves their acknowledgement to whoever reads it.

    Those of a partition come without a gap, each once, from what was committed when the group
    gave it; what was read without a place in the group is left out. Raises Gap.
    """
    stream.enable_acks = False
    async for event in stream.events():
        place = progress.place(event.message.tp)
        if place is None:
            continue
        if event.message.offset > place.expected:
            await _leave_out_what_is_gone(stream, event, place)
        if place.is_held and place.enter(event.message.offset):
            yield Entered(event, place)


async def _leave_out_what_is_gone(
    stream: StreamT[Any], event: EventT, place: PartitionPlace
) -> None:
    part = event.message.tp
    begins = await stream.app.consumer.earliest_offsets(part)
    if begins[part] > place.expected:
        log.error(
            "the log of %s begins at %s: what lay between %s and there was never read",
            partition_name(part),
            begins[part],
            place.expected,
        )
        place.skip_to(min(begins[part], event.message.offset))


async def acknowledge(stream: StreamT[Any], entered: Entered) -> None:
    """The event is finished; that counts as long as the place is held under which it came."""
    await stream.ack(entered.event)
    entered.place.finish(entered.event.message.offset)


def run_worker(app: ContinuousApp) -> int:
    """Runs the app's worker until a signal ends it; returns the exit status of the process, which
    has ended in time either way."""
    threading.Thread(target=end_at_last, args=(app.stopping,), daemon=True).start()
    worker = faust.Worker(
        app, loglevel=None, redirect_stdouts=False, override_logging=False, console_port=0
    )
    worker.spinner = None  # which would draw itself into the log
    collect_seldom(*COLLECTING)
    try:
        worker.execute_from_commandline()
    except SystemExit as end:  # or Faust would end the process here, with threads still at work
        return int(end.code or 0)
    return 0
