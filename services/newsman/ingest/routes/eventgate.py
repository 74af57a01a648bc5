"""POST /v1/events: what EventGate's clients send, answered as EventGate answers.

An event names its stream in `meta.stream` and its schema in `$schema`; what else is in it is the
article or the view, in the JSON of /v1/articles or /v1/views.
"""

import logging
from collections.abc import Coroutine, Sequence
from typing import Any

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.eventgate import (
    ARTICLE_STREAM,
    Failure,
    ReadEvents,
    invalid,
    read_events,
)
from newsman.ingest.formats.model import BadDocument, UnknownFormat
from newsman.ingest.log.producer import KafkaUnavailable
from newsman.ingest.reading.fair_queue import Overloaded
from newsman.ingest.reading.pool import ProcessLost
from newsman.ingest.reading.process import TooCostly
from newsman.ingest.rejected.how_read import EVENTS, HowRead, place_of
from newsman.ingest.routes.articles import note_warnings, prepare_push, reading_of, store
from newsman.ingest.routes.authenticate import answered_once, read_push
from newsman.ingest.routes.queries import EventPushQuery
from newsman.ingest.routes.views import send_views
from newsman.ingest.sources.rate_limit import TooOften
from newsman.ingest.sources.sources_file import Source
from newsman.web.problems import EchoingResponse

log = logging.getLogger(__name__)

HASTY = "hasty-events"
MAX_HASTY = 32
REFUSALS = (
    BadDocument,
    UnknownFormat,
    TooCostly,
    TooOften,
    Overloaded,
    ProcessLost,
    KafkaUnavailable,
    RedisError,
)
"""Reasons for which a push is not taken; whoever waits for the answer is told."""


async def push_events(edge: IngestContext, request: Request) -> Response:
    """201 when all are stored, 207 when some are, 400 when none is valid, 500 on errors.

    With `?hasty=true` the answer is 202 at once, and what fails is in the log only.
    """
    pushed = await read_push(edge, request)
    return await answered_once(
        edge, pushed, lambda: _push_events(edge, request, pushed.source, pushed.body)
    )


async def _push_events(
    edge: IngestContext, request: Request, source: Source, body: bytes
) -> Response:
    try:
        events = await reading_of(edge, source, body, read_events, edge.clock())
    except BadDocument as error:
        edge.parking.park(source.id, "unreadable", str(error), body, HowRead(format_name=EVENTS))
        raise
    taking = _take_and_park(edge, request, source, events, body)
    if EventPushQuery.read(request.query_params).hasty:
        if edge.background.count(HASTY) < MAX_HASTY:
            edge.background.start(_take_hastily(taking), name=HASTY)
        else:  # whoever is hasty all the time waits, or memory would grow
            await taking
        return Response(status_code=202)
    return _answer(events, await taking)


async def _take_and_park(
    edge: IngestContext, request: Request, source: Source, events: ReadEvents, body: bytes
) -> list[Failure]:
    failures = await _take(edge, request, source, events)
    _park(edge, source, body, failures)
    return failures


async def _take(
    edge: IngestContext, request: Request, source: Source, events: ReadEvents
) -> list[Failure]:
    failures = [*events.failures, *await _take_articles(edge, request, source, events)]
    try:
        await send_views(edge, request, source, [view for _, view in events.views])
    except KafkaUnavailable as error:
        failures += [_error(index, error) for index, _ in events.views]
    return sorted(failures, key=lambda failure: failure.index)


async def _take_articles(
    edge: IngestContext, request: Request, source: Source, events: ReadEvents
) -> list[Failure]:
    if not events.articles:
        return []
    prepared = await prepare_push(edge, request, source, events.articles_body, "json")
    note_warnings(edge, source, events.articles_body, prepared, HowRead(format_name="json"))
    numbers = events.articles
    failures = [invalid(numbers[item.index], item.problems) for item in prepared.bad]
    try:
        await store(edge, source, prepared)
    except KafkaUnavailable as error:
        failures += [_error(numbers[item.index], error) for item in prepared.good]
    return failures


def _error(index: int, error: Exception) -> Failure:
    return Failure("error", index, {"message": str(error)})


def _answer(events: ReadEvents, failures: Sequence[Failure]) -> Response:
    if not failures:
        return Response(status_code=201)
    rows: dict[str, list[dict[str, Any]]] = {"invalid": [], "error": []}
    for failure in failures:
        rows[failure.status].append(events.row(failure))
    if len(failures) < len(events.ids):
        return EchoingResponse(rows, status_code=207)
    if rows["error"]:
        return EchoingResponse(rows, status_code=500)
    return EchoingResponse({"invalid": rows["invalid"]}, status_code=400)


def _park(edge: IngestContext, source: Source, body: bytes, failures: Sequence[Failure]) -> None:
    wrong = [failure for failure in failures if failure.status == "invalid"]
    if wrong:
        context = wrong[0].context
        detail = f"{len(wrong)} bad: {context['message']}"
        place = next((place_of(each["dataPath"]) for each in context.get("errors", ())), "")
        refused = tuple(failure.index for failure in wrong)
        how = HowRead(format_name=EVENTS, refused=refused, place=place)
        edge.parking.park(source.id, "invalid", detail, body, how)


async def _take_hastily(taking: Coroutine[Any, Any, list[Failure]]) -> None:
    """Logs what was not taken: its sender has its answer already."""
    try:
        failures = await taking
    except REFUSALS as error:
        log.warning("a hasty push was not taken: %s", error)
        return
    if failures:
        log.warning("%d events of a hasty push were not taken", len(failures))


async def sample_events(_: IngestContext, __: Request) -> Response:
    """GET /v1/_test/events: events that would be taken, to try a client with."""
    meta = {"stream": ARTICLE_STREAM, "id": "9f6e2f6c-4d55-4b43-a5ba-0b8a34b5f4d9"}
    article = {"uri": "urn:newsman:test", "headline": "A test", "pubstatus": "withheld"}
    return EchoingResponse([{"$schema": "/newsman/article/1.0.0", "meta": meta, **article}])
