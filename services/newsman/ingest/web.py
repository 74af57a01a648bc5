"""The HTTP edge: articles and views in, 202 once Kafka has them."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from newsman.ingest import metrics
from newsman.ingest.answers import (
    all_of,
    batch_answer,
    invalid,
    rejected_row,
    sentence,
    unauthorised,
)
from newsman.ingest.bodies import BadEncoding, TooLarge, read_body
from newsman.ingest.edge import Edge
from newsman.ingest.formats.model import (
    BadDocument,
    Defaults,
    Document,
    Parsed,
    UnknownFormat,
)
from newsman.ingest.producer import KafkaUnavailable
from newsman.ingest.reading import FORMATS, parse
from newsman.ingest.sources import Source
from newsman.ingest.views_web import OpenToAllSites, allow_beacons, push_views
from newsman.kafka.records import encode, new_traceparent
from newsman.ops import Check, never, ops_routes
from newsman.problems import problem
from newsman_schemas.articles import Article, ArticleReceived, Stage, content_digest
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_RECEIVED, MAX_MESSAGE_BYTES

RETRY_AFTER_SECONDS = 5
LARGE_BODY_BYTES = 256 * 1024
MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
"""Leaves room for the key and headers; what Kafka can never take must not be a 503 for ever."""
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def build_web(edge: Edge, ready: dict[str, Check], **starlette_options: Any) -> Starlette:
    """The application with all its routes."""

    async def articles(request: Request) -> Response:
        return await _push_articles(edge, request)

    async def views(request: Request) -> Response:
        return allow_beacons() if request.method == "OPTIONS" else await push_views(edge, request)

    return Starlette(
        routes=[
            Route("/v1/articles", articles, methods=["POST"]),
            Route(
                "/v1/views",
                views,
                methods=["POST", "OPTIONS"],
                middleware=[Middleware(OpenToAllSites)],
            ),
            *ops_routes(service="ingest", alive=never, ready=ready),
        ],
        exception_handlers={
            HTTPException: _http_problem,
            TooLarge: _answering(lambda text: problem(413, text)),
            BadEncoding: _answering(lambda text: problem(415, text)),
            UnknownFormat: _answering(lambda text: problem(415, text, supported=sorted(FORMATS))),
            BadDocument: _answering(lambda text: problem(400, text, errors=[("", text)])),
            KafkaUnavailable: _answering(_unavailable),
            RedisError: _answering(_unavailable),
            ClientDisconnect: _answering(lambda _: Response(status_code=400)),
            Exception: _answering(lambda _: problem(500, "an unexpected error; it is in the log")),
        },
        **starlette_options,
    )


async def _push_articles(edge: Edge, request: Request) -> Response:
    source = edge.sources.find(request.headers.get("authorization"))
    if source is None:
        return unauthorised()
    body = await read_body(request, limit_bytes=edge.settings.max_body_bytes)
    try:
        document = await _parse(edge, request, source, body)
    except (UnknownFormat, BadDocument) as error:
        metrics.articles.labels(source.id, "rejected").inc()
        edge.parking.park(source.id, "unreadable", str(error), body)
        raise
    good = [item.article for item in document.items if item.article is not None]
    bad = [item for item in document.items if item.article is None]
    if good:
        await _store(edge, request, source, document, good)
    if bad:
        metrics.articles.labels(source.id, "rejected").inc(len(bad))
        edge.parking.park(source.id, "invalid", _summary(bad), body)
    return _articles_answer(edge, document)


async def _parse(edge: Edge, request: Request, source: Source, body: bytes) -> Document:
    defaults = Defaults(
        source=source.id,
        language=source.language,
        timezone=source.timezone,
        section=source.section,
        now=edge.clock(),
    )

    def read() -> Document:
        return parse(
            body,
            content_type=request.headers.get("content-type"),
            format_name=request.query_params.get("format"),
            defaults=defaults,
        )

    # What is small is quicker read here than handed to a thread.
    return await asyncio.to_thread(read) if len(body) > LARGE_BODY_BYTES else read()


async def _store(
    edge: Edge,
    request: Request,
    source: Source,
    document: Document,
    articles: Sequence[Article],
) -> None:
    sent = request.headers.get("traceparent", "")
    traceparent = sent if _TRACEPARENT.fullmatch(sent) else new_traceparent()
    records = [
        encode(_received(article, document.format, edge.clock()), traceparent=traceparent)
        for article in articles
    ]
    for article, record in zip(articles, records, strict=True):
        if len(record.value) > MAX_EVENT_BYTES:
            raise TooLarge(f"{article.uri}: larger than {MAX_EVENT_BYTES} bytes once normalised")
    topic = ARTICLE_RECEIVED.full_name(edge.settings.namespace)
    try:
        await edge.sender.send(topic, records)
    except KafkaUnavailable:
        metrics.articles.labels(source.id, "unavailable").inc(len(records))
        raise
    metrics.articles.labels(source.id, "accepted").inc(len(records))


def _received(article: Article, format_name: str, now: datetime) -> ArticleReceived:
    return ArticleReceived(
        event_id=digest("article-received", article.id, content_digest(article)),
        occurred_at=now,
        article=article,
        format=format_name,
        trail=(Stage(stage="received", service="ingest", at=now, version=article.version),),
    )


def _articles_answer(edge: Edge, document: Document) -> Response:
    if document.is_batch:
        rows = [_item_row(edge, item) for item in document.items]
        return batch_answer(rows, all_of(item.problems for item in document.items))
    (item,) = document.items
    if item.article is None:
        return invalid(item.problems)
    row = _article_row(edge, item.article)
    return JSONResponse(row, status_code=202, headers={"Location": row["links"]["self"]})


def _item_row(edge: Edge, item: Parsed) -> dict[str, Any]:
    if item.article is not None:
        return {"index": item.index, **_article_row(edge, item.article)}
    return {"index": item.index, **rejected_row(item.problems)}


def _article_row(edge: Edge, article: Article) -> dict[str, Any]:
    base = edge.settings.public_url.rstrip("/")
    return {
        "id": article.id,
        "uri": article.uri,
        "version": article.version,
        "status": "accepted",
        "links": {
            "self": f"{base}/v1/articles/{article.id}",
            "page": f"{base}/articles/{article.id}",
        },
    }


def _summary(bad: Sequence[Parsed]) -> str:
    return f"{len(bad)} bad: " + sentence(bad[0].problems)


def _answering(answer: Callable[[str], Response]) -> ExceptionHandler:
    # A handler that is no coroutine would be run in a thread.
    async def handle(_: Request, error: Exception) -> Response:
        return answer(str(error))

    return handle


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
