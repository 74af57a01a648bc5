"""Wiring of popularity: the counting loop here, the rankings in a thread beside it."""

import argparse
import logging
import signal
import threading
from collections.abc import Callable

from kafka import KafkaProducer

from newsman.kafka.clients import build_consumer, build_producer, close_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.ready import TopicsCheck
from newsman.kafka.rejects import build_park
from newsman.popularity.consumer import ViewCounter
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.operator import command as operator_command
from newsman.popularity.ranking.loop import rank
from newsman.redis.client import build_client
from newsman.redis.instance_names import instance_check
from newsman.redis.ready import redis_check
from newsman.runtime.crash import bugs_crash, end_at_last
from newsman.runtime.gc_tuning import collect_seldom
from newsman.runtime.health import Check, Pulse, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import watch_pulse
from newsman.settings import PopularitySettings, read_settings
from newsman_schemas.topics import (
    ARTICLE_VIEWED,
    ARTICLE_VIEWED_V1,
    RANKING_CHANGED,
    RANKING_CHANGED_V1,
    RANKING_EDITED,
    REJECTED,
)

log = logging.getLogger(__name__)

STALLED_SECONDS = 30.0
GROUP = "popularity"
VIEWS = (ARTICLE_VIEWED_V1, ARTICLE_VIEWED)
TOPICS = (*VIEWS, RANKING_CHANGED, RANKING_CHANGED_V1, RANKING_EDITED, REJECTED)
COLLECTING = (100_000, 20, 100)
"""Events hold no cycles, and there are many of them."""


def run(arguments: argparse.Namespace) -> int:
    """Counts until a signal ends it, or does what an operator has asked for."""
    if arguments.action:
        return operator_command.run(arguments)
    settings = read_settings(PopularitySettings)
    configure_logging(settings.log_level, settings.log_format, service="popularity")
    collect_seldom(*COLLECTING)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    threading.Thread(target=end_at_last, args=(stopping,), daemon=True).start()
    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    needs = _needs(settings)
    ends = EndsOfLog(settings.kafka_bootstrap, "newsman-popularity-watch")
    watch = PartitionWatch(ends, needs=needs.values())
    edits_ends = EndsOfLog(settings.kafka_bootstrap, "newsman-popularity-edits-watch")
    edits_watch = PartitionWatch(edits_ends, needs=needs.values())
    ready = {
        **needs,
        "partitions": watch.problem,
        "edits": edits_watch.problem,
        "instance": instance_check(
            settings.redis_url, settings.namespace, GROUP, settings.instance
        ),
    }
    stop_ops = _serve_ops(settings, ready, pulse)
    if not wait_for(needs, stopping, beat=pulse.beat):
        stop_ops()
        return 0
    producer = build_producer(settings.kafka_bootstrap, client_id="newsman-popularity")
    counter = _counter(settings, producer, pulse, watch)
    ranking = (settings, producer, stopping, edits_watch)
    threading.Thread(target=rank, args=ranking, daemon=True).start()
    counter.subscribe(*(topic.full_name(settings.namespace) for topic in VIEWS))
    watch_pulse(GROUP, pulse)
    for each in (watch, edits_watch):
        each.start(stopping)
    with bugs_crash():
        while not stopping.is_set():
            counter.turn()
    with pulse.excused():
        counter.close()
        close_producer(producer)
        stop_ops()
    return 0


def _needs(settings: PopularitySettings) -> dict[str, Check]:
    return {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }


def _counter(
    settings: PopularitySettings, producer: KafkaProducer, pulse: Pulse, watch: PartitionWatch
) -> ViewCounter:
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
    park = build_park(producer, REJECTED.full_name(settings.namespace), pulse)
    return ViewCounter(consumer, store, park, pulse, watch)


def _serve_ops(
    settings: PopularitySettings, ready: dict[str, Check], pulse: Pulse
) -> Callable[[], None]:
    routes = ops_routes(service=GROUP, alive=pulse.problem, ready=ready)
    return serve_ops(routes, host=settings.host, port=settings.port)
