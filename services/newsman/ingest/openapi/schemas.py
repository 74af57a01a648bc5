"""The document's schemas: what is pushed and what is answered, from the models."""

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from newsman.ingest.formats.json.native import OWN
from newsman.ingest.openapi import dialects
from newsman.ingest.openapi.models import ANSWERS
from newsman.ingest.openapi.shapes import MOMENT, URGENCY, Schema, either, ref
from newsman.ingest.routes.ranking_edits import PushedEdit
from newsman.ingest.views.pushed_views import PushedView
from newsman_schemas.articles import Article

_MENDED = frozenset({"uri", "headline", "slug", "section", "language", "canonical_url"})
"""Fields that may be empty, since they are then as if they were absent."""
_UNBOUNDED = frozenset({"slug", "canonical_url"})


def component_schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    models: list[type[BaseModel]] = [Article, PushedView, PushedEdit, *ANSWERS]
    _, together = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Schema] = dict(together["$defs"])
    article, view = found.pop("Article"), found["PushedView"]
    return dict(
        sorted(
            {
                **found,
                "Moment": MOMENT,
                "PushedArticle": _pushed_article(article),
                "PlainArticle": _plain_article(),
                "SuperdeskItem": dialects.superdesk_item(),
                "AgendaItem": dialects.agenda_item(),
                "NinjsItem": dialects.ninjs_item(),
                "JsonFeed": dialects.json_feed(),
                "ArticleEvent": dialects.article_event(),
                "NinjsEvent": dialects.ninjs_event(),
                "ViewEvent": dialects.view_event(view),
                "Hit": dialects.hit(),
                "NamedHit": dialects.named_hit(),
                "Hits": dialects.hits(),
                "CloudEvent": dialects.cloudevent(),
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
        return either(URGENCY, {"type": "null"})
    return either(*options, *([] if {"type": "null"} in options else [{"type": "null"}]))
