"""Wiring of enrich."""

import argparse
from datetime import UTC, datetime

from newsman.enrich.app import build_app
from newsman.enrich.pool import Pool, worker_command
from newsman.kafka.streams import run_worker
from newsman.logs import configure_logging
from newsman.ops import Pulse, ops_routes, serve_ops
from newsman.readiness import kafka_check
from newsman.settings import EnrichSettings, read_settings

STALLED_SECONDS = 30.0


def configure(parser: argparse.ArgumentParser) -> None:
    """enrich takes everything from the environment."""


def run(_: argparse.Namespace) -> int:
    """Enriches until a signal ends it."""
    settings = read_settings(EnrichSettings)
    configure_logging(settings.log_level)
    pulse = Pulse(limit_seconds=STALLED_SECONDS)
    pool = Pool(
        worker_command(settings.nlp_memory_mb, settings.sections_model),
        size=settings.nlp_workers,
        timeout_seconds=settings.nlp_timeout_seconds,
    )
    ready = {
        "kafka": kafka_check(settings.kafka_bootstrap),
        "model": lambda: None if pool.method else "the model is being loaded",
    }
    routes = ops_routes(service="enrich", alive=pulse.problem, ready=ready)
    stop_ops = serve_ops(routes, host=settings.host, port=settings.port)
    app = build_app(settings, pool, pulse, lambda: datetime.now(UTC))
    run_worker(app)
    stop_ops()
    return 0
