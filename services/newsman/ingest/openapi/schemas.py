"""The document's schemas: what is pushed and what is answered, from the models."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from newsman.ingest.formats.native import OWN
from newsman.ingest.openapi.models import ANSWERS
from newsman.ingest.views import PushedView
from newsman_schemas.agenda import AGENDA_KINDS
from newsman_schemas.articles import Article, PubStatus

Schema = dict[str, Any]

_MENDED = frozenset({"uri", "headline", "slug", "section", "language", "canonical_url"})
"""Fields that may be empty, since they are then as if they were absent."""
_UNBOUNDED = frozenset({"slug", "canonical_url"})
_NAME = {"type": "string", "pattern": "[!-~]", "maxLength": 2_000}
_WORDS = {"type": "string", "minLength": 1}
_URGENCY = {
    "anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 9}, {"type": "string", "pattern": "^[1-9]$"}
    ]
}  # fmt: skip
_MOMENT = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339. What newsrooms send otherwise is read too where it names one moment: "
    "RFC 5322, +0000 without a colon, English dates, the source's zone where none is named.",
}


def ref(name: str | type[BaseModel]) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name if isinstance(name, str) else name.__name__}"}


def array(of: Schema) -> Schema:
    """An array of at least one."""
    return {"type": "array", "items": of, "minItems": 1}


def either(*schemas: Schema) -> Schema:
    """Whatever fits one of the schemas."""
    return {"anyOf": list(schemas)}


DIALECT = either(ref("SuperdeskItem"), ref("AgendaItem"))
NINJS = either(*DIALECT["anyOf"], ref("NinjsItem"))


def component_schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    models: list[type[BaseModel]] = [Article, PushedView, *ANSWERS]
    _, together = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Schema] = dict(together["$defs"])
    article, view = found.pop("Article"), found["PushedView"]
    return dict(
        sorted(
            {
                **found,
                "Moment": _MOMENT,
                "PushedArticle": _pushed_article(article),
                "PlainArticle": _plain_article(),
                "SuperdeskItem": _superdesk_item(),
                "AgendaItem": _agenda_item(),
                "NinjsItem": _ninjs_item(),
                "JsonFeed": _json_feed(),
                "ArticleEvent": _article_event(),
                "NinjsEvent": _ninjs_event(),
                "ViewEvent": _view_event(view),
                "CloudEvent": _cloudevent(),
            }.items()
        )
    )


def _pushed_article(article: Schema) -> Schema:
    """The article as Newsman's own JSON brings it: without what Newsman fills itself."""
    properties = {
        name: _as_pushed(name, schema)
        for name, schema in article["properties"].items()
        if name not in OWN
    }
    words = {"type": "string", "pattern": "[A-Za-z0-9]"}
    named = [
        {"required": [name], "properties": {name: words}}
        for name in ("headline", "uri", "body_text", "body_html")
    ]
    return {
        "title": "PushedArticle",
        "description": "An article in Newsman's own field names (IPTC ninjs has most of them). "
        "One of headline, uri, body_text and body_html must say something. Fields that are not "
        "named here are kept in extra; null is as good as absent.",
        "type": "object",
        "properties": properties,
        "anyOf": named,
    }


def _plain_article() -> Schema:
    return {
        "description": "The same where the format is not named: what has a uri and no headline "
        "is read as IPTC ninjs.",
        "allOf": [ref("PushedArticle")],
        "anyOf": [{"required": ["headline"]}, {"properties": {"uri": {"enum": ["", None]}}}],
    }


def _as_pushed(name: str, schema: Schema) -> Schema:
    kept = {key: value for key, value in schema.items() if key not in ("default", "title")}
    if name in _MENDED:
        options = [dict(option) for option in kept.pop("anyOf", [kept])]
        kept = next(option for option in options if option.get("type") == "string")
        kept.pop("minLength", None)
        if name in _UNBOUNDED:
            kept.pop("maxLength", None)
    options = kept.get("anyOf", [kept])
    options = [ref("Moment") if o.get("format") == "date-time" else o for o in options]
    if name == "version":
        options.append({"type": "string", "pattern": "^[0-9]{1,15}$"})
    if name == "urgency":
        return either(_URGENCY, {"type": "null"})
    return either(*options, *([] if {"type": "null"} in options else [{"type": "null"}]))


def _item(name: str, kind: Schema, description: str) -> dict[str, Any]:
    text = {"type": "string", "maxLength": 1_000}
    return {
        "type": "object",
        "description": description,
        "required": [name],
        "properties": {
            name: _NAME,
            "type": kind,
            "version": {"type": "string", "description": "Digits; words are kept in extra."},
            "headline": text,
            "byline": {"type": "string", "maxLength": 2_000},
            "language": {"type": "string", "maxLength": 35},
            "body_html": {"type": "string"},
            "body_text": {"type": "string"},
            "versioncreated": ref("Moment"),
            "pubstatus": {"type": "string", "enum": [status.value for status in PubStatus]},
            "urgency": {"type": "integer", "minimum": 1, "maximum": 9},
        },
    }


def _superdesk_item() -> Schema:
    item = _item(
        "guid",
        {"description": "text, picture, and so on.", "not": {"enum": list(AGENDA_KINDS)}},
        "An item in the dialect of ninjs that Superdesk sends. Whatever else it has survives in "
        "extra; pubstatus canceled is a kill.",
    )
    concepts = {"type": "array", "items": {"type": "object"}}
    item["properties"] |= {
        "version": either(
            {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
            item["properties"]["version"],
        ),
        "urgency": _URGENCY,
        "service": concepts,
        "subject": concepts,
        "associations": {
            "type": "object",
            "description": "Related items by key; a value may be null.",
        },
        "extra": {"type": "object"},
    }
    item["properties"] = {
        name: schema if name in ("guid", "type") else either(schema, {"type": "null"})
        for name, schema in item["properties"].items()
    }
    return item


def _agenda_item() -> Schema:
    item = _item(
        "guid",
        {"enum": list(AGENDA_KINDS)},
        "An event or a planning item: it is passed on as it is and not published.",
    )
    created = either(item["properties"]["versioncreated"], {"type": "null"})
    kept = {name: item["properties"][name] for name in ("guid", "type")}
    return {**item, "required": [*kept], "properties": {**kept, "versioncreated": created}}


def _ninjs_item() -> Schema:
    item = _item(
        "uri",
        {"enum": ["text", "picture", "graphic", "video", "audio", "composite"]},
        "An item of IPTC ninjs 1.0 to 3.1, held to the schema of its version; only the most "
        "common fields of 1.x are listed here.",
    )
    return {**item, "additionalProperties": False}


def _json_feed() -> Schema:
    item = {
        "type": "object",
        "required": ["content_text"],
        "properties": {
            "id": {"description": "The article's uri; derived where it is absent."},
            "content_text": {"type": "string", "pattern": "[A-Za-z0-9]"},
        },
    }
    return {
        "type": "object",
        "description": "JSON Feed 1.1 (jsonfeed.org); only what is asked for is listed here.",
        "required": ["version", "items"],
        "properties": {
            "version": {"type": "string", "pattern": "^https://jsonfeed[.]org/version/1[.][01]$"},
            "items": array(item),
        },
    }


def _envelope(stream: str, schema: str, **properties: Schema) -> Schema:
    meta = {
        "type": "object",
        "required": ["stream"],
        "properties": {"stream": {"const": stream}, **properties},
    }
    return {"$schema": {"type": "string", "pattern": f"^{schema}1[.]"}, "meta": meta}


def _article_event() -> Schema:
    return {
        "type": "object",
        "description": "EventGate's envelope around an article.",
        "required": ["$schema", "meta"],
        "properties": _envelope("newsman.article", "/newsman/article/"),
        "anyOf": [ref("PlainArticle"), ref("SuperdeskItem"), ref("AgendaItem")],
    }


def _ninjs_event() -> Schema:
    item = _ninjs_item()
    return {
        **item,
        "description": "EventGate's envelope around an item of IPTC ninjs.",
        "required": ["$schema", "meta", *item["required"]],
        "properties": {
            **_envelope("newsman.article", "/newsman/article/"), **item["properties"]
        },
    }  # fmt: skip


def _view_event(view: Schema) -> Schema:
    null = {"type": "null"}
    told = {"id": either({**_WORDS, "maxLength": 200}, null), "dt": either(ref("Moment"), null)}
    envelope = _envelope("newsman.view", "/newsman/view/", **told)
    return {
        **view,
        "title": "ViewEvent",
        "description": "EventGate's envelope around a view: id and dt of meta are the view's "
        "id and at where it has none of its own.",
        "required": ["$schema", "meta", *view["required"]],
        "properties": {**envelope, **view["properties"]},
    }


def _cloudevent() -> Schema:
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in the structured mode; data is read by its "
        "datacontenttype. Other attributes end up in extra.cloudevent.",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _WORDS,
            "source": _WORDS,
            "type": _WORDS,
            "datacontenttype": {"const": "application/json"},
            "data": either(ref("PlainArticle"), *NINJS["anyOf"]),
        },
    }


AGENDA_NOTE = f"Items of the types {', '.join(AGENDA_KINDS)} are passed on and not published."
