"""The OpenAPI 3.1 document of what feeds answers to programs: openapi.yaml, and the models."""

from typing import Any

from newsman.feeds.api.queries import (
    ArticleSeriesQuery,
    ArticlesQuery,
    PopularQuery,
    ScopeSeriesQuery,
)
from newsman.feeds.models import ANSWERS
from newsman.feeds.pages.chosen import FeedQuery
from newsman.feeds.stream.queries import RankingStreamQuery, StreamQuery
from newsman.outputs import FORMATS
from newsman.web.openapi.document import model_schemas, read_document

QUERIES = (
    ArticlesQuery, PopularQuery, ScopeSeriesQuery, ArticleSeriesQuery, FeedQuery, StreamQuery,
    RankingStreamQuery,
)  # fmt: skip


def document() -> dict[str, Any]:
    """The document of every route for programs; /feed has the formats that there are."""
    schemas = model_schemas(ANSWERS, "serialization")
    described = read_document("newsman.feeds.api", schemas, QUERIES)
    media_types = sorted(feed_format.media_type for feed_format in FORMATS.values())
    described["paths"]["/feed"]["get"]["responses"]["200"]["content"] = {
        kind: {"schema": {"type": "object" if "json" in kind else "string"}} for kind in media_types
    }
    return described
