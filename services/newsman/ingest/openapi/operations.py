"""What every route of ingest takes and answers; a new route is an entry in PATHS."""

from typing import Any

from newsman.ingest.formats.renditions import TYPES
from newsman.ingest.openapi import examples
from newsman.ingest.openapi.models import (
    AcceptedAgendaItem,
    AcceptedArticle,
    BatchAnswer,
    Done,
    Empty,
    EventFailures,
    PushRefusal,
)
from newsman.ingest.openapi.parts import (
    ANYBODY_OR_SIGNED,
    IDEMPOTENCY_KEY,
    JSON,
    SIGNED,
    TRACEPARENT,
    Part,
    answer,
    answer_json,
    content,
    hasty,
    operation,
    or_json,
    path_parameter,
    refusals,
)
from newsman.ingest.openapi.shapes import AGENDA_NOTE, DIALECT, NINJS, Schema, array, either, ref
from newsman.ingest.openapi.view_operations import view_paths
from newsman.ingest.parse import CLOUDEVENT, CLOUDEVENTS_BATCH, FORMATS, MULTIPART
from newsman.ingest.routes.media import MAX_MEDIA_ID
from newsman.ninjs.validation import VERSIONS

_TEXT: Schema = {"type": "string"}
_ITEM = either(ref("PlainArticle"), *NINJS["anyOf"])
_SCHEMAS: dict[str, Schema] = {
    "json": either(_ITEM, ref("JsonFeed"), array(_ITEM)),
    "native": either(ref("PushedArticle"), array(ref("PushedArticle"))),
    "ninjs": either(NINJS, array(NINJS)),
    "jsonfeed": ref("JsonFeed"),
}
"""By format; what is no JSON is text to OpenAPI."""
_ENVELOPES: dict[str, Schema] = {
    MULTIPART: _TEXT,
    CLOUDEVENT: ref("CloudEvent"),
    CLOUDEVENTS_BATCH: array(ref("CloudEvent")),
}
_SUPERDESK = {"an item": examples.SUPERDESK}


def _article_bodies() -> dict[str, Part]:
    by_format = {
        media_type: content(_SCHEMAS.get(found.name, _TEXT), examples.BY_FORMAT.get(found.name))
        for found in FORMATS.values()
        for media_type in found.media_types
    }
    envelopes = {
        media_type: content(schema, examples.BY_ENVELOPE[media_type])
        for media_type, schema in _ENVELOPES.items()
    }
    sniffed = {kind: content(_TEXT, found) for kind, found in examples.SNIFFED.items()}
    return {**by_format, **envelopes, **sniffed}


def _format_parameter() -> Part:
    names = [*FORMATS, *(f"ninjs-{version}" for version in VERSIONS)]
    return {
        "name": "format",
        "in": "query",
        "description": "Overrides the Content-Type; ninjs-2.1 and its like hold an item to the "
        "schema of one version.",
        "schema": {"type": "string", "enum": names},
    }


def _articles() -> Part:
    taken = either(ref(AcceptedArticle), ref(AcceptedAgendaItem), ref(BatchAnswer))
    headers = ("Location", "Idempotency-Replayed")
    return operation(
        "pushArticles",
        "Articles",
        "Push one article or a batch, in any format",
        {
            "202": answer_json("All of it is stored.", taken, headers=headers),
            "207": answer_json("Some items are stored, others are not.", ref(BatchAnswer)),
            **refusals(400, 401, 409, 413, 415, 422, 429, 500, 503),
        },
        description="The Content-Type names the format; application/octet-stream, XML and none at "
        "all are told by the body's beginning. Bodies may be packed (Content-Encoding: gzip). "
        "CloudEvents come in the structured and batch modes by their media types, and in the "
        "binary mode with ce- headers. The parts of multipart/mixed are read by their own types. "
        f"{AGENDA_NOTE}",
        security=SIGNED,
        body=_article_bodies(),
        parameters=(_format_parameter(), IDEMPOTENCY_KEY, TRACEPARENT),
    )


def _events() -> Part:
    event = either(ref("ArticleEvent"), ref("NinjsEvent"), ref("ViewEvent"))
    bad = refusals(400, 401, 409, 413, 415, 422, 429, 500, 503)
    bad["400"] = or_json(bad["400"], ref(EventFailures), "No event is valid.")
    bad["500"] = or_json(
        bad["500"], ref(EventFailures), "Nothing was stored, and some of it may be sent again."
    )
    samples = {"an article": examples.ARTICLE_EVENT, "a batch": [examples.VIEW_EVENT]}
    return operation(
        "pushEvents",
        "EventGate",
        "Push what EventGate's clients send",
        {
            "201": answer("All events are stored."),
            "202": answer("A hasty push; nothing has been checked."),
            "207": answer_json("Some events are stored, these are not.", ref(EventFailures)),
            **bad,
        },
        security=SIGNED,
        body={JSON: content(either(event, array(event)), samples)},
        parameters=(hasty("Answer at once; what then fails is in the log only."), TRACEPARENT),
    )


def _sample_events() -> Part:
    taken = answer_json("Events that would be taken.", array(ref("ArticleEvent")))
    return operation("sampleEvents", "EventGate", "Events to try a client with", {"200": taken})


def _push() -> Part:
    bad = refusals(400, 403, 409, 413, 415, 422, 500, 503)
    bad["400"] = or_json(bad["400"], ref(PushRefusal), "The item can't be taken; never send again.")
    typed = {"type": {"type": "string", "enum": list(TYPES)}}
    item = {**DIALECT, "required": ["type"], "properties": typed}
    return operation(
        "pushItem",
        "Superdesk",
        "Superdesk's HTTP push, as Newsroom answers it",
        {"200": answer_json("The item is stored.", ref(Empty)), **bad},
        description=f"What may pass by itself is answered with 503, as Superdesk gives up on "
        f"any 4xx. {AGENDA_NOTE}",
        security=SIGNED,
        body={JSON: content(item, _SUPERDESK)},
        parameters=(TRACEPARENT,),
    )


def _push_content(version: str) -> Part:
    bad = refusals(400, 401, 409, 413, 415, 422, 500, 503)
    bad["400"] = or_json(bad["400"], ref(PushRefusal), "The item can't be taken; never send again.")
    return operation(
        f"pushContent{version.upper()}",
        "Superdesk",
        "Superdesk's HTTP push, as Web Publisher answers it",
        {"201": answer_json("The item is stored.", ref(Done)), **bad},
        security=SIGNED,
        body={JSON: content(DIALECT, _SUPERDESK)},
        parameters=(TRACEPARENT,),
    )


def _push_binary(operation_id: str) -> Part:
    form = {
        "type": "object",
        "required": ["media_id", "media"],
        "properties": {
            "media_id": {"type": "string", "minLength": 1, "maxLength": MAX_MEDIA_ID},
            "media": {"type": "string", "format": "binary"},
        },
    }
    return operation(
        operation_id,
        "Superdesk",
        "Push a binary rendition, before the item that shows it",
        {
            "201": answer_json("The file is stored.", ref(Done)),
            **refusals(400, 403, 409, 413, 415, 422, 500, 503),
        },
        description="Renditions of a later item whose media is this media_id lead to this file, "
        "which feeds serves.",
        security=SIGNED,
        body={"multipart/form-data": content(form)},
    )


def _has_binary(operation_id: str) -> Part:
    return operation(
        operation_id,
        "Superdesk",
        "Says whether a source has sent a binary rendition",
        {"200": answer_json("It has.", ref(Empty)), **refusals(403, 404, 503)},
        description="A source is told of its own renditions. Without a key or signature the answer "
        "is about the sources whose entries say `unsigned_binary_checks = true`, and 404 where "
        "there are none.",
        security=ANYBODY_OR_SIGNED,
        parameters=(path_parameter("media_id", "Its name."),),
    )


def paths() -> dict[str, dict[str, Any]]:
    """Path -> method -> operation."""
    return {
        "/v1/articles": {"post": _articles()},
        **view_paths(),
        "/v1/events": {"post": _events()},
        "/v1/_test/events": {"get": _sample_events()},
        "/push": {"post": _push()},
        "/push_binary": {"post": _push_binary("pushBinary")},
        "/push_binary/{media_id}": {"get": _has_binary("hasBinary")},
        "/assets": {"post": _push_binary("pushAsset")},
        "/assets/{media_id}": {"get": _has_binary("hasAsset")},
        "/api/v1/content/push": {"post": _push_content("v1")},
        "/api/v2/content/push": {"post": _push_content("v2")},
    }
