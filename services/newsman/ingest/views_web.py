"""POST /v1/views: page views from newsrooms' systems and from reader pages."""

import asyncio
from collections.abc import Sequence

from redis.exceptions import RedisError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.ingest import metrics
from newsman.ingest.answers import all_of, batch_answer, invalid, rejected_row, unauthorised
from newsman.ingest.bodies import read_body
from newsman.ingest.edge import Edge
from newsman.ingest.formats.model import BadDocument, UnknownFormat
from newsman.ingest.producer import KafkaUnavailable
from newsman.ingest.sources import Source
from newsman.ingest.views import (
    PushedView,
    ReadView,
    Visitor,
    read_view_lines,
    read_views,
    to_event,
)
from newsman.kafka.records import encode
from newsman.problems import EchoingResponse
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED

LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
JSON = frozenset({"", "application/json"})
BEACON = "text/plain"
MAX_HASTY = 64
"""Hasty pushes that may be under way at once; what comes beyond is dropped."""

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "86400",
}


class OpenToAllSites:
    """Lets pages of every site read the answer, errors too (Fetch, section 3.3: CORS)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Access-Control-Allow-Origin"] = "*"
            await send(message)

        await self._app(scope, receive, send_open)


def allow_beacons() -> Response:
    """The answer to a preflight: any page may post its views."""
    return Response(status_code=204, headers=_PREFLIGHT)


SCRIPT = """(() => {
  const me = document.currentScript;
  const send = () => navigator.sendBeacon(
    new URL("views", me.src), JSON.stringify({article: me.dataset.article}));
  if (document.prerendering) document.addEventListener("prerenderingchange", send, {once: true});
  else send();
  let seen = 0, since = document.hidden ? 0 : Date.now(), ended = false;
  const look = () => {
    ended ||= scrollY + innerHeight >= document.documentElement.scrollHeight - 80;
  };
  addEventListener("scroll", look, {passive: true});
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && since) seen += Date.now() - since;
    since = document.hidden ? 0 : Date.now();
  });
  addEventListener("pagehide", () => {
    look();
    if (since) seen += Date.now() - since;
    since = 0;
    navigator.sendBeacon(new URL("views", me.src), JSON.stringify({article: me.dataset.article,
      leaving: true, seconds: Math.min(86400, seen / 1000), read_to_end: ended}));
    seen = 0;
  });
})();
"""


async def views_script(_: Request) -> Response:
    """GET /v1/views.js: sends the view of the article that its `data-article` names."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(SCRIPT, media_type="text/javascript", headers=headers)


async def push_views(edge: Edge, request: Request) -> Response:
    """Takes one view, an array or lines; a key is not needed, but a wrong one is refused.

    With `?hasty` the answer is 202 at once, and what Kafka does not take is only counted.
    """
    authorization = request.headers.get("authorization")
    source = edge.sources.find(authorization)
    if authorization and source is None:
        return unauthorised()
    is_array, read = await _read_push(edge, request)
    views = [found.view for found in read if found.view is not None]
    if "hasty" in request.query_params and request.query_params["hasty"] not in ("false", "0"):
        _send_hastily(edge, request, source, views)
        return Response(status_code=202)
    sent = iter(await send_views(edge, request, source, views))
    events = [next(sent) if found.view is not None else None for found in read]
    return _views_answer(is_array, read, events)


async def _read_push(edge: Edge, request: Request) -> tuple[bool, list[ReadView]]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in JSON | LINES | {BEACON}:
        known = ", ".join(sorted((JSON | LINES | {BEACON}) - {""}))
        raise UnknownFormat(f"{media_type} is not read here; {known} are")
    body = await read_body(request, edge.body_limits_of_strangers())
    now = edge.clock()
    if media_type in LINES:
        return True, read_view_lines(body, now=now)
    try:
        return read_views(body, now=now)
    except BadDocument:
        # A beacon can't say that it holds lines.
        if media_type != BEACON or len(body.splitlines()) < 2:
            raise
        return True, read_view_lines(body, now=now)


_hasty: set["asyncio.Task[None]"] = set()


def _send_hastily(
    edge: Edge, request: Request, source: Source | None, views: Sequence[PushedView]
) -> None:
    if len(_hasty) >= MAX_HASTY:
        metrics.views_dropped.inc(len(views))
        return

    async def send() -> None:
        try:
            await send_views(edge, request, source, views)
        except (KafkaUnavailable, RedisError):
            metrics.views_dropped.inc(len(views))

    task = asyncio.create_task(send())
    _hasty.add(task)
    task.add_done_callback(_hasty.discard)


async def send_views(
    edge: Edge, request: Request, source: Source | None, views: Sequence[PushedView]
) -> list[ArticleViewed]:
    """The events of the views, once Kafka has them; raises KafkaUnavailable."""
    visitor = _visitor(request)
    return await send_visits(edge, source, [(view, visitor) for view in views])


async def send_visits(
    edge: Edge, source: Source | None, visits: Sequence[tuple[PushedView, Visitor]]
) -> list[ArticleViewed]:
    """The same, each view with whoever it was."""
    now, pusher = edge.clock(), source.id if source else None
    events = [
        await to_event(view, edge.hasher, visitor, edge.views, source=pusher, now=now)
        for view, visitor in visits
    ]
    if events:
        topic = ARTICLE_VIEWED.full_name(edge.settings.namespace)
        await edge.sender.send(topic, [encode(event) for event in events])
    for event in events:
        metrics.views.labels(event.filtered or event.agent).inc()
    return events


def _views_answer(
    is_array: bool,  # noqa: FBT001 - what was pushed, not a switch
    read: Sequence[ReadView],
    events: Sequence[ArticleViewed | None],
) -> Response:
    if not is_array:
        (event,) = events
        if event is None:
            return invalid(read[0].problems)
        return EchoingResponse({"id": event.event_id, "status": "accepted"}, status_code=202)
    rows = [
        {"index": index, "id": event.event_id, "status": "accepted"}
        if event
        else {"index": index, **rejected_row(found.problems)}
        for index, (found, event) in enumerate(zip(read, events, strict=True))
    ]
    return batch_answer(rows, all_of(found.problems for found in read))


def _visitor(request: Request) -> Visitor:
    # uvicorn has put the address of X-Forwarded-For here where a trusted proxy sent it.
    address = request.client.host if request.client else ""
    return Visitor(address, request.headers.get("user-agent", ""), request.headers)
