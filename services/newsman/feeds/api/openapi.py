"""The OpenAPI 3.1 document of what feeds answers to programs."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from newsman.feeds.api.articles import MAX_LIMIT
from newsman.feeds.api.popular import ANSWERED_ORDERS
from newsman.feeds.formats import FORMATS
from newsman.feeds.listings.catalogue_listings import STORY
from newsman.feeds.models import (
    ANSWERS,
    ArticlePage,
    ArticleSeries,
    OneArticle,
    Problem,
    Ranking,
    ScopeSeries,
    StreamList,
    Versions,
)
from newsman.feeds.query.cursors import BEFORE_PATTERN, SINCE_PATTERN
from newsman.feeds.query.selection import FILTERS
from newsman.feeds.stream.registry import STREAMS
from newsman.rankings.core import SCOPE_KINDS
from newsman.rankings.series import MOST_OF_ARTICLE, MOST_OF_SCOPE
from newsman.web.problems import MEDIA_TYPE as PROBLEM
from newsman_schemas.articles import ARTICLE_ID_PATTERN
from newsman_schemas.popularity import ORDERS, OVERALL, WINDOWS

Part = dict[str, Any]
LISTED = sorted(FORMATS)
TAGS = {
    "Articles": "Reading and searching articles.",
    "Feeds": "Lists in the formats of feed readers and agencies.",
    "Live": "What happens, as it happens.",
}
STREAMS_PATTERN = rf"^(?:{'|'.join(STREAMS)})(?:,(?:{'|'.join(STREAMS)}))*$"
REASONS = {
    400: "A parameter makes no sense; `errors` names it.",
    404: "There is no such article or stream.",
    410: "It was withdrawn.",
    429: "Too many requests from this address; see Retry-After.",
    503: "The news is away for a moment; see Retry-After.",
}


def document() -> Part:
    """The document of every route for programs."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Newsman feeds",
            "version": version("newsman"),
            "description": "Articles out. Whatever was killed or is under embargo is at no exit.",
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "/", "description": "This service."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _schemas() -> Part:
    models: list[Any] = [(model, "serialization") for model in ANSWERS]
    _, together = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return dict(sorted(together["$defs"].items()))


def _paths() -> Part:
    paging = [*_filters(), _limit(), _before(), _since(), _collapse()]
    words = _text("q", "Words that must all be there; the last may be unfinished.")
    times = [_time("published_after", "None older."), _time("published_before", "Only older.")]
    name = _path("article_id", ARTICLE_ID_PATTERN, "The id of an article.")
    window = _choice("window", list(WINDOWS), "How far back views count.")
    order = _choice("order", list(ANSWERED_ORDERS), "What the order goes by.")
    as_of = _time("as_of", "As of this past minute; its views alone.")
    scopes = [_text(kind, f"Of one {kind} only; one of these at a time.") for kind in SCOPE_KINDS]
    found = {
        "/v1/articles": _get("listArticles", "Articles", "Search articles", ArticlePage,
            [*paging, words, *times, _offset()], 400),
        "/v1/articles/{article_id}": _get("readArticle", "Articles", "One article",
            OneArticle, [name], 404, 410),
        "/v1/articles/{article_id}/versions": _get("readVersions", "Articles",
            "The versions of an article", Versions, [name], 404, 410),
        "/v1/popular": _get("rankArticles", "Articles", "Most popular", Ranking,
            [window, order, *scopes, as_of, _limit()], 400),
        "/v1/series": _get("readScopeSeries", "Articles", "Views of a scope over time",
            ScopeSeries, [*scopes, *_spans(MOST_OF_SCOPE)], 400),
        "/v1/articles/{article_id}/series": _get("readArticleSeries", "Articles",
            "Views of an article over time", ArticleSeries, [name, *_spans(MOST_OF_ARTICLE)],
            400, 404, 410),
    }  # fmt: skip
    return {**found, **_streams(), "/feed": _feed(paging)}


def _get(
    name: str, tag: str, summary: str, answer: type[BaseModel], parameters: list[Part], *also: int
) -> Part:
    content = {"application/json": {"schema": _ref(answer)}}
    return {"get": _operation(name, tag, summary, content, parameters, *also)}


def _operation(
    name: str, tag: str, summary: str, content: Part, parameters: list[Part], *also: int
) -> Part:
    problem = {PROBLEM: {"schema": _ref(Problem)}}
    refusals = {
        str(status): {"description": REASONS[status], "content": problem}
        for status in (*also, 429, 503)
    }
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": "",
        "parameters": parameters,
        "responses": {"200": {"description": summary + ".", "content": content}, **refusals},
    }


def _streams() -> Part:
    names = ", ".join(STREAMS)
    which = _path("streams", STREAMS_PATTERN, f"One or several of {names}, separated by commas.")
    rankings = [
        _choice("window", list(WINDOWS), "Of rankings, only this window."),
        _choice("order", list(ORDERS), "Of rankings, only this order."),
        _text("scope", f"Of rankings, only this scope: {OVERALL}, or one like section:sport."),
    ]
    several = "Several live streams in one"
    return {
        "/v1/streams": _get("listStreams", "Live", "What can be followed live", StreamList, []),
        "/v1/stream": _live("follow", "The live stream of articles", []),
        "/v1/stream/{streams}": _live("followStreams", several, [which, *rankings]),
    }


def _live(name: str, summary: str, parameters: list[Part]) -> Part:
    kinds = ("text/event-stream", "application/x-ndjson")
    content = {kind: {"schema": {"type": "string"}} for kind in kinds}
    what = "The id of the last event that was read; it goes on from there."
    schema = {"type": "string"}
    header = {"name": "Last-Event-ID", "in": "header", "description": what, "schema": schema}
    query = _text("lastEventId", "The same, for those who can't set a header.")
    pings = _text("ping", "Signs of life are events, not comments.")
    since = _time("since", "Where to begin.")
    common = [*_filters(), header, query, since, pings]
    return {"get": _operation(name, "Live", summary, content, [*parameters, *common], 400, 404)}


def _feed(paging: list[Part]) -> Part:
    kinds = [FORMATS[name].media_type for name in LISTED]
    content = {
        kind: {"schema": {"type": "object" if "json" in kind else "string"}} for kind in kinds
    }
    chosen = _choice("format", LISTED, "The format.")
    operation = _operation("readFeed", "Feeds", "Any feed", content, [*paging, chosen])
    operation["responses"]["400"] = {"description": REASONS[400]}
    return {"get": operation}


def _ref(model: type[BaseModel]) -> Part:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _filters() -> list[Part]:
    return [_text(name, f"Only this {name}.") for name in FILTERS]


def _text(name: str, what: str) -> Part:
    return {"name": name, "in": "query", "description": what, "schema": {"type": "string"}}


def _time(name: str, what: str) -> Part:
    moment = {"type": "string", "format": "date-time"}
    milliseconds = {"type": "string", "pattern": "^[0-9]{1,15}$"}
    schema = {"anyOf": [moment, milliseconds]}
    text = f"{what} ISO 8601 with a zone, or Unix ms."
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _before() -> Part:
    found = _text("before", "A cursor, as `next` has it; goes without `since`.")
    return found | {"schema": {"type": "string", "pattern": BEFORE_PATTERN}}


def _since() -> Part:
    found = _text("since", "Only what changed since this cursor; `0` is the beginning.")
    return found | {"schema": {"type": "string", "pattern": SINCE_PATTERN}}


def _collapse() -> Part:
    return _choice("collapse", [STORY], "Of each story one article, with the others of it.")


def _limit() -> Part:
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}
    return {"name": "limit", "in": "query", "description": "How many.", "schema": schema}


def _offset() -> Part:
    what = "How many to leave out; cursors are better."
    schema = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
    return {"name": "offset", "in": "query", "description": what, "schema": schema}


def _spans(most: Mapping[str, int]) -> list[Part]:
    limits = ", ".join(f"{number} {span}s" for span, number in most.items())
    schema = {"type": "integer", "minimum": 1, "maximum": max(most.values())}
    what = f"How many, the current one included: at most {limits}."
    last = {"name": "last", "in": "query", "description": what, "schema": schema}
    return [_choice("span", list(most), "How long each is."), last]


def _choice(name: str, values: list[str], what: str) -> Part:
    schema = {"type": "string", "enum": values}
    return {"name": name, "in": "query", "description": what, "schema": schema}


def _path(name: str, pattern: str, what: str) -> Part:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "path", "required": True, "description": what, "schema": schema}
