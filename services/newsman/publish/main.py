"""Wiring of publish."""

import argparse
import asyncio
import threading
from datetime import UTC, datetime

import faust
import uvloop
from faust.types import TP

from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.ready import TopicsCheck
from newsman.kafka.streams import run_worker
from newsman.publish.app import STANDING_LIMIT_SECONDS, build_app
from newsman.publish.gate import Gate
from newsman.publish.rebuild.rebuild import ensure_store
from newsman.publish.signing import build_signer
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.mentions import MentionTable, ensure_mentions
from newsman.publish.store.retention import Retention
from newsman.publish.store.stating import SignRevision
from newsman.redis.client import build_async_client
from newsman.redis.instance_names import instance_check
from newsman.redis.ready import redis_check
from newsman.runtime.health import Check, Pulse, first_problem, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import PublishSettings, read_settings
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED, REJECTED, STATEMENT_ISSUED

STALLED_SECONDS = 30.0
TOPICS = (ARTICLE_ENRICHED, ARTICLE_PUBLISHED, STATEMENT_ISSUED, REJECTED)


def run(_: argparse.Namespace) -> int:
    """Runs the gate until a signal ends it."""
    settings = read_settings(PublishSettings)
    configure_logging(settings.log_level, settings.log_format, service="publish")
    sign = build_signer(settings)
    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    progress: ConsumerProgress[TP] = ConsumerProgress(limit_seconds=STANDING_LIMIT_SECONDS)
    needs: dict[str, Check] = {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }
    ready = {
        **needs,
        "partitions": progress.problem,
        "instance": instance_check(
            settings.redis_url, settings.namespace, "publish", settings.instance
        ),
    }
    watch = LoopWatch("publish")
    alive = first_problem(watch.problem, pulse.problem)
    routes = ops_routes(service="publish", alive=alive, ready=ready)
    stop_ops = serve_ops(routes, host=settings.host, port=settings.port)
    # Until Faust handles signals, a signal ends the process at once.
    wait_for(needs, threading.Event(), beat=pulse.beat)
    asyncio.run(_prepare(settings, pulse, sign))
    asyncio.set_event_loop(uvloop.new_event_loop())
    client = build_async_client(settings.redis_url)
    store = ArticleStore(client, settings.namespace, sign=sign)
    gate = Gate(store, lambda: datetime.now(UTC), MentionTable(client, settings.namespace))
    app = build_app(settings, gate, pulse, progress)
    app.task(watch.begin)
    if settings.retention_days:
        _forget_old_articles(app, settings)
    status = run_worker(app)
    stop_ops()
    return status


def _forget_old_articles(app: faust.App, settings: PublishSettings) -> None:
    retention = Retention(
        build_async_client(settings.redis_url),
        settings.namespace,
        days=settings.retention_days,
        clock=lambda: datetime.now(UTC),
    )

    @app.task  # type: ignore[untyped-decorator]
    async def forget() -> None:
        await retention.run(should_stop=lambda: app.should_stop)


async def _prepare(settings: PublishSettings, pulse: Pulse, sign: SignRevision | None) -> None:
    client = build_async_client(settings.redis_url)
    try:
        await ensure_store(client, settings, sign)
        await ensure_mentions(client, settings)
        pulse.beat()
    finally:
        await client.aclose()
