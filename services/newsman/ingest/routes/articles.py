"""POST /v1/articles: articles in every format, 202 once Kafka has them."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest import idempotency, metrics
from newsman.ingest.context import IngestContext
from newsman.ingest.formats.envelopes import header_attributes
from newsman.ingest.formats.model import ARTICLE, BadDocument, UnknownFormat
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.pushes import Prepared, Push, PushedItem, is_plain_json, prepare
from newsman.ingest.reading.pool import LARGE_BODY_BYTES
from newsman.ingest.reading.process import TooCostly
from newsman.ingest.rejected.how_read import HowRead, how_asked, how_refused
from newsman.ingest.routes.answers import (
    all_of,
    batch_answer,
    invalid,
    rejected_row,
    sentence,
    told,
)
from newsman.ingest.routes.authenticate import Pushed, answered_once, read_push
from newsman.ingest.routes.bodies import UnpacksTooLarge
from newsman.ingest.routes.queries import PushQuery
from newsman.ingest.sources.defaults import defaults_of
from newsman.ingest.sources.sources_file import Source
from newsman.kafka.records import new_traceparent
from newsman.web.problems import EchoingResponse

Result = TypeVar("Result")

JSON_SECONDS_PER_BYTE = 0.4e-6
"""A batch costs what its size says: what it has beside the time that any push has."""
MAX_GROWTH = 8
"""How many times a body's limit the events of one push may take."""
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


async def push_articles(edge: IngestContext, request: Request) -> Response:
    """One document in any format, or a batch of them."""
    pushed = await read_push(edge, request)

    async def take_and_answer() -> Response:
        has_query = bool(request.scope["query_string"])
        wanted = PushQuery.read(request.query_params).format if has_query else None
        prepared = await take(edge, request, pushed.source, pushed.body, format_name=wanted)
        return _answer(edge, prepared)

    return await answered_once(
        edge, pushed, lambda: _under_its_key(edge, request, pushed, take_and_answer)
    )


async def _under_its_key(
    edge: IngestContext, request: Request, pushed: Pushed, push: idempotency.Push
) -> Response:
    """The answer; a push under an Idempotency-Key that was used gets the first one."""
    key = request.headers.get(idempotency.HEADER)
    if key is None:
        return await push()
    kind = request.headers.get("content-type", "").encode()
    said = (request.url.query.encode(), kind, pushed.body)
    return await edge.answers.once(pushed.source.id, key, said, push)


async def take(
    edge: IngestContext, request: Request, source: Source, body: bytes, *, format_name: str | None
) -> Prepared:
    """Reads a body and stores what is good in it; what is not is parked for the operator."""
    try:
        prepared = await prepare_push(edge, request, source, body, format_name)
    except (UnknownFormat, BadDocument, UnpacksTooLarge, TooCostly) as error:
        _refuse_whole(edge, source, body, error, how_asked(request, format_name))
        raise
    if prepared.good:
        await store(edge, source, prepared)
    if prepared.has_problems:
        how = how_asked(request, format_name)
        note_warnings(edge, source, body, prepared, how)
        _refuse_bad(edge, source, body, prepared, how)
    return prepared


async def prepare_push(
    edge: IngestContext, request: Request, source: Source, body: bytes, format_name: str | None
) -> Prepared:
    """The records of a push, ready to be stored; raises UnknownFormat or BadDocument."""
    sent = request.headers.get("traceparent", "")
    push = Push(
        body=body,
        content_type=request.headers.get("content-type"),
        format_name=format_name,
        defaults=defaults_of(source, edge.clock(), request.headers.get("content-location")),
        traceparent=sent if _TRACEPARENT.fullmatch(sent) else new_traceparent(),
        allowed=source.formats,
        event_attributes=header_attributes(request.headers),
        room_bytes=MAX_GROWTH * edge.settings.max_body_bytes,
    )
    is_json = is_plain_json(body, push.content_type, format_name)
    if is_json and len(body) <= LARGE_BODY_BYTES:
        return prepare(push)  # quicker than to hand it over
    edge.rates.check_costly(source)
    more_seconds = JSON_SECONDS_PER_BYTE * len(body) if is_json else 0.0
    return await edge.reading.do(source.id, more_seconds, prepare, push)


async def store(edge: IngestContext, source: Source, prepared: Prepared) -> None:
    """Returns once Kafka has every good item; raises KafkaUnavailable."""
    count = len(prepared.good)
    try:
        for topic, records in prepared.records.items():
            await edge.sender.send(topic.full_name(edge.settings.namespace), records)
    except KafkaUnavailable:
        metrics.articles.labels(source.id, "unavailable").inc(count)
        raise
    metrics.articles.labels(source.id, "accepted").inc(count)


def _refuse_whole(
    edge: IngestContext, source: Source, body: bytes, error: Exception, how: HowRead
) -> None:
    metrics.articles.labels(source.id, "rejected").inc()
    if isinstance(error, TooCostly):
        refuse_costly(edge, source, body, error, how)
        return
    reason = "too-large" if isinstance(error, UnpacksTooLarge) else "unreadable"
    edge.parking.park(source.id, reason, str(error), body, how)


def _refuse_bad(
    edge: IngestContext, source: Source, body: bytes, prepared: Prepared, how: HowRead
) -> None:
    bad = prepared.bad
    if bad:
        metrics.articles.labels(source.id, "rejected").inc(len(bad))
        refused = how_refused(how, [(item.index, item.problems) for item in bad])
        detail = f"{len(bad)} bad: {sentence(bad[0].problems)}"
        edge.parking.park(source.id, "invalid", detail, body, refused)


def note_warnings(
    edge: IngestContext, source: Source, body: bytes, prepared: Prepared, how: HowRead
) -> None:
    """Counts what items were taken without, for the operator."""
    warned = [(item.index, item.warnings) for item in prepared.good if item.warnings]
    if warned:
        detail = f"{len(warned)} taken without: {sentence(warned[0][1])}"
        edge.parking.warn(source.id, detail, body, how_refused(how, warned))


async def reading_of(
    edge: IngestContext, source: Source, body: bytes, work: Callable[..., Result], *more: Any
) -> Result:
    """The work's result on a body of JSON, which is read beside the loop if it is large."""
    if len(body) <= LARGE_BODY_BYTES:
        return work(body, *more)
    edge.rates.check_costly(source)
    try:
        more_seconds = JSON_SECONDS_PER_BYTE * len(body)
        return await edge.reading.do(source.id, more_seconds, work, body, *more)
    except TooCostly as error:
        refuse_costly(edge, source, body, error, HowRead(format_name="json"))
        raise


def refuse_costly(
    edge: IngestContext, source: Source, body: bytes, error: TooCostly, how: HowRead
) -> None:
    """Parks what took too much to read, and counts it against its sender."""
    edge.rates.count_costly(source)
    edge.parking.park(source.id, f"costly-{error.reason}", str(error), body, how)


def _answer(edge: IngestContext, prepared: Prepared) -> Response:
    if prepared.is_batch:
        rows = [{"index": item.index, **_row(edge, item)} for item in prepared.items]
        return batch_answer(rows, all_of(item.problems for item in prepared.items))
    (item,) = prepared.items
    if item.is_too_large:
        raise UnpacksTooLarge(sentence(item.problems))
    if item.is_bad:
        return invalid(item.problems)
    row = _row(edge, item)
    location = {"Location": row["links"]["self"]} if "links" in row else None
    return EchoingResponse(row, status_code=202, headers=location)


def _row(edge: IngestContext, item: PushedItem) -> dict[str, Any]:
    if item.is_bad:
        return rejected_row(item.problems)
    row: dict[str, Any] = {"id": item.id, "uri": item.uri, "version": item.version}
    row["status"] = "accepted"
    if item.warnings:
        row["warnings"] = told(item.warnings)
    if item.kind != ARTICLE:
        return {**row, "kind": item.kind}
    base = edge.settings.public_url.rstrip("/")
    links = {"self": f"{base}/v1/articles/{item.id}", "page": f"{base}/articles/{item.id}"}
    return {**row, "links": links}
