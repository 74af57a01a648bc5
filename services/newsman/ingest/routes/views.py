"""POST /v1/views: page views from newsrooms' systems and from reader pages."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest import metrics
from newsman.ingest.context import IngestContext
from newsman.ingest.formats.content_type import media_type
from newsman.ingest.formats.model import BadDocument, FieldProblem, UnknownFormat
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.routes.answers import all_of, batch_answer, invalid, rejected_row, unauthorised
from newsman.ingest.routes.bodies import PLAIN_ONLY, BodyLimits, read_body
from newsman.ingest.routes.queries import ViewsQuery
from newsman.ingest.sources.sources_file import Source
from newsman.ingest.views.events import AT_ONCE, Visits, ignored_fields, judged, visitor_of
from newsman.ingest.views.pushed_views import (
    MAX_PUBLIC_BYTES,
    MAX_PUBLIC_VIEWS,
    MAX_VIEWS,
    PushedView,
    RawViews,
    ReadView,
    read_item,
    split_lines,
    split_views,
)
from newsman.ingest.views.records import events_of, record_of
from newsman.ingest.views.view_filter import Charges
from newsman.web.problems import EchoingResponse
from newsman_schemas.popularity import ArticleView
from newsman_schemas.topics import ARTICLE_VIEWED

LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
JSON = frozenset({"", "application/json"})
BEACON = "text/plain"
HASTY = "hasty-views"
MAX_HASTY = 64
"""Hasty pushes that may be under way at once; what comes beyond is dropped."""
MOST_PROBLEMS = 100
"""So many problems of one push are told."""


async def push_views(edge: IngestContext, request: Request) -> Response:
    """Takes one view, an array or lines; a key is not needed, but a wrong one is refused.

    With `?hasty` the answer is 202 at once, and what Kafka does not take is only counted.
    """
    authorization = request.headers.get("authorization")
    source = edge.sources.find(authorization)
    if authorization and source is None:
        return unauthorised()
    raw = await _views_in_body(edge, request, source)
    read = await _validated(raw, edge)
    views = [entry.view for entry in read if entry.view is not None]
    if ViewsQuery.read(request.query_params).hasty:
        _send_hastily(edge, request, source, views)
        return Response(status_code=202)
    sent = iter(await send_views(edge, request, source, views))
    ids = [next(sent) if entry.view is not None else None for entry in read]
    ignored = [] if source else _ignored(views)
    return _views_answer(raw.is_array, read, ids, ignored)


async def _views_in_body(edge: IngestContext, request: Request, source: Source | None) -> RawViews:
    kind = media_type(request.headers.get("content-type"))
    if kind not in JSON | LINES | {BEACON}:
        readable = ", ".join(sorted((JSON | LINES | {BEACON}) - {""}))
        raise UnknownFormat(f"{kind[:100]} is not read here; {readable} are")
    most = MAX_VIEWS if source else MAX_PUBLIC_VIEWS
    body = await read_body(request, _limits(edge, source))
    if kind in LINES:
        return split_lines(body, most=most)
    try:
        return split_views(body, most=most)
    except BadDocument:
        # A beacon can't say that it holds lines.
        if kind != BEACON or body.count(b"\n") < 1:
            raise
        return split_lines(body, most=most)


def _limits(edge: IngestContext, source: Source | None) -> BodyLimits:
    if source is not None:
        return edge.body_limits(source.max_body_bytes)
    strangers = edge.body_limits_of_strangers()
    size = min(strangers.body_bytes, MAX_PUBLIC_BYTES)
    return replace(strangers, body_bytes=size, codings=PLAIN_ONLY)


async def _validated(raw: RawViews, edge: IngestContext) -> list[ReadView]:
    """The views, or what is wrong with each; of all of them a bounded number of problems."""
    now, total, read = edge.clock(), 0, []
    for index in range(len(raw.items)):
        if index % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
        entry = read_item(raw, index, now=now)
        shown = entry.problems[: MOST_PROBLEMS - total]
        total += len(shown)
        read.append(entry if len(shown) == len(entry.problems) else _shortened(entry, shown))
    return read


def _shortened(entry: ReadView, problems: tuple[FieldProblem, ...]) -> ReadView:
    return ReadView(None, problems, untold=len(entry.problems) - len(problems))


async def send_views(
    edge: IngestContext, request: Request, source: Source | None, views: Sequence[PushedView]
) -> list[str]:
    """The ids of the views, once Kafka has them; raises KafkaUnavailable."""
    visitor = visitor_of(request)
    return await send_visits(edge, source, [(view, visitor) for view in views])


async def send_visits(edge: IngestContext, source: Source | None, visits: Visits) -> list[str]:
    """Sends views, each with its visitor; views that are not stored count towards no rate."""
    charges, now = Charges(), edge.clock()
    source_id = source.id if source else None
    try:
        views = await judged(visits, edge.views, charges, source=source_id, now=now)
        views = await _of_stored_articles(edge, views)
        events, ids = events_of(views, source=source_id, now=now)
        if events:
            topic = ARTICLE_VIEWED.full_name(edge.settings.namespace)
            await edge.sender.send(topic, [record_of(event) for event in events])
    except (KafkaUnavailable, RedisError):
        edge.views.filter.take_back(charges)
        raise
    _note(views)
    return ids


def _note(views: Sequence[ArticleView]) -> None:
    kinds = Counter(view.filtered or view.discounted or view.agent for view in views)
    for kind, number in kinds.items():
        metrics.views.labels(kind).inc(number)
    tokens = Counter(view.token for view in views if view.token is not None)
    for token, number in tokens.items():
        metrics.view_tokens.labels(token).inc(number)


async def _of_stored_articles(
    edge: IngestContext, views: Sequence[ArticleView]
) -> list[ArticleView]:
    """The views, each of the id that its article is stored under; a view token was judged by the
    id that its page has."""
    if edge.views.aliases is None:
        return list(views)
    places = await edge.views.aliases.places(list({view.article_id for view in views}))
    return [
        view.model_copy(update={"article_id": place})
        if (place := places[view.article_id]) != view.article_id
        else view
        for view in views
    ]


def _send_hastily(
    edge: IngestContext, request: Request, source: Source | None, views: Sequence[PushedView]
) -> None:
    if edge.background.count(HASTY) >= MAX_HASTY:
        metrics.views_dropped.inc(len(views))
        return

    async def send() -> None:
        try:
            await send_views(edge, request, source, views)
        except (KafkaUnavailable, RedisError):
            metrics.views_dropped.inc(len(views))

    edge.background.start(send(), name=HASTY)


def _ignored(views: Sequence[PushedView]) -> list[str]:
    """The fields that were pushed without the key which they need."""
    names = {name for view in views for name in ignored_fields(view)}
    return sorted(names)


def _views_answer(
    is_array: bool,  # noqa: FBT001 - what was pushed, not a switch
    read: Sequence[ReadView],
    ids: Sequence[str | None],
    ignored: list[str],
) -> Response:
    extras: dict[str, Any] = {"ignored": ignored} if ignored else {}
    if not is_array:
        (view_id,) = ids
        if view_id is None:
            return invalid(read[0].problems)
        answer = {"id": view_id, "status": "accepted", **extras}
        return EchoingResponse(answer, status_code=202)
    if untold := sum(entry.untold for entry in read):
        extras["more_errors"] = untold
    rows = [
        {"index": index, "id": view_id, "status": "accepted"}
        if view_id
        else {"index": index, **rejected_row(entry.problems)}
        for index, (entry, view_id) in enumerate(zip(read, ids, strict=True))
    ]
    return batch_answer(rows, all_of(entry.problems for entry in read), **extras)
