"""Wiring of deliver: the reader here, the sender and the registry's tail in threads beside it."""

import argparse
import logging
import signal
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime

from newsman.deliver.declared import DECLARED_ID, check_declared, declared
from newsman.deliver.http.building import EdgeNeeds
from newsman.deliver.http.callers import OperatorToken
from newsman.deliver.http.more_routes import more_routes
from newsman.deliver.http.openapi.document import document
from newsman.deliver.http.thread import EdgeThread
from newsman.deliver.intake.building import build_readers
from newsman.deliver.intake.patience import ToldToStop
from newsman.deliver.ledger.book import Ledger
from newsman.deliver.ledger.tail import LedgerTail
from newsman.deliver.pull.log import FetchLog
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.readiness import note_of, registry_check
from newsman.deliver.sending.requests import QueueRequests
from newsman.deliver.sending.thread import SenderNeeds, SenderThread
from newsman.deliver.subscriptions.turns import RegistryTurns
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.kafka.clients import build_producer, close_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.ready import TopicsCheck
from newsman.redis.client import build_client
from newsman.redis.instance_names import instance_check
from newsman.redis.ready import redis_check
from newsman.runtime.crash import bugs_crash, end_at_last
from newsman.runtime.health import Check, Pulse, first_problem, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import LoopWatch, watch_pulse
from newsman.settings import DeliverSettings, read_settings
from newsman.subscribers.registry import Registry
from newsman.subscribers.tail import RegistryTail
from newsman.web.openapi.routes import openapi_routes
from newsman.web.server.serve import listen
from newsman_schemas.topics import (
    ARTICLE_PUBLISHED,
    DELIVERY_NOTED,
    RANKING_CHANGED,
    REJECTED,
    SUBSCRIBER_CHANGED,
    SUBSCRIPTION_CHANGED,
)

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
LOOK_SECONDS = 0.5
SERVICE = "deliver"
REGISTRY_CLIENT_ID = "newsman-deliver-registry"
TOPICS = (
    ARTICLE_PUBLISHED,
    DELIVERY_NOTED,
    RANKING_CHANGED,
    REJECTED,
    SUBSCRIBER_CHANGED,
    SUBSCRIPTION_CHANGED,
)


class Stopped(Exception):
    """A signal came before everything was there."""


def run(_: argparse.Namespace) -> int:
    """Reads, queues and sends until a signal ends it."""
    settings = read_settings(DeliverSettings)
    check_declared(settings)
    OperatorToken(settings.operator_token_file).check()
    configure_logging(
        settings.log_level, settings.log_format, service="deliver", access=settings.access_log
    )
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    pulses = reading, sending, tailing, fetching = tuple(
        Pulse(limit_seconds=STALLED_SECONDS) for _ in range(4)
    )
    needs = _needs(settings)
    watch, tail_watch, fetch_watch, ledger_watch = (
        _watch(settings, name, needs) for name in ("reader", "registry", "fetch", "ledger")
    )
    loop_watch, edge_watch = LoopWatch("deliver's sender"), LoopWatch("deliver's edge")
    registry = Registry()
    alive = first_problem(
        loop_watch.problem, edge_watch.problem, *(pulse.problem for pulse in pulses)
    )
    ready = {
        **needs,
        "partitions": watch.problem,
        "registry": registry_check(registry),
        "fetching": fetch_watch.problem,
        "ledger": ledger_watch.problem,
        "instance": instance_check(
            settings.redis_url, settings.namespace, SERVICE, settings.instance
        ),
    }
    routes = ops_routes(
        service=SERVICE, alive=alive, ready=ready, notes={"subscriptions": note_of(registry)}
    )
    routes += openapi_routes(document)
    listener = listen(settings.host, settings.port, variable="NEWSMAN_PORT")
    stop_ops = serve_ops(
        routes, host=settings.ops_host, port=settings.ops_port, variable="NEWSMAN_OPS_PORT"
    )
    edge = EdgeThread(settings, listener, edge_watch)
    edge.start()
    if not wait_for(needs, stopping, beat=lambda: _beat(pulses)):
        edge.stop()
        stop_ops()
        return 0
    producer = build_producer(settings.kafka_bootstrap, client_id="newsman-deliver")
    client = build_client(settings.redis_url)
    turns = RegistryTurns(client, settings.namespace, registry)
    writer = RegistryWriter(producer, registry, settings.namespace, turns)
    bootstrap, namespace = settings.kafka_bootstrap, settings.namespace
    client_id = REGISTRY_CLIENT_ID
    tail = RegistryTail(registry, bootstrap, namespace, client_id=client_id, is_calm=True)
    _start("registry", lambda: tail.run(stopping, tailing, tail_watch))
    beat = lambda: _beat((reading, sending, fetching))  # noqa: E731
    try:
        _wait_until_whole(registry, stopping, beat)
        _declare(settings, registry, writer, stopping, beat)
    except Stopped:
        edge.stop()
        stop_ops()
        return 0
    ledger = Ledger(settings.ledger_file or "")
    inlet = Inlet(client, settings.namespace, most_waiting=settings.most_waiting)
    process = f"{settings.instance}-{uuid.uuid4().hex[:8]}"
    sender = SenderThread(
        SenderNeeds(settings, registry, writer, producer, inlet, sending, process),
        loop_watch,
        stopping,
    )
    parts = sender.start()
    reader, rankings = build_readers(
        settings, registry, parts.channels, inlet, parts.notes, producer, reading, watch, stopping
    )
    edge.open(
        EdgeNeeds(
            settings,
            registry,
            writer,
            parts.channels,
            QueueRequests(client, inlet, settings.namespace),
            parts.notes,
            parts.rates,
            FetchLog(settings.kafka_bootstrap, settings.namespace),
            fetching,
            fetch_watch,
            more_routes(settings, registry, writer, inlet),
            ledger,
        )
    )
    noted = DELIVERY_NOTED.full_name(settings.namespace)
    follow = LedgerTail(ledger, settings.kafka_bootstrap, noted, ledger_watch, stopping).run
    _start("ledger", follow)
    ledger_watch.start(stopping)
    reader.subscribe(ARTICLE_PUBLISHED.full_name(settings.namespace))
    _start("rankings", lambda: rankings.run(stopping))
    watch_pulse(SERVICE, reading)
    watch.start(stopping)
    tail_watch.start(stopping)
    _start("last", lambda: end_at_last(stopping))
    with bugs_crash(), suppress(ToldToStop):
        while not stopping.is_set():
            reader.turn()
    with reading.excused():
        edge.stop()
        reader.close()
        sender.join()
        close_producer(producer)
        stop_ops()
    return 0


def _beat(pulses: Iterable[Pulse]) -> None:
    for pulse in pulses:
        pulse.beat()


def _start(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


def _needs(settings: DeliverSettings) -> dict[str, Check]:
    return {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }


def _watch(settings: DeliverSettings, name: str, needs: dict[str, Check]) -> PartitionWatch:
    ends = EndsOfLog(settings.kafka_bootstrap, f"newsman-deliver-watch-{name}")
    return PartitionWatch(ends, needs=needs.values())


def _wait_until_whole(
    registry: Registry, stopping: threading.Event, beat: Callable[[], None]
) -> None:
    while not registry.wait_until_whole(seconds=LOOK_SECONDS):
        beat()
        if stopping.is_set():
            raise Stopped


def _declare(
    settings: DeliverSettings,
    registry: Registry,
    writer: RegistryWriter,
    stopping: threading.Event,
    beat: Callable[[], None],
) -> None:
    """Has the registry hold the subscription that the settings declare."""
    while not stopping.is_set():
        beat()
        before = registry.subscription(DECLARED_ID)
        after = declared(settings, before, datetime.now(UTC))
        if after is None:
            return
        try:
            writer.put(after, by="settings")
        except RegistryUnavailable as problem:
            log.warning("the webhook of the settings is not subscribed yet: %s", problem)
            stopping.wait(LOOK_SECONDS)
    raise Stopped
