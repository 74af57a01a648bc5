"""Wiring of popularity: the counting loop here, the rankings in a thread beside it."""

import argparse
import asyncio
import gc
import logging
import signal
import threading
import time
from datetime import UTC, datetime

from kafka import KafkaProducer
from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.crash import bugs_crash
from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import Record, encode
from newsman.logs import configure_logging
from newsman.ops import Check, Pulse, ops_routes, serve_ops
from newsman.popularity.counter import Park, ViewCounter
from newsman.popularity.ranker import Ranker
from newsman.popularity.store import CountStore
from newsman.readiness import kafka_check, redis_check
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client, build_client
from newsman.redis.rankings import RankingReader
from newsman.settings import PopularitySettings, read_settings
from newsman_schemas.popularity import RankingChanged
from newsman_schemas.topics import ARTICLE_VIEWED, RANKING_CHANGED, REJECTED

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
RANKING_INTERVAL_SECONDS = 1.0
SEND_TIMEOUT_SECONDS = 60
GROUP = "popularity"
COLLECT_AFTER_OBJECTS = 100_000


def configure(parser: argparse.ArgumentParser) -> None:
    """popularity takes everything from the environment."""


def run(_: argparse.Namespace) -> int:
    """Counts until a signal ends it."""
    settings = read_settings(PopularitySettings)
    configure_logging(settings.log_level)
    collect_seldom()
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    producer = build_producer(settings.kafka_bootstrap, client_id="newsman-popularity")
    counter = _counter(settings, producer, pulse)
    _serve_ops(settings, counter, pulse)
    threading.Thread(target=_rank, args=(settings, producer, stopping), daemon=True).start()
    counter.subscribe(ARTICLE_VIEWED.full_name(settings.namespace))
    while not stopping.is_set():
        counter.turn()
    counter.close()
    producer.close(timeout=SEND_TIMEOUT_SECONDS)
    return 0


def collect_seldom() -> None:
    """Lets the garbage collector run seldom: events hold no cycles, and there are many of them."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER_OBJECTS, 20, 100)


def _counter(settings: PopularitySettings, producer: KafkaProducer, pulse: Pulse) -> ViewCounter:
    group = f"{settings.namespace}.{GROUP}"
    consumer = build_consumer(
        bootstrap=settings.kafka_bootstrap,
        group=group,
        client_id="newsman-popularity",
        group_instance_id=f"{group}-{settings.instance}",
    )
    store = CountStore(
        build_client(settings.redis_url),
        settings.namespace,
        window_seconds=settings.view_window_seconds,
    )
    park = _parking(producer, REJECTED.full_name(settings.namespace))
    return ViewCounter(consumer, store, park, pulse)


def _parking(producer: KafkaProducer, topic: str) -> Park:
    def park(records: list[Record]) -> None:
        sent = [producer.send(topic, key=r.key, value=r.value, headers=r.headers) for r in records]
        for future in sent:
            future.get(timeout=SEND_TIMEOUT_SECONDS)

    return park


def _serve_ops(settings: PopularitySettings, counter: ViewCounter, pulse: Pulse) -> None:
    ready: dict[str, Check] = {
        "kafka": kafka_check(settings.kafka_bootstrap),
        "redis": redis_check(settings.redis_url),
        "partitions": lambda: None if counter.joined else "no partitions are assigned yet",
    }
    routes = ops_routes(service=GROUP, alive=pulse.problem, ready=ready)
    serve_ops(routes, host=settings.host, port=settings.port)


def _rank(settings: PopularitySettings, producer: KafkaProducer, stopping: threading.Event) -> None:
    with bugs_crash():
        asyncio.run(_rank_until(settings, producer, stopping))


async def _rank_until(
    settings: PopularitySettings, producer: KafkaProducer, stopping: threading.Event
) -> None:
    client = build_async_client(settings.redis_url)
    topic = RANKING_CHANGED.full_name(settings.namespace)

    async def publish(event: RankingChanged) -> None:
        record = encode(event)
        future = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        await asyncio.to_thread(future.get, SEND_TIMEOUT_SECONDS)

    ranker = Ranker(
        client,
        ArticleReader(client, settings.namespace),
        RankingReader(client, settings.namespace, ARTICLE_VIEWED.partitions),
        publish,
        namespace=settings.namespace,
        instance=settings.instance,
        size=settings.ranking_size,
    )
    while not stopping.is_set():
        began = time.monotonic()
        await _try_round(ranker)
        await asyncio.sleep(max(0.0, RANKING_INTERVAL_SECONDS - (time.monotonic() - began)))


async def _try_round(ranker: Ranker) -> None:
    try:
        await ranker.round(now=datetime.now(UTC))
    except (RedisError, KafkaError) as problem:
        log.warning("no ranking this second: %s", problem)
