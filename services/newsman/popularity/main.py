"""Wiring of popularity: the counting loop here, the rankings in a thread beside it."""

import argparse
import logging
import signal
import threading

from kafka import KafkaProducer

from newsman.garbage import collect_seldom
from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.records import Record
from newsman.logs import configure_logging
from newsman.ops import Check, Pulse, ops_routes, serve_ops
from newsman.popularity import operator_command
from newsman.popularity.counter import Park, ViewCounter
from newsman.popularity.ranking_loop import rank
from newsman.popularity.store import CountStore
from newsman.readiness import kafka_check, redis_check
from newsman.redis.client import build_client
from newsman.settings import PopularitySettings, read_settings
from newsman_schemas.topics import ARTICLE_VIEWED, REJECTED

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
SEND_TIMEOUT_SECONDS = 60
GROUP = "popularity"
COLLECTING = (100_000, 20, 100)
"""Events hold no cycles, and there are many of them."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The service takes everything from the environment; an operator names an action."""
    operator_command.configure(parser)


def run(arguments: argparse.Namespace) -> int:
    """Counts until a signal ends it, or does what an operator has asked for."""
    if arguments.action:
        return operator_command.run(arguments)
    settings = read_settings(PopularitySettings)
    configure_logging(settings.log_level)
    collect_seldom(*COLLECTING)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    producer = build_producer(settings.kafka_bootstrap, client_id="newsman-popularity")
    counter = _counter(settings, producer, pulse)
    _serve_ops(settings, counter, pulse)
    threading.Thread(target=rank, args=(settings, producer, stopping), daemon=True).start()
    counter.subscribe(ARTICLE_VIEWED.full_name(settings.namespace))
    while not stopping.is_set():
        counter.turn()
    counter.close()
    producer.close(timeout=SEND_TIMEOUT_SECONDS)
    return 0


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
        half_life_seconds=settings.decay_half_life_seconds,
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
