"""POST /v1/events: what EventGate's clients send, answered as EventGate answers.

An event names its stream in `meta.stream` and its schema in `$schema`; what else is in it is the
article or the view, in the JSON of /v1/articles or /v1/views.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest.answers import sentence
from newsman.ingest.articles_web import prepare_push, store
from newsman.ingest.edge import Edge
from newsman.ingest.formats.json_values import read_json
from newsman.ingest.formats.model import BadDocument, Problem
from newsman.ingest.producer import KafkaUnavailable
from newsman.ingest.senders import answered_once, read_push
from newsman.ingest.sources import Source
from newsman.ingest.views import read_view
from newsman.ingest.views_web import send_views
from newsman.problems import EchoingResponse

log = logging.getLogger(__name__)

ARTICLE_STREAM, VIEW_STREAM = "newsman.article", "newsman.view"
SCHEMAS = {ARTICLE_STREAM: "/newsman/article/1.", VIEW_STREAM: "/newsman/view/1."}
ENVELOPE = frozenset({"$schema", "meta"})
MAX_EVENTS = 10_000
MAX_HASTY = 32


@dataclass(frozen=True)
class _Failure:
    """An event that was not taken: `invalid` for ever, or an `error` that may pass."""

    status: str
    index: int
    event: Any
    context: dict[str, Any]

    def row(self) -> dict[str, Any]:
        meta = self.event.get("meta") if isinstance(self.event, dict) else None
        event_id = meta.get("id") if isinstance(meta, dict) else None
        return {
            "status": self.status,
            "index": self.index,
            "id": event_id,
            "event": self.event,
            "context": self.context,
        }


async def push_events(edge: Edge, request: Request) -> Response:
    """201 when all are stored, 207 when some are, 400 when none is valid, 500 on errors.

    With `?hasty=true` the answer is 202 at once, and what fails is in the log only.
    """
    pushed = await read_push(edge, request)
    return await answered_once(
        edge, pushed, lambda: _push_events(edge, request, pushed.source, pushed.body)
    )


async def _push_events(edge: Edge, request: Request, source: Source, body: bytes) -> Response:
    if not body.strip():
        raise BadDocument("no events in the body")
    value = read_json(body)
    events = value if isinstance(value, list) else [value]
    if not events:
        raise BadDocument("no events in the body")
    if len(events) > MAX_EVENTS:
        raise BadDocument(f"more than {MAX_EVENTS} events in one push")
    taking = _take(edge, request, source, events)
    if request.query_params.get("hasty") in ("true", "1", ""):
        if len(_background) < MAX_HASTY:
            _in_background(taking)
        else:  # whoever is hasty all the time waits, or memory would grow
            await taking
        return Response(status_code=202)
    failures = await taking
    _park(edge, source, body, failures)
    return _answer(failures, len(events))


async def _take(
    edge: Edge, request: Request, source: Source, events: Sequence[Any]
) -> list[_Failure]:
    failures: list[_Failure] = []
    articles: list[tuple[int, Any]] = []
    views = []
    for index, event in enumerate(events):
        problems = _envelope_problems(event)
        if not problems and event["meta"]["stream"] == VIEW_STREAM:
            read = read_view(_view(event), now=edge.clock())
            problems = read.problems
            views.append((index, read.view))
        elif not problems:
            articles.append((index, _told(event)))
        if problems:
            failures.append(_invalid(index, event, problems))
    failures += await _take_articles(edge, request, source, events, articles)
    good = [(index, view) for index, view in views if view is not None]
    try:
        await send_views(edge, request, source, [view for _, view in good])
    except KafkaUnavailable as error:
        failures += [_error(index, events[index], error) for index, _ in good]
    return sorted(failures, key=lambda failure: failure.index)


async def _take_articles(
    edge: Edge,
    request: Request,
    source: Source,
    events: Sequence[Any],
    articles: Sequence[tuple[int, Any]],
) -> list[_Failure]:
    if not articles:
        return []
    body = json.dumps([article for _, article in articles]).encode()
    prepared = await prepare_push(edge, request, source, body, "json")
    numbers = [index for index, _ in articles]
    failures = [
        _invalid(numbers[item.index], events[numbers[item.index]], item.problems)
        for item in prepared.bad
    ]
    try:
        await store(edge, source, prepared)
    except KafkaUnavailable as error:
        lost = [numbers[item.index] for item in prepared.good]
        failures += [_error(index, events[index], error) for index in lost]
    return failures


def _envelope_problems(event: Any) -> tuple[Problem, ...]:
    if not isinstance(event, dict):
        return (Problem("", "an event is a JSON object"),)
    meta = event.get("meta")
    stream = meta.get("stream") if isinstance(meta, dict) else None
    if not isinstance(stream, str) or stream not in SCHEMAS:
        return (Problem("/meta/stream", f"one of {', '.join(SCHEMAS)}"),)
    schema = event.get("$schema")
    if not isinstance(schema, str) or not schema.startswith(SCHEMAS[stream]):
        return (Problem("/$schema", f"{SCHEMAS[stream]}0.0 or a later one of its line"),)
    return ()


def _told(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ENVELOPE}


def _view(event: dict[str, Any]) -> dict[str, Any]:
    """The view, with the event's own id and time where it has no others."""
    meta, told = event["meta"], _told(event)
    named = {"at": meta.get("dt"), "id": meta.get("id")}
    return {**told, **{name: value for name, value in named.items() if told.get(name) is None}}


def _invalid(index: int, event: Any, problems: Sequence[Problem]) -> _Failure:
    errors = [{"dataPath": found.pointer, "message": found.detail} for found in problems]
    text = sentence(problems)
    context = {
        "name": "ValidationError",
        "message": text,
        "errors": errors,
        "errorsText": text,
    }
    return _Failure("invalid", index, event, context)


def _error(index: int, event: Any, error: Exception) -> _Failure:
    return _Failure("error", index, event, {"message": str(error)})


def _answer(failures: Sequence[_Failure], count: int) -> Response:
    if not failures:
        return Response(status_code=201)
    rows: dict[str, list[dict[str, Any]]] = {"invalid": [], "error": []}
    for failure in failures:
        rows[failure.status].append(failure.row())
    if len(failures) < count:
        return EchoingResponse(rows, status_code=207)
    if rows["error"]:
        return EchoingResponse(rows, status_code=500)
    return EchoingResponse({"invalid": rows["invalid"]}, status_code=400)


def _park(edge: Edge, source: Source, body: bytes, failures: Sequence[_Failure]) -> None:
    invalid = [failure for failure in failures if failure.status == "invalid"]
    if invalid:
        detail = f"{len(invalid)} bad: {invalid[0].context['message']}"
        edge.parking.park(source.id, "invalid", detail, body)


_background: set["asyncio.Task[None]"] = set()


def _in_background(taking: Any) -> None:
    async def run() -> None:
        try:
            failures = await taking
        except Exception:  # the sender is gone; the log is all that is left
            log.exception("a hasty push failed")
            return
        if failures:
            log.warning("%d events of a hasty push were not taken", len(failures))

    task = asyncio.create_task(run())
    _background.add(task)
    task.add_done_callback(_background.discard)


async def sample_events(_: Edge, __: Request) -> Response:
    """GET /v1/_test/events: events that would be taken, to try a client with."""
    meta = {"stream": ARTICLE_STREAM, "id": "9f6e2f6c-4d55-4b43-a5ba-0b8a34b5f4d9"}
    article = {"uri": "urn:newsman:test", "headline": "A test", "pubstatus": "withheld"}
    return EchoingResponse([{"$schema": "/newsman/article/1.0.0", "meta": meta, **article}])
