"""POST /v1/articles: articles in every format, 202 once Kafka has them."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest import idempotency, metrics
from newsman.ingest.answers import all_of, batch_answer, invalid, rejected_row, sentence
from newsman.ingest.bodies import TooLarge
from newsman.ingest.edge import Edge
from newsman.ingest.envelopes import header_attributes
from newsman.ingest.formats.model import (
    BadDocument,
    Defaults,
    Document,
    Parsed,
    UnknownFormat,
)
from newsman.ingest.producer import KafkaUnavailable
from newsman.ingest.reading import parse
from newsman.ingest.senders import LARGE_BODY_BYTES, read_push
from newsman.ingest.sources import Source
from newsman.kafka.records import Record, encode, new_traceparent
from newsman.problems import EchoingResponse
from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import Article, ArticleReceived, Stage, content_digest
from newsman_schemas.events import digest
from newsman_schemas.topics import (
    AGENDA_ITEM_RECEIVED,
    ARTICLE_RECEIVED,
    MAX_MESSAGE_BYTES,
    Topic,
)

MAX_EVENT_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
"""Leaves room for the key and headers; what Kafka can never take must not be a 503 for ever."""
MAX_GROWTH = 8
"""How many times a body's limit the events of one push may take."""
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


async def push_articles(edge: Edge, request: Request) -> Response:
    """One document in any format, or a batch of them."""
    source, body = await read_push(edge, request)

    async def push() -> Response:
        document = await take(
            edge, request, source, body, format_name=request.query_params.get("format")
        )
        return _answer(edge, document)

    key = request.headers.get(idempotency.HEADER)
    if key is None:
        return await push()
    pushed = (request.url.query.encode(), request.headers.get("content-type", "").encode(), body)
    return await edge.answers.once(source.id, key, pushed, push)


async def take(
    edge: Edge, request: Request, source: Source, body: bytes, *, format_name: str | None
) -> Document:
    """Reads a body and stores what is good in it; what is not is parked for the operator."""
    try:
        document = await parse_push(edge, request, source, body, format_name)
    except (UnknownFormat, BadDocument) as error:
        metrics.articles.labels(source.id, "rejected").inc()
        edge.parking.park(source.id, "unreadable", str(error), body)
        raise
    good = [item for item in document.items if not item.is_bad]
    bad = [item for item in document.items if item.is_bad]
    if good:
        await store(edge, request, source, document.format, good)
    if bad:
        metrics.articles.labels(source.id, "rejected").inc(len(bad))
        edge.parking.park(source.id, "invalid", _summary(bad), body)
    return document


async def parse_push(
    edge: Edge, request: Request, source: Source, body: bytes, format_name: str | None
) -> Document:
    """The document that a source pushed; raises UnknownFormat or BadDocument."""
    defaults = Defaults(
        source=source.id,
        language=source.language,
        timezone=source.timezone,
        section=source.section,
        now=edge.clock(),
    )

    attributes = header_attributes(request.headers)

    def read() -> Document:
        return parse(
            body,
            content_type=request.headers.get("content-type"),
            format_name=format_name,
            defaults=defaults,
            allowed=source.formats,
            event_attributes=attributes,
        )

    # What is small is quicker read here than handed to a thread.
    return await asyncio.to_thread(read) if len(body) > LARGE_BODY_BYTES else read()


async def store(
    edge: Edge, request: Request, source: Source, format_name: str, good: Sequence[Parsed]
) -> None:
    """Returns once Kafka has every item; raises KafkaUnavailable or TooLarge."""
    sent = request.headers.get("traceparent", "")
    traceparent = sent if _TRACEPARENT.fullmatch(sent) else new_traceparent()
    now = edge.clock()
    batches: dict[Topic, list[Record]] = {}
    room_bytes = MAX_GROWTH * edge.settings.max_body_bytes
    for item in good:
        if item.article is not None:
            event: ArticleReceived | AgendaItemReceived
            topic, event = ARTICLE_RECEIVED, _received(item.article, format_name, now)
        else:
            assert item.agenda is not None
            topic, event = AGENDA_ITEM_RECEIVED, item.agenda
        record = encode(event, traceparent=traceparent)
        if len(record.value) > MAX_EVENT_BYTES:
            raise TooLarge(f"item {item.index}: larger than {MAX_EVENT_BYTES} bytes normalised")
        room_bytes -= len(record.value)
        if room_bytes < 0:
            raise TooLarge("too much, normalised, for one push; send it in parts")
        batches.setdefault(topic, []).append(record)
    try:
        for topic, records in batches.items():
            await edge.sender.send(topic.full_name(edge.settings.namespace), records)
    except KafkaUnavailable:
        metrics.articles.labels(source.id, "unavailable").inc(len(good))
        raise
    metrics.articles.labels(source.id, "accepted").inc(len(good))


def _received(article: Article, format_name: str, now: datetime) -> ArticleReceived:
    return ArticleReceived(
        event_id=digest("article-received", article.id, content_digest(article)),
        occurred_at=now,
        article=article,
        format=format_name,
        trail=(Stage(stage="received", service="ingest", at=now, version=article.version),),
    )


def _answer(edge: Edge, document: Document) -> Response:
    if document.is_batch:
        rows = [{"index": item.index, **_row(edge, item)} for item in document.items]
        return batch_answer(rows, all_of(item.problems for item in document.items))
    (item,) = document.items
    if item.is_bad:
        return invalid(item.problems)
    row = _row(edge, item)
    location = {"Location": row["links"]["self"]} if "links" in row else None
    return EchoingResponse(row, status_code=202, headers=location)


def _row(edge: Edge, item: Parsed) -> dict[str, Any]:
    if item.article is not None:
        return _article_row(edge, item.article)
    if item.agenda is not None:
        agenda = item.agenda
        return {
            "id": agenda.item_id,
            "uri": agenda.uri,
            "version": agenda.version,
            "status": "accepted",
            "kind": agenda.kind,
        }
    return rejected_row(item.problems)


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
