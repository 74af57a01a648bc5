"""Events as EventGate's clients send them; pure, so that any process can read them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.model import BadDocument, FieldProblem
from newsman.ingest.routes.answers import sentence
from newsman.ingest.views.pushed_views import MOST_NAME, PushedView, read_view

ARTICLE_STREAM, VIEW_STREAM = "newsman.article", "newsman.view"
SCHEMAS = {ARTICLE_STREAM: "/newsman/article/1.", VIEW_STREAM: "/newsman/view/1."}
ENVELOPE = frozenset({"$schema", "meta"})
MAX_EVENTS = 10_000
MAX_ECHOED = 100
"""Most events that an answer repeats in full; of the rest it gives index and id."""
MAX_ID_CHARACTERS = 500
MAX_SHORT_CHARACTERS = 100


@dataclass(frozen=True)
class Failure:
    """An event that was not taken: `invalid` for good, or with an `error` that may pass."""

    status: str
    index: int
    context: dict[str, Any]


@dataclass(frozen=True)
class ReadEvents:
    """The events of a push: views, articles as a JSON array, and failures."""

    ids: tuple[str | None, ...]
    echoed: tuple[Any, ...]
    views: tuple[tuple[int, PushedView], ...]
    articles: tuple[int, ...]
    articles_body: bytes
    failures: tuple[Failure, ...]

    def row(self, failure: Failure) -> dict[str, Any]:
        """A failure as the answer shows it."""
        row = {
            "status": failure.status,
            "index": failure.index,
            "id": self.ids[failure.index],
            "event": None,
            "context": failure.context,
        }
        if failure.index < len(self.echoed):
            row["event"] = self.echoed[failure.index]
        return row


def read_events(body: bytes, now: datetime) -> ReadEvents:
    """One event or an array of them; raises BadDocument."""
    events = _events(body)
    failures: list[Failure] = []
    articles: list[tuple[int, Any]] = []
    views: list[tuple[int, PushedView]] = []
    for index, event in enumerate(events):
        problems = _envelope_problems(event)
        if not problems and event["meta"]["stream"] == VIEW_STREAM:
            read = read_view(_view(event), now=now)
            problems = read.problems
            if read.view is not None:
                views.append((index, read.view))
        elif not problems:
            articles.append((index, _without_envelope(event)))
        if problems:
            failures.append(invalid(index, problems))
    return ReadEvents(
        ids=tuple(_id(event) for event in events),
        echoed=tuple(events[:MAX_ECHOED]),
        views=tuple(views),
        articles=tuple(index for index, _ in articles),
        articles_body=json.dumps([article for _, article in articles]).encode(),
        failures=tuple(failures),
    )


def _events(body: bytes) -> list[Any]:
    """The events of a body, at least one and at most as many as may be pushed at once."""
    value = read_json(body) if body.strip() else []
    events = value if isinstance(value, list) else [value]
    if not events:
        raise BadDocument("no events in the body")
    if len(events) > MAX_EVENTS:
        raise BadDocument(f"more than {MAX_EVENTS} events in one push")
    return events


def invalid(index: int, problems: Sequence[FieldProblem]) -> Failure:
    """An event that can never be taken."""
    errors = [{"dataPath": problem.pointer, "message": problem.detail} for problem in problems]
    text = sentence(problems)
    if index >= MAX_ECHOED:
        return Failure("invalid", index, {"message": text[:MAX_SHORT_CHARACTERS]})
    context = {"name": "ValidationError", "message": text, "errors": errors, "errorsText": text}
    return Failure("invalid", index, context)


def _id(event: Any) -> str | None:
    meta = event.get("meta") if isinstance(event, dict) else None
    event_id = meta.get("id") if isinstance(meta, dict) else None
    return event_id[:MAX_ID_CHARACTERS] if isinstance(event_id, str) else None


def _envelope_problems(event: Any) -> tuple[FieldProblem, ...]:
    if not isinstance(event, dict):
        return (FieldProblem("", "an event is a JSON object"),)
    meta = event.get("meta")
    stream = meta.get("stream") if isinstance(meta, dict) else None
    if not isinstance(stream, str) or stream not in SCHEMAS:
        return (FieldProblem("/meta/stream", f"one of {', '.join(SCHEMAS)}"),)
    schema = event.get("$schema")
    if not isinstance(schema, str) or not schema.startswith(SCHEMAS[stream]):
        return (FieldProblem("/$schema", f"{SCHEMAS[stream]}0.0 or a later one of its line"),)
    return _problems_of_unused(event) if stream == VIEW_STREAM else ()


def _problems_of_unused(event: dict[str, Any]) -> tuple[FieldProblem, ...]:
    """Problems of the envelope's id and time where the view has its own; else they are read with
    the view."""
    problems = []
    ident, moment = event["meta"].get("id"), event["meta"].get("dt")
    is_name = ident is None or (isinstance(ident, str) and 1 <= len(ident) <= MOST_NAME)
    if event.get("id") is not None and not is_name:
        problems.append(FieldProblem("/meta/id", f"a string of 1 to {MOST_NAME} characters"))
    if event.get("at") is not None and not isinstance(moment, str | None):
        problems.append(FieldProblem("/meta/dt", "a time is a string"))
    return tuple(problems)


def _without_envelope(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ENVELOPE}


def _view(event: dict[str, Any]) -> dict[str, Any]:
    """The view, with the event's own id and time where it has no others."""
    meta, fields = event["meta"], _without_envelope(event)
    named = {"at": meta.get("dt"), "id": meta.get("id")}
    absent = {name: value for name, value in named.items() if fields.get(name) is None}
    return {**fields, **absent}
