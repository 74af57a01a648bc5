"""Health, readiness, metrics and the API's description, on ingest's port for operators."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from starlette.routing import Route

from newsman.ingest.openapi.document import document
from newsman.kafka.ready import TopicsCheck
from newsman.redis.ready import redis_check
from newsman.runtime.health import Check, first_problem, ops_routes
from newsman.settings import IngestSettings
from newsman.web.openapi.routes import openapi_routes
from newsman_schemas.topics import (
    AGENDA_ITEM_RECEIVED,
    ARTICLE_RECEIVED,
    ARTICLE_VIEWED,
    NAME_DEFINED,
    RANKING_EDITED,
    REJECTED,
)

TOPICS = (
    ARTICLE_RECEIVED,
    ARTICLE_VIEWED,
    AGENDA_ITEM_RECEIVED,
    RANKING_EDITED,
    NAME_DEFINED,
    REJECTED,
)


def ingest_needs(settings: IngestSettings) -> dict[str, Check]:
    """Checks of the systems that ingest needs, by name."""
    return {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }


def ingest_ops_routes(
    settings: IngestSettings,
    *,
    alive: Check,
    taking: Check,
    registry: Callable[[], CollectorRegistry] | None = None,
) -> list[Route]:
    """The routes; `taking` says why pushes are refused right now, if they are."""
    needs = ingest_needs(settings)
    ready = {**needs, "kafka": first_problem(needs["kafka"], taking)}
    ops = ops_routes(service="ingest", alive=alive, ready=ready, registry=registry)
    return [*ops, *openapi_routes(document)]
