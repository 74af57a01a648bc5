"""The document's schemas that come from models: what is pushed and what is answered."""

from typing import Any

from newsman.ingest.formats.json.document import OWN
from newsman.ingest.openapi.models import ANSWERS
from newsman.ingest.routes.names import PushedName
from newsman.ingest.routes.ranking_edits import PushedEdit
from newsman.ingest.views.pushed_views import PushedView
from newsman.web.openapi.document import model_schemas
from newsman_schemas.articles import Article

Schema = dict[str, Any]

_MENDED = frozenset({"uri", "headline", "slug", "section", "language", "canonical_url"})
"""Fields that may be empty, since they are then as if they were absent."""
_UNBOUNDED = frozenset({"slug", "canonical_url"})
_MOMENT: Schema = {"$ref": "#/components/schemas/Moment"}
_NULL: Schema = {"type": "null"}
_DIGITS = {
    "version": {"type": "string", "pattern": "^[0-9]{1,15}$"},
    "urgency": {"type": "string", "pattern": "^[1-9]$"},
}
"""Numbers that may be pushed as text."""


def component_schemas() -> dict[str, Schema]:
    """Every schema that a model gives, by its name."""
    schemas = model_schemas([Article, PushedView, PushedEdit, PushedName, *ANSWERS], "validation")
    schemas["PushedArticle"] = _pushed_article(schemas.pop("Article"))
    del schemas["LogPlace"]  # is in fields of the article that nobody pushes
    schemas["ViewEvent"] = _view_event(schemas["PushedView"])
    return schemas


def _pushed_article(article: Schema) -> Schema:
    """The article as Newsman's own JSON brings it: without what Newsman fills itself."""
    properties = {
        name: _as_pushed(name, schema)
        for name, schema in article["properties"].items()
        if name not in OWN
    }
    words = {"type": "string", "pattern": "[A-Za-z0-9]"}
    shown = [
        {"required": [name], "properties": {name: words}}
        for name in ("headline", "body_text", "body_html")
    ]
    return {
        "title": "PushedArticle",
        "description": "An article in Newsman's own field names (IPTC ninjs has most of them). "
        "One of headline, body_text and body_html must say something; title, slug, summary, or a "
        "uri with a picture will do as well, and a kill needs no more than a uri. Fields that are "
        "not named here are kept in extra; null is as good as absent.",
        "type": "object",
        "properties": properties,
        "anyOf": shown,
    }


def _view_event(view: Schema) -> Schema:
    """A view as EventGate's clients send it: with their envelope around."""
    text = {"type": "string", "minLength": 1, "maxLength": 200}
    meta = {
        "type": "object",
        "required": ["stream"],
        "properties": {
            "stream": {"const": "newsman.view"},
            "id": {"anyOf": [text, _NULL]},
            "dt": {"anyOf": [_MOMENT, _NULL]},
        },
    }
    schema = {"type": "string", "pattern": "^/newsman/view/1[.]"}
    return {
        **view,
        "title": "ViewEvent",
        "description": "EventGate's envelope around a view: id and dt of meta are the view's "
        "id and at where it has none of its own.",
        "required": ["$schema", "meta", *view["required"]],
        "properties": {"$schema": schema, "meta": meta, **view["properties"]},
    }


def _as_pushed(name: str, schema: Schema) -> Schema:
    pushed = {key: value for key, value in schema.items() if key not in ("default", "title")}
    if name in _MENDED:
        options = [dict(option) for option in pushed.pop("anyOf", [pushed])]
        pushed = next(option for option in options if option.get("type") == "string")
        pushed.pop("minLength", None)
        if name in _UNBOUNDED:
            pushed.pop("maxLength", None)
    options = pushed.get("anyOf", [pushed])
    options = [_MOMENT if option.get("format") == "date-time" else option for option in options]
    if name in _DIGITS:
        options = [*options, _DIGITS[name]]
    return {"anyOf": [*options, *([] if _NULL in options else [_NULL])]}
