"""The Faust edge: one app per service, and events that finish in the order they came.

Faust's own batching (`Stream.take`) acknowledges a batch whose processing was cut short, so
acknowledgement is done here, by hand, after the effect.
"""

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import faust
from faust.types import TP, EventT, StreamT

from newsman.crash import bugs_crash, run_together
from newsman.garbage import collect_seldom
from newsman.kafka.clients import brokers
from newsman.kafka.progress import Progress
from newsman.kafka.records import Record
from newsman_schemas.topics import MAX_MESSAGE_BYTES

log = logging.getLogger(__name__)

T = TypeVar("T")

SESSION_TIMEOUT_SECONDS = 10.0
HEARTBEAT_SECONDS = 2.0
COMMIT_INTERVAL_SECONDS = 0.5
PROGRESS_INTERVAL_SECONDS = 5.0
PRODUCER_BATCH_BYTES = 256 * 1024
COLLECTING = (20_000, 20, 100)
"""Messages hold no cycles, and of each there are hundreds of objects."""

Start = Callable[[EventT], Awaitable[T]]
Finish = Callable[[EventT, T], Awaitable[Awaitable[Any] | None]]
Send = Callable[[Record], Awaitable[Awaitable[Any]]]


def build_stream_app(*, bootstrap: str, group: str, instance: str) -> faust.App:
    """A Faust app without tables, web server or leader topic: streams only."""
    return faust.App(
        group,
        broker=[f"kafka://{broker}" for broker in brokers(bootstrap)],
        consumer_group_instance_id=f"{group}-{instance}",
        # Faust insists that a member comes back under the address it left with, and a container
        # has another host name each time: the member's own name serves as well.
        canonical_url=f"http://{group}-{instance}:6066",
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=MAX_MESSAGE_BYTES,
        producer_max_request_size=MAX_MESSAGE_BYTES,
        producer_compression_type="lz4",
        producer_max_batch_size=PRODUCER_BATCH_BYTES,
        broker_session_timeout=SESSION_TIMEOUT_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
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
    progress: Progress,
) -> None:
    """Runs `start` on up to `limit` events at once and `finish` on each in the order of arrival.

    `finish` may return an awaitable (a broker's acknowledgement): the event is acknowledged
    once that has come, again in order. Anything unexpected ends the process: nothing that was
    not finished is acknowledged, so the next process takes it up again.
    """
    started: asyncio.Queue[tuple[EventT, asyncio.Future[T]]] = asyncio.Queue()
    finished: asyncio.Queue[tuple[EventT, Awaitable[Any] | None]] = asyncio.Queue()
    room = asyncio.Semaphore(limit)

    async def take_in() -> None:
        async for event in unacknowledged(stream):
            await room.acquire()
            await started.put((event, asyncio.ensure_future(start(event))))

    async def finish_each() -> None:
        while True:
            event, result = await started.get()
            await finished.put((event, await finish(event, await result)))

    async def acknowledge_each() -> None:
        while True:
            event, acknowledgement = await finished.get()
            if acknowledgement is not None:
                await acknowledgement
            await stream.ack(event)
            progress.finish(event.message.tp, event.message.offset + 1)
            room.release()

    await run_together(take_in, finish_each, acknowledge_each)


async def watch_progress(app: faust.App, progress: Progress) -> None:
    """Ends the process when its partitions hold work and nothing is finished for too long."""
    with bugs_crash():
        while not app.should_stop:
            await asyncio.sleep(PROGRESS_INTERVAL_SECONDS)
            assigned = tuple(app.consumer.assignment())
            ends = await app.consumer.highwaters(*assigned) if assigned else {}
            begun = {part: await app.consumer.position(part) or 0 for part in assigned}
            stalled = progress.stalled_seconds(ends, begun, now=time.monotonic())
            if stalled is not None:
                raise Stalled(f"events wait, but none was finished for {stalled:.0f} s")


def read_to_the_end(app: faust.App, progress: Progress) -> set[TP]:
    """Those of this process's partitions of which everything is finished that the last fetch
    found on the broker, which is half a second ago at the most."""
    # Faust knows where the group stood when it was given a partition, and has no word for it.
    committed = app.consumer._committed_offset
    reached = set()
    for part in app.consumer.assignment():
        # Asking the broker would wait behind the fetch that is under way.
        end = app.consumer.highwater(part)
        if end is not None and progress.reached(part, committed.get(part) or 0) >= end:
            reached.add(part)
    return reached


class Stalled(Exception):
    """The consumer stands still although there is work; a new process takes over."""


async def unacknowledged(stream: StreamT[Any]) -> AsyncIterator[EventT]:
    """The events of a stream that leaves their acknowledgement to whoever reads it."""
    stream.enable_acks = False
    async for event in stream.events():
        yield event


def run_worker(app: faust.App) -> None:
    """Runs the app's worker until a signal ends it."""
    worker = faust.Worker(
        app, loglevel=None, redirect_stdouts=False, override_logging=False, console_port=0
    )
    collect_seldom(*COLLECTING)
    worker.execute_from_commandline()
