"""Wiring of enrich."""

import argparse
import threading
from datetime import UTC, datetime

from faust.types import TP

from newsman.enrich.app import STANDING_LIMIT_SECONDS, build_app
from newsman.enrich.commands import diff as diff_command
from newsman.enrich.commands import review as review_command
from newsman.enrich.flashes import CLIENT_ID as FLASHES_CLIENT
from newsman.enrich.flashes import Flashes
from newsman.enrich.overrides.log import Overrides, open_log
from newsman.enrich.own_names.current import CLIENT_ID as NAMES_CLIENT
from newsman.enrich.own_names.current import CurrentNames
from newsman.enrich.stories.store import StoryStore
from newsman.enrich.workers.pool import Pool
from newsman.enrich.workers.worker import worker_command
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.ready import TopicsCheck
from newsman.kafka.streams import run_worker
from newsman.own_names.names_file import read_names
from newsman.own_names.names_log import open_names_log
from newsman.redis.client import build_async_client
from newsman.redis.instance_names import instance_check
from newsman.redis.ready import redis_check
from newsman.runtime.files.watched_file import WatchedFile
from newsman.runtime.health import Check, Pulse, first_problem, ops_routes, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import EnrichSettings, read_settings
from newsman_schemas.topics import (
    ARTICLE_ENRICHED,
    ARTICLE_OVERRIDDEN,
    ARTICLE_RECEIVED,
    NAME_DEFINED,
    REJECTED,
)

STALLED_SECONDS = 30.0
TOPICS = (ARTICLE_RECEIVED, ARTICLE_ENRICHED, ARTICLE_OVERRIDDEN, NAME_DEFINED, REJECTED)


def run(arguments: argparse.Namespace) -> int:
    """Enriches until a signal ends it, or shows what another model would change, or what editors
    took away and what is least certain."""
    if arguments.action == "diff":
        return diff_command.run(arguments)
    if arguments.action == "review":
        return review_command.run(arguments)
    settings = read_settings(EnrichSettings)
    configure_logging(settings.log_level, settings.log_format, service="enrich")

    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    progress: ConsumerProgress[TP] = ConsumerProgress(limit_seconds=STANDING_LIMIT_SECONDS)
    pool = Pool(
        worker_command(
            settings.nlp_memory_mb, settings.nlp_timeout_seconds, settings.sections_model
        ),
        size=settings.nlp_workers,
        cpu_seconds=settings.nlp_timeout_seconds,
        silence_seconds=settings.nlp_silence_seconds,
    )
    bootstrap, namespace = settings.kafka_bootstrap, settings.namespace
    overrides = Overrides(lambda: open_log(bootstrap, namespace))
    names = CurrentNames(
        lambda: open_names_log(bootstrap, namespace, client_id=NAMES_CLIENT),
        WatchedFile(settings.names_file, read_names, empty={}, what="the file of names"),
    )
    needs: dict[str, Check] = {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }
    flashes_watch = PartitionWatch(
        EndsOfLog(settings.kafka_bootstrap, f"{FLASHES_CLIENT}-watch"), needs=needs.values()
    )
    flashes = Flashes(settings, _clock, flashes_watch)
    ready = {
        **needs,
        "flashes": flashes.problem,
        "partitions": progress.problem,
        "model": lambda: None if pool.method else "the model is being loaded",
        "overrides": overrides.problem,
        "names": names.problem,
        "instance": instance_check(
            settings.redis_url, settings.namespace, "enrich", settings.instance
        ),
    }
    watch = LoopWatch("enrich")
    alive = first_problem(watch.problem, pulse.problem)
    routes = ops_routes(service="enrich", alive=alive, ready=ready)
    stop_ops = serve_ops(routes, host=settings.host, port=settings.port)
    # Until Faust handles signals, a signal ends the process at once.
    wait_for(needs, threading.Event(), beat=pulse.beat)
    flashes.start()
    client = build_async_client(settings.redis_url)
    stories = StoryStore(client, settings.namespace)
    app = build_app(settings, pool, stories.place, overrides, names, pulse, _clock, progress)
    app.task(watch.begin)
    status = run_worker(app)
    flashes.stop()
    stop_ops()
    return status


def _clock() -> datetime:
    return datetime.now(UTC)
