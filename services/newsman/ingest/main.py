"""Wiring of ingest."""

import argparse
import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator

import uvicorn
import uvloop
from starlette.applications import Starlette

from newsman.ingest.edge import Edge
from newsman.ingest.idempotency import IdempotencyKeys
from newsman.ingest.parking import Parking
from newsman.ingest.producer import KafkaSender, Sender
from newsman.ingest.readers import ReaderHasher
from newsman.ingest.sources import Sources
from newsman.ingest.web import build_web, utc_now
from newsman.kafka.clients import build_producer
from newsman.logs import configure_logging
from newsman.ops import Check
from newsman.readiness import kafka_check, redis_check
from newsman.redis.client import build_async_client
from newsman.settings import IngestSettings, SettingsError, read_settings
from newsman_schemas.topics import REJECTED

log = logging.getLogger(__name__)

LINGER_MS = 2
BATCH_BYTES = 512 * 1024
RELOAD_SECONDS = 2.0
SHUTDOWN_SECONDS = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """ingest takes everything from the environment."""


def run(_: argparse.Namespace) -> int:
    """Serves until a signal ends it; pushes under way are answered first."""
    settings = read_settings(IngestSettings)
    configure_logging(settings.log_level)
    sources = Sources(settings.sources_file)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, sources))
    return 0


def build_sender(settings: IngestSettings) -> Sender:
    """What takes records to Kafka, as the settings say."""
    timeout_ms = int(settings.ack_timeout_seconds * 1000)
    return KafkaSender(
        lambda: build_producer(
            settings.kafka_bootstrap,
            client_id="newsman-ingest",
            linger_ms=LINGER_MS,
            batch_size=BATCH_BYTES,
            max_block_ms=timeout_ms,
            request_timeout_ms=timeout_ms - 500,
            delivery_timeout_ms=timeout_ms,
            bootstrap_timeout_ms=timeout_ms,
            allow_auto_create_topics=False,
        ),
        timeout_seconds=settings.ack_timeout_seconds,
        max_in_flight_bytes=settings.max_in_flight_bytes,
    )


async def _serve(settings: IngestSettings, sources: Sources) -> None:
    sender = build_sender(settings)
    client = build_async_client(settings.redis_url)
    edge = Edge(
        settings=settings,
        sources=sources,
        sender=sender,
        hasher=ReaderHasher(client, settings.namespace, settings.reader_salt),
        parking=Parking(sender, REJECTED.full_name(settings.namespace)),
        clock=utc_now,
        answers=IdempotencyKeys(client, settings.namespace),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        reloading = asyncio.create_task(_reload(sources))
        yield
        reloading.cancel()
        await sender.close()
        await client.aclose()

    ready = {
        "kafka": _first_problem(sender.problem, kafka_check(settings.kafka_bootstrap)),
        "redis": redis_check(settings.redis_url),
    }
    config = uvicorn.Config(
        build_web(edge, ready, lifespan=lifespan),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    # uvicorn raises the signal once more when it is done; an orderly end is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    await uvicorn.Server(config).serve()


def _first_problem(*checks: Check) -> Check:
    def check() -> str | None:
        return next((problem for each in checks if (problem := each())), None)

    return check


async def _reload(sources: Sources) -> None:
    while True:
        await asyncio.sleep(RELOAD_SECONDS)
        try:
            sources.refresh()
        except SettingsError as error:
            log.error("the sources stay as they were: %s", error)
