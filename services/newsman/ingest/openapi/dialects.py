"""The schemas of what is pushed in the words of others."""

from typing import Any

from newsman.ingest.openapi.shapes import (
    NAME,
    NINJS,
    URGENCY,
    WORDS,
    Schema,
    array,
    either,
    ref,
)
from newsman.ingest.views.goatcounter_hits import MAX_HITS, MAX_PATH, MAX_SESSION
from newsman_schemas.agenda import AGENDA_KINDS
from newsman_schemas.articles import PubStatus


def _item(name: str, kind: Schema, description: str) -> dict[str, Any]:
    text = {"type": "string", "maxLength": 1_000}
    return {
        "type": "object",
        "description": description,
        "required": [name],
        "properties": {
            name: NAME,
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


def superdesk_item() -> Schema:
    """What Superdesk pushes."""
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
        "urgency": URGENCY,
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


def agenda_item() -> Schema:
    """What Superdesk pushes of its agenda."""
    item = _item(
        "guid",
        {"enum": list(AGENDA_KINDS)},
        "An event or a planning item: it is passed on as it is and not published.",
    )
    created = either(item["properties"]["versioncreated"], {"type": "null"})
    kept = {name: item["properties"][name] for name in ("guid", "type")}
    return {**item, "required": [*kept], "properties": {**kept, "versioncreated": created}}


def ninjs_item() -> Schema:
    """What the IPTC's schemas of ninjs 1.x have."""
    item = _item(
        "uri",
        {"enum": ["text", "picture", "graphic", "video", "audio", "composite"]},
        "An item of IPTC ninjs 1.0 to 3.1, held to the schema of its version; only the most "
        "common fields of 1.x are listed here.",
    )
    item["properties"]["versioncreated"] = {
        "type": "string",
        "description": "A moment. Words pass, as in the IPTC's suite: they survive in extra, and "
        "the moment of receipt stands in for them.",
    }
    return {**item, "additionalProperties": False}


def json_feed() -> Schema:
    """A feed of articles."""
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


def article_event() -> Schema:
    """An article as EventGate's clients send it."""
    return {
        "type": "object",
        "description": "EventGate's envelope around an article.",
        "required": ["$schema", "meta"],
        "properties": _envelope("newsman.article", "/newsman/article/"),
        "anyOf": [ref("PlainArticle"), ref("SuperdeskItem"), ref("AgendaItem")],
    }


def ninjs_event() -> Schema:
    """An item of ninjs as they send it."""
    item = ninjs_item()
    return {
        **item,
        "description": "EventGate's envelope around an item of IPTC ninjs.",
        "required": ["$schema", "meta", *item["required"]],
        "properties": {
            **_envelope("newsman.article", "/newsman/article/"), **item["properties"]
        },
    }  # fmt: skip


def view_event(view: Schema) -> Schema:
    """A view as they send it; `view` is the schema of a view alone."""
    null = {"type": "null"}
    told = {"id": either({**WORDS, "maxLength": 200}, null), "dt": either(ref("Moment"), null)}
    envelope = _envelope("newsman.view", "/newsman/view/", **told)
    return {
        **view,
        "title": "ViewEvent",
        "description": "EventGate's envelope around a view: id and dt of meta are the view's "
        "id and at where it has none of its own.",
        "required": ["$schema", "meta", *view["required"]],
        "properties": {**envelope, **view["properties"]},
    }


def cloudevent() -> Schema:
    """An article in a CloudEvent."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in the structured mode; data is read by its "
        "datacontenttype. Other attributes end up in extra.cloudevent.",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": WORDS,
            "source": WORDS,
            "type": WORDS,
            "datacontenttype": {"const": "application/json"},
            "data": either(ref("PlainArticle"), *NINJS["anyOf"]),
        },
    }


def hit() -> Schema:
    """A page view as GoatCounter's clients send it."""
    return {
        "type": "object",
        "description": "Fields that are not named here are not looked at.",
        "required": ["path"],
        "properties": {
            "path": {**WORDS, "maxLength": MAX_PATH},
            "event": {"type": "boolean", "description": "A click: it is no view."},
            "bot": {"type": "number", "minimum": 0, "description": "Above 0: it does not count."},
            "session": {"type": "string", "maxLength": MAX_SESSION},
            "user_agent": {"type": "string"},
            "ip": {"type": "string"},
            "created_at": either(ref("Moment"), {"type": "null"}),
        },
    }


def named_hit() -> Schema:
    """A hit that says whose it is."""
    session = {"required": ["session"], "properties": {"session": WORDS}}
    address = {
        "required": ["ip", "user_agent"],
        "properties": {"ip": WORDS, "user_agent": WORDS},
    }
    return {"allOf": [ref("Hit")], "anyOf": [session, address]}


def hits() -> Schema:
    """A push of hits: without a reader only where no_sessions makes each a reader of its own."""

    def push(of: str, *required: str, **no_sessions: Any) -> Schema:
        listed = {**array(ref(of)), "maxItems": MAX_HITS}
        return {
            "type": "object",
            "required": ["hits", *required],
            "properties": {"hits": listed, "no_sessions": {"type": "boolean", **no_sessions}},
        }

    return either(push("NamedHit"), push("Hit", "no_sessions", const=True))
