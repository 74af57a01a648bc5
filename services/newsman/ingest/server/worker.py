"""Wiring of one process of ingest."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import redis.asyncio
import uvloop
from kafka import KafkaProducer
from kafka.errors import KafkaConnectionError
from starlette.applications import Starlette

from newsman.assets.store import AssetStore
from newsman.ingest import metrics
from newsman.ingest.console.front_desk import FrontDesk
from newsman.ingest.context import IngestContext
from newsman.ingest.idempotency import IdempotencyKeys
from newsman.ingest.log.parking import Parking
from newsman.ingest.log.producer import KafkaSender, RecordSender
from newsman.ingest.ops import ingest_ops_routes
from newsman.ingest.reading.pool import ReadingPool
from newsman.ingest.reading.process import ReadingLimits
from newsman.ingest.server.questions import answer_questions
from newsman.ingest.sources.sources_file import Sources
from newsman.ingest.views.address_ranges import read_ranges
from newsman.ingest.views.agents import AgentJudge
from newsman.ingest.views.events import ViewJudges
from newsman.ingest.views.readers import ReaderHasher
from newsman.ingest.views.shared_addresses import SharedAddresses
from newsman.ingest.views.view_filter import ViewBounds, ViewFilter
from newsman.ingest.web import build_web, utc_now
from newsman.kafka.clients import build_producer
from newsman.kafka.compacted_logs.newest_events import NewestEvents
from newsman.kafka.ready import kafka_check
from newsman.own_names.names_log import NamesLog, open_names_log
from newsman.redis.aliases import AliasReader, RememberedAliases
from newsman.redis.client import build_async_client
from newsman.redis.view_secret import ViewSecret
from newsman.runtime.background import BackgroundTasks
from newsman.runtime.health import serve_ops
from newsman.runtime.settings_error import SettingsError
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import IngestSettings
from newsman.web.server.serve import Server, build_server, listen
from newsman_schemas.editing import NameDefined
from newsman_schemas.topics import REJECTED

log = logging.getLogger(__name__)

LINGER_MS = 2
BATCH_BYTES = 512 * 1024
"""Of a partition's share in one request to Kafka; the library's 16 kB would be two articles."""
RELOAD_SECONDS = 2.0
SHUTDOWN_SECONDS = 10


@dataclass(frozen=True)
class WorkerLinks:
    """A worker's links: the socket it accepts from, a pipe that ends with its keeper, and a
    socket for the keeper's questions."""

    listener_fd: int
    keeper_fd: int
    questions_fd: int
    is_replacement: bool


def build_sender(settings: IngestSettings) -> RecordSender:
    """The sender of records to Kafka, with this process's share of the bytes in flight."""
    timeout_ms = int(settings.ack_timeout_seconds * 1000)
    connects = kafka_check(settings.kafka_bootstrap)

    def build() -> KafkaProducer:
        # A plain connection first: clients are loud about a port where nobody listens.
        if problem := connects():
            raise KafkaConnectionError(problem)
        return build_producer(
            settings.kafka_bootstrap,
            client_id="newsman-ingest",
            linger_ms=LINGER_MS,
            batch_size=BATCH_BYTES,
            max_block_ms=timeout_ms,
            request_timeout_ms=timeout_ms - 500,
            delivery_timeout_ms=timeout_ms,
            bootstrap_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
        )

    return KafkaSender(
        build,
        timeout_seconds=settings.ack_timeout_seconds,
        max_in_flight_bytes=settings.max_in_flight_bytes // settings.ingest_workers,
    )


def build_judges(settings: IngestSettings, client: "redis.asyncio.Redis") -> ViewJudges:
    """Everything that views are judged by."""
    bounds = ViewBounds(
        reader_minute=settings.views_per_minute,
        address_minute=settings.views_per_address,
        address_agents=settings.agents_per_address,
        network_readers=settings.readers_per_network,
    )
    return ViewJudges(
        hasher=ReaderHasher(client, settings.namespace, settings.reader_salt),
        agents=AgentJudge(),
        filter=ViewFilter(read_ranges(settings.datacentre_ranges_file), bounds),
        secret=ViewSecret(client, settings.namespace, settings.view_token_secret),
        counts_untokened=settings.count_untokened,
        aliases=RememberedAliases(AliasReader(client, settings.namespace)),
    )


def build_names(settings: IngestSettings) -> NewestEvents[NameDefined]:
    """The log of own names, which is opened when somebody first asks for one."""

    def open_log() -> NamesLog:
        return open_names_log(
            settings.kafka_bootstrap, settings.namespace, client_id="newsman-ingest-names"
        )

    return NewestEvents(open_log, what="own names")


def serve(
    settings: IngestSettings,
    sources: Sources,
    *,
    place: WorkerLinks | None = None,
    open_sender: Callable[[IngestSettings], RecordSender] = build_sender,
) -> None:
    """Serves until a signal, or the end of the worker's keeper, ends it."""
    # uvicorn raises the signal again when it is done; a normal end is not a failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    metrics.workers.set(1)
    if place is not None and place.is_replacement:
        metrics.worker_restarts.inc()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, sources, place, open_sender))


async def _serve(
    settings: IngestSettings,
    sources: Sources,
    place: WorkerLinks | None,
    open_sender: Callable[[IngestSettings], RecordSender],
) -> None:
    sender = open_sender(settings)
    watch = LoopWatch("ingest")
    client = build_async_client(settings.redis_url)
    reading = ReadingPool(ReadingLimits(settings.reading_cpu_seconds, settings.reading_memory_mb))
    background = BackgroundTasks()
    parking = Parking(sender, REJECTED.full_name(settings.namespace), background)
    edge = IngestContext(
        settings=settings,
        sources=sources,
        sender=sender,
        background=background,
        parking=parking,
        clock=utc_now,
        answers=IdempotencyKeys(client, settings.namespace),
        assets=AssetStore(settings.assets_url),
        reading=reading,
        views=build_judges(settings, client),
        names=build_names(settings),
        front=FrontDesk(client, settings.namespace, utc_now),
    )
    shared = SharedAddresses(
        client, settings.namespace, edge.views.filter.addresses, edge.views.secret
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        jobs = BackgroundTasks()
        jobs.start(_reload(sources), name="reload-sources")
        jobs.start(shared.run(), name="shared-addresses")
        jobs.start(parking.tell_counts_for_ever(), name="problem-counts")
        await watch.begin()
        gc.freeze()  # scanning imported objects would delay pushes
        yield
        await jobs.cancel()
        background.start(parking.tell_counts(), name="problem-counts")
        await background.finish(limit_seconds=settings.ack_timeout_seconds)
        await sender.close()
        await client.aclose()
        await reading.close()

    server = build_server(
        build_web(edge, lifespan=lifespan),
        host=settings.host,
        port=settings.port,
        limits=settings.server_limits,
        trusted=settings.proxies,
        shutdown_seconds=SHUTDOWN_SECONDS,
    )
    if place is None:
        stop_ops = _serve_ops(settings, watch, sender)
        await server.serve([listen(settings.host, settings.port, variable="NEWSMAN_PORT")])
        stop_ops()
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(place.keeper_fd, _end, server, place.keeper_fd)
    answer_questions(place.questions_fd, sender.problem)
    await server.serve(sockets=[socket.socket(fileno=place.listener_fd)])


def _serve_ops(
    settings: IngestSettings, watch: LoopWatch, sender: RecordSender
) -> Callable[[], None]:
    routes = ingest_ops_routes(settings, alive=watch.problem, taking=sender.problem)
    return serve_ops(
        routes, host=settings.ops_host, port=settings.ops_port, variable="NEWSMAN_OPS_PORT"
    )


def _end(server: Server, keeper_fd: int) -> None:
    asyncio.get_running_loop().remove_reader(keeper_fd)
    server.should_exit = True


async def _reload(sources: Sources) -> None:
    while True:
        await asyncio.sleep(RELOAD_SECONDS)
        try:
            sources.refresh()
        except SettingsError as error:
            log.error("the sources stay as they were: %s", error)
