"""The thread that sends, with an event loop of its own."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import uvloop
from kafka import KafkaProducer

from newsman.deliver.channels.channel import Channel, ChannelContext
from newsman.deliver.channels.ways_out import open_channels
from newsman.deliver.queue.bell import Bell
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.queue.outlet import Outlet
from newsman.deliver.sending.deliveries import Deliveries
from newsman.deliver.sending.dispatcher import LEASE_MARGIN_SECONDS, Dispatcher, Sending
from newsman.deliver.sending.endings import Endings
from newsman.deliver.sending.notes import Notes, NotesTogether
from newsman.deliver.sending.rates import Rates, quotas
from newsman.deliver.sending.settler import Settler
from newsman.deliver.sending.stopping import Stop, Stopping
from newsman.deliver.sending.texts import build_texts
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.kafka.record_batches import RecordBatches
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client
from newsman.redis.command_batcher import CommandBatcher
from newsman.runtime.crash import bugs_crash
from newsman.runtime.gc_tuning import collect_seldom
from newsman.runtime.health import Pulse
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry
from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports
from newsman.web.outbound.session import build_outbound_session
from newsman_schemas.topics import DELIVERY_NOTED

log = logging.getLogger(__name__)

NOTES_CLIENT_ID = "newsman-deliver-notes"
STOP_SECONDS = 6.5
KEPT_SECONDS = 1.0
FINISH_SECONDS = 4.5
SETTLED_SECONDS = 5.0
"""For what is under way, and for its settling; both from the end of the loop that sends."""
COLLECTING = (20_000, 20, 20)
"""Deliveries hold no cycles, and there are many: looking for some took a third of the time."""
EVERYWHERE = OutboundPolicy(Networks("0.0.0.0/0 ::/0"), Ports("1-65535"))


@dataclass(frozen=True)
class SenderParts:
    """What other threads use of the sender."""

    channels: Mapping[str, Channel]
    notes: Notes
    rates: Rates


@dataclass(frozen=True)
class SenderNeeds:
    """What the sender is built of."""

    settings: DeliverSettings
    registry: Registry
    writer: RegistryWriter
    producer: KafkaProducer
    inlet: Inlet
    pulse: Pulse
    process: str


class SenderThread:
    """Sends from a thread until told to stop."""

    def __init__(self, needs: SenderNeeds, watch: LoopWatch, stopping: threading.Event) -> None:
        self._needs = needs
        self._watch = watch
        self._stopping = stopping
        self._parts: Future[SenderParts] = Future()
        self._wake: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> SenderParts:
        """Starts it; returns once it is ready to send."""
        collect_seldom(*COLLECTING)
        self._thread.start()
        return self._parts.result()

    def join(self) -> None:
        """Waits until it has ended, which `stopping` has told it to."""
        with suppress(RuntimeError):  # the loop has ended
            self._wake()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        with bugs_crash():
            uvloop.run(self._send())

    async def _send(self) -> None:
        await self._watch.begin()
        needs, settings = self._needs, self._needs.settings
        async with AsyncExitStack() as stack:
            client = build_async_client(settings.redis_url)
            stack.push_async_callback(client.aclose)
            strangers = await stack.enter_async_context(build_outbound_session(settings.outbound))
            own = await stack.enter_async_context(build_outbound_session(EVERYWHERE))
            context = ChannelContext(settings, strangers, own, settings.outbound)
            channels = open_channels(context)
            outlet = Outlet(client, settings.namespace)
            batches = RecordBatches(settings.kafka_bootstrap, client_id=NOTES_CLIENT_ID)
            stack.push_async_callback(batches.close)
            topic = DELIVERY_NOTED.full_name(settings.namespace)
            notes, together = Notes(needs.producer, topic), NotesTogether(batches, topic)
            texts = build_texts(
                ArticleReader(client, settings.namespace, CommandBatcher(client)), settings
            )
            rates = Rates(quotas(needs.registry))
            timeout_seconds = settings.webhook_timeout_seconds
            deliveries = Deliveries(
                texts, outlet, needs.registry, channels, timeout_seconds=timeout_seconds
            )
            sending = Sending(
                outlet,
                needs.registry,
                channels,
                deliveries,
                lambda: bell.is_heard,
                rates,
                needs.pulse,
                needs.process,
                timeout_seconds + LEASE_MARGIN_SECONDS,
            )
            dispatcher = Dispatcher(sending)
            bell = Bell(client, settings.namespace, dispatcher.wake)
            stopping = Stopping(needs.registry, needs.writer, needs.inlet)

            async def stop(subscription_id: str, why: Stop) -> None:
                await asyncio.to_thread(stopping.stop_or_wait, subscription_id, why)

            settler = Settler(
                outlet,
                together.write,
                notes.write_soon,
                stop,
                dispatcher.hint,
                deliveries.settling,
                deliveries.free,
                deliveries.gather_seconds,
            )
            deliveries.settle_by(settler.put, dispatcher.look_again)
            endings = Endings(needs.registry, outlet, notes, dispatcher.hint)
            needs.registry.listen(endings.note)
            beside = [asyncio.create_task(job()) for job in (settler.run, endings.run, bell.listen)]
            for task in beside:
                task.add_done_callback(_crash_on_bug)
            told, loop = asyncio.Event(), asyncio.get_running_loop()
            self._wake = lambda: loop.call_soon_threadsafe(told.set)
            self._parts.set_result(SenderParts(channels, notes, rates))
            sending_on = asyncio.create_task(dispatcher.run_until(self._stopping.is_set))
            sending_on.add_done_callback(_crash_on_bug)
            await told.wait()
            dispatcher.wake()
            await _end(sending_on)
            began = time.monotonic()
            await deliveries.finish(limit_seconds=FINISH_SECONDS)
            left = SETTLED_SECONDS - (time.monotonic() - began)
            await settler.finish(limit_seconds=max(0.0, left))
            for task in beside:
                task.cancel()


async def _end(task: "asyncio.Task[None]") -> None:
    """Waits for a task that is about to end, unless Redis keeps it: what it has taken is leased
    for a few seconds, and then taken again."""
    _, kept = await asyncio.wait({task}, timeout=KEPT_SECONDS)
    for each in kept:
        each.cancel()
        await asyncio.wait({each})


def _crash_on_bug(task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        with bugs_crash():
            task.result()
