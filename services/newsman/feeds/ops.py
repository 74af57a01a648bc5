"""The operator's side of feeds: health, readiness, metrics, the description of its API."""

from redis.exceptions import RedisError
from starlette.routing import Route

from newsman.feeds.api.openapi import document
from newsman.redis.client import build_impatient_client
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import read_marker
from newsman.runtime.health import Check, ops_routes
from newsman.settings import FeedsSettings
from newsman.web.openapi.routes import openapi_routes


def feeds_ops_routes(
    settings: FeedsSettings,
    needs: dict[str, Check],
    alive: Check,
    readers: dict[str, Check],
    known: Check,
) -> list[Route]:
    """The routes; `readers` and `needs` must be there to be ready, what `known` says is a note."""
    blocking = build_impatient_client(settings.redis_url)
    marker = ArticleKeys(settings.namespace).marker

    def store() -> str | None:
        try:
            is_whole = read_marker(blocking.get(marker)) is not None
        except RedisError:
            return "Redis does not say whether the article store is whole"
        return None if is_whole else "the article store is not whole; publish rebuilds it"

    ops = ops_routes(
        service="feeds",
        alive=alive,
        ready={
            **needs,
            "store": store,
            **readers,
        },
        notes={"subscribers": known},
    )
    return [*ops, *openapi_routes(document)]
