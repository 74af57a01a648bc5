"""The application of the edge: its routes, and what it says of errors."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence

from kafka.errors import KafkaError
from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ExceptionHandler

from newsman.deliver import metrics
from newsman.deliver.http.bodies import Packed, TooLarge
from newsman.deliver.http.callers import UnknownCaller
from newsman.deliver.http.edge import ForOperators, NoSuchSubscription, WrongState
from newsman.deliver.pull.following import QuotaUsed
from newsman.deliver.pull.open_fetches import TooManyFetches
from newsman.deliver.pull.starts import NotCaughtUp
from newsman.deliver.sending.requests import NotThere, Superseded
from newsman.deliver.subscriptions.validation import Invalid, NotJson
from newsman.deliver.subscriptions.writer import QuotaReached, RegistryUnavailable
from newsman.redis.articles import StoreRebuilding
from newsman.redis.documents import Damaged
from newsman.web.metrics import counted
from newsman.web.problems import problem
from newsman.web.query import BadParameter
from newsman.web.slash_redirects import redirect_slashes

AGAIN = {"Retry-After": "2"}
LATER = {"Retry-After": "10"}
UNAVAILABLE = (RegistryUnavailable, KafkaError, RedisError, StoreRebuilding, Damaged, NotCaughtUp)

Handle = Callable[[Request, Exception], Awaitable[Response]]


def build_web(routes: Sequence[BaseRoute]) -> Starlette:
    """The application."""
    handlers: dict[type[Exception], ExceptionHandler] = {
        HTTPException: _http_problem,
        Invalid: _invalid,
        NotJson: _answering(400, prefix="the body is no JSON: "),
        BadParameter: _bad_parameter,
        UnknownCaller: _answering(401, {"WWW-Authenticate": "Bearer"}),
        ForOperators: _answering(403),
        QuotaReached: _answering(403),
        NoSuchSubscription: _answering(404),
        NotThere: _answering(404),
        WrongState: _answering(409),
        Superseded: _answering(409),
        TooLarge: _answering(413),
        Packed: _answering(415),
        TooManyFetches: _answering(429, LATER),
        QuotaUsed: _quota_used,
        ClientDisconnect: _answering(400),
        Exception: _unexpected,
        **dict.fromkeys(UNAVAILABLE, _answering(503, AGAIN)),
    }
    counting = Middleware(counted, requests=metrics.requests)
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=[counting])
    return redirect_slashes(app)


def _answering(status: int, headers: Mapping[str, str] | None = None, prefix: str = "") -> Handle:
    # Starlette would run a handler that is not a coroutine in a thread.
    async def handle(_: Request, error: Exception) -> Response:
        return problem(status, f"{prefix}{error}", headers=headers)

    return handle


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return problem(422, str(error), errors=error.problems)


async def _quota_used(_: Request, error: Exception) -> Response:
    assert isinstance(error, QuotaUsed)
    return problem(429, str(error), headers={"Retry-After": str(math.ceil(error.seconds))})


async def _bad_parameter(_: Request, error: Exception) -> Response:
    assert isinstance(error, BadParameter)
    return problem(400, str(error), errors=[(f"/{error.name}", error.detail)])


async def _http_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail, headers=error.headers)


async def _unexpected(_: Request, __: Exception) -> Response:
    return problem(500, "an unexpected error; it is in the log")
