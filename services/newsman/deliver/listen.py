"""`newsman webhooks`: a subscriber that verifies what arrives and shows it."""

import argparse
import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cachetools import FIFOCache
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.deliver.signing import NotGenuine, parse_secret, verify
from newsman.runtime.health import never, ops_routes
from newsman.runtime.settings_error import SettingsError
from newsman.settings import WebhooksSettings, read_settings
from newsman.terminal.output import print_json
from newsman.web.addresses import Networks
from newsman.web.limits import ServerLimits
from newsman.web.problems import problem
from newsman.web.server.serve import build_server, listen
from newsman.web.slash_redirects import redirect_slashes

SHOWN = 50
REMEMBERED_IDS = 10_000
MAX_BODY_BYTES = 1024 * 1024

Say = Callable[[str], None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Arrived:
    """One genuine webhook, as the list shows it."""

    id: str
    type: str
    article: str
    revision: int | None
    headline: str | None
    received_at: str


class Inbox:
    """Webhooks that have arrived: the ids that were seen, and the last ones whole."""

    def __init__(self) -> None:
        self._ids: FIFOCache[str, None] = FIFOCache(REMEMBERED_IDS)
        self._last: deque[Arrived] = deque(maxlen=SHOWN)

    @property
    def last(self) -> list[Arrived]:
        """The newest first."""
        return list(reversed(self._last))

    def accept(self, arrived: Arrived) -> bool:
        """Keeps the webhook; False when one of that id came before."""
        if arrived.id in self._ids:
            return False
        self._ids[arrived.id] = None
        self._last.append(arrived)
        return True


def run(arguments: argparse.Namespace) -> int:
    """Listens until a signal ends it."""
    settings = read_settings(WebhooksSettings)
    secret = arguments.secret or settings.webhook_secret
    if not secret:
        raise SettingsError("NEWSMAN_WEBHOOK_SECRET is not set; set it or pass --secret whsec_…")
    try:
        key = parse_secret(secret)
    except ValueError as error:
        raise SettingsError(f"NEWSMAN_WEBHOOK_SECRET: {error}") from error
    port = settings.port if arguments.port is None else arguments.port
    app = build_app(key, Inbox(), say=partial(_print, as_json=arguments.json), clock=time.time)
    server = build_server(
        app, host=settings.host, port=port, limits=ServerLimits(), trusted=Networks("")
    )
    listener = listen(settings.host, port, variable="NEWSMAN_PORT")
    asyncio.run(server.serve([listener]))
    return 0


def build_app(key: bytes, inbox: Inbox, *, say: Say, clock: Clock) -> Starlette:
    """POST / takes a webhook, GET / lists the last ones."""

    async def receive(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return problem(413, f"a webhook has at most {MAX_BODY_BYTES} bytes")
        try:
            message_id = verify(key, request.headers, body, now_seconds=clock())
            arrived = _read(message_id, body, at=datetime.fromtimestamp(clock(), UTC))
        except NotGenuine as error:
            say(f"refused: {error}")
            return problem(401, str(error))
        except ValueError as error:
            say(f"refused: {error}")
            return problem(400, f"no webhook of Newsman: {error}")
        if not inbox.accept(arrived):
            say(f"duplicate {_line(arrived)}")
            return JSONResponse({"id": message_id, "duplicate": True})
        say(_line(arrived))
        return Response(status_code=204)

    async def show(_: Request) -> Response:
        return JSONResponse({"received": [asdict(arrived) for arrived in inbox.last]})

    routes = [Route("/", receive, methods=["POST"]), Route("/", show, methods=["GET"])]
    ops = ops_routes(service="webhooks", alive=never, ready={})
    return redirect_slashes(Starlette(routes=[*routes, *ops]))


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is too long."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _read(message_id: str, body: bytes, *, at: datetime) -> Arrived:
    """The webhook in the body; raises ValueError when it is none."""
    message: Any = json.loads(body)
    data = message.get("data") if isinstance(message, dict) else None
    if not isinstance(data, dict) or not isinstance(message.get("type"), str):
        raise ValueError("type or data is missing")
    article = data.get("article")
    return Arrived(
        id=message_id,
        type=message["type"],
        article=str(data.get("id")),
        revision=data.get("revision"),
        headline=article.get("headline") if isinstance(article, dict) else None,
        received_at=at.isoformat(),
    )


def _line(arrived: Arrived) -> str:
    return f"{arrived.type}  {arrived.headline or arrived.article}  {arrived.id}"


def _print(line: str, *, as_json: bool = False) -> None:
    if as_json:
        print_json({"said": line})
        return
    # A terminal obeys control characters; a headline must not be able to send any.
    print("".join(sign if sign.isprintable() else "�" for sign in line), flush=True)
