"""The HTTP edge: articles and views in, an answer once Kafka has them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from newsman.assets.folder import AssetsUnavailable
from newsman.ingest.console.editor import CHALLENGE, UnknownEditor
from newsman.ingest.console.routes import change_front, show_front
from newsman.ingest.context import IngestContext
from newsman.ingest.formats.model import BadDocument, FieldProblem, UnknownFormat
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.reading.fair_queue import Overloaded
from newsman.ingest.reading.pool import ProcessLost
from newsman.ingest.reading.process import TooCostly
from newsman.ingest.routes.all_sites import OpenToAllSites, allow_beacons
from newsman.ingest.routes.answers import invalid, unauthorised, unreadable
from newsman.ingest.routes.articles import push_articles
from newsman.ingest.routes.authenticate import UnknownSender
from newsman.ingest.routes.bodies import BadEncoding, NoRoom, TooSlow, UnpacksTooLarge
from newsman.ingest.routes.eventgate import push_events, sample_events
from newsman.ingest.routes.goatcounter import push_hits
from newsman.ingest.routes.media import has_binary
from newsman.ingest.routes.names import list_names, push_names, remove_name, show_name
from newsman.ingest.routes.ranking_edits import push_ranking_edit
from newsman.ingest.routes.superdesk import push_binary, push_content, push_item
from newsman.ingest.routes.views import push_views
from newsman.ingest.sources.rate_limit import TooOften
from newsman.ingest.views.snippet import give_token, views_script
from newsman.redis.articles import StoreRebuilding
from newsman.web.problems import problem
from newsman.web.query import BadParameter
from newsman.web.slash_redirects import redirect_slashes

RETRY_AFTER_SECONDS = 5

Endpoint = Callable[[Request], Awaitable[Response]]
Push = Callable[[IngestContext, Request], Awaitable[Response]]


def build_web(edge: IngestContext, **starlette_options: Any) -> Starlette:
    """The application with all its routes."""

    def pushing(push: Push) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await push(edge, request)

        return endpoint

    async def views(request: Request) -> Response:
        return allow_beacons() if request.method == "OPTIONS" else await push_views(edge, request)

    app = Starlette(
        routes=[
            Route("/v1/articles", pushing(push_articles), methods=["POST"]),
            Route("/v1/events", pushing(push_events), methods=["POST"]),
            Route("/v1/_test/events", pushing(sample_events), methods=["GET"]),
            Route("/push", pushing(push_item), methods=["POST"]),
            Route("/push_binary", pushing(push_binary), methods=["POST"]),
            Route("/push_binary/{media_id:path}", pushing(has_binary), methods=["GET"]),
            Route("/assets", pushing(push_binary), methods=["POST"]),
            Route("/assets/{media_id:path}", pushing(has_binary), methods=["GET"]),
            Route("/api/v1/content/push", pushing(push_content), methods=["POST"]),
            Route("/api/v2/content/push", pushing(push_content), methods=["POST"]),
            Route("/v1/ranking-edits", pushing(push_ranking_edit), methods=["POST"]),
            _by_method("/console/front", POST=pushing(change_front), GET=pushing(show_front)),
            _by_method("/v1/names", POST=pushing(push_names), GET=pushing(list_names)),
            _by_method("/v1/names/{name_id}", GET=pushing(show_name), DELETE=pushing(remove_name)),
            Route("/api/v0/count", pushing(push_hits), methods=["POST"]),
            Route("/v1/views.js", views_script, methods=["GET"]),
            Route(
                "/v1/views/token",
                pushing(give_token),
                methods=["GET"],
                middleware=[Middleware(OpenToAllSites)],
            ),
            Route(
                "/v1/views",
                views,
                methods=["POST", "OPTIONS"],
                middleware=[Middleware(OpenToAllSites)],
            ),
        ],
        exception_handlers={
            HTTPException: _http_problem,
            UnknownSender: _answering(unauthorised),
            UnknownEditor: _answering(lambda text: problem(401, text, headers=CHALLENGE)),
            StoreRebuilding: _answering(_unavailable),
            TooOften: _too_often,
            NoRoom: _answering(_unavailable),
            UnpacksTooLarge: _answering(lambda text: problem(413, text)),
            TooSlow: _answering(lambda text: problem(408, text, headers={"Connection": "close"})),
            BadEncoding: _answering(lambda text: problem(415, text)),
            BadParameter: _bad_parameter,
            UnknownFormat: _unreadable,
            BadDocument: _unreadable,
            KafkaUnavailable: _answering(_unavailable),
            ProcessLost: _answering(_unavailable),
            Overloaded: _answering(_unavailable),
            TooCostly: _too_costly,
            RedisError: _answering(_unavailable),
            AssetsUnavailable: _answering(_unavailable),
            ClientDisconnect: _answering(lambda _: Response(status_code=400)),
            Exception: _answering(lambda _: problem(500, "an unexpected error; it is in the log")),
        },
        **starlette_options,
    )
    return redirect_slashes(app)


def _by_method(path: str, **endpoints: Endpoint) -> Route:
    """One route, so that a wrong method is answered with all that there are."""

    async def endpoint(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, endpoint, methods=list(endpoints))


def _answering(answer: Callable[[str], Response]) -> ExceptionHandler:
    # Starlette would run a handler that is not a coroutine in a thread.
    async def handle(_: Request, error: Exception) -> Response:
        return answer(str(error))

    return handle


async def _bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadParameter)
    return invalid([FieldProblem(f"/{error.name}", error.detail)])


async def _unreadable(_: Request, error: Exception) -> Response:
    assert isinstance(error, (BadDocument, UnknownFormat))
    return unreadable(error)


async def _too_often(_: Request, error: Exception) -> Response:
    assert isinstance(error, TooOften)
    return problem(429, str(error), headers={"Retry-After": str(error.retry_after)})


async def _too_costly(_: Request, error: Exception) -> Response:
    assert isinstance(error, TooCostly)
    return problem(422, str(error), reason=f"costly-{error.reason}")


def _unavailable(detail: str) -> Response:
    return problem(
        503,
        f"nothing was stored; send it again later ({detail})",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


async def _http_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=error.headers)


def utc_now() -> datetime:
    """The clock of the real service."""
    return datetime.now(UTC)
