"""Health, readiness, metrics and the API's description, on ingest's port for operators."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from starlette.routing import Route

from newsman.ingest.openapi.document import document
from newsman.openapi.web import openapi_routes
from newsman.ops import Check, first_problem, ops_routes
from newsman.readiness import kafka_check, redis_check
from newsman.settings import IngestSettings


def ingest_ops_routes(
    settings: IngestSettings,
    *,
    alive: Check,
    taking: Check,
    registry: Callable[[], CollectorRegistry] | None = None,
) -> list[Route]:
    """The routes; `taking` says why pushes are refused right now, if they are."""
    ready = {
        "kafka": first_problem(taking, kafka_check(settings.kafka_bootstrap)),
        "redis": redis_check(settings.redis_url),
    }
    ops = ops_routes(service="ingest", alive=alive, ready=ready, registry=registry)
    return [*ops, *openapi_routes(document)]
