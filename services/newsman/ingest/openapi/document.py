"""The OpenAPI document of ingest: the YAML files beside, and the models."""

from typing import Any

from newsman.ingest.openapi.schemas import component_schemas
from newsman.ingest.routes.queries import (
    EventPushQuery,
    FrontQuery,
    NamesQuery,
    PushQuery,
    TokenQuery,
    ViewsQuery,
)
from newsman.web.openapi.document import read_document

QUERIES = (PushQuery, EventPushQuery, TokenQuery, ViewsQuery, NamesQuery, FrontQuery)


def document() -> dict[str, Any]:
    """The document of every route (OpenAPI 3.1), the same for the same code."""
    return read_document("newsman.ingest.openapi", component_schemas(), QUERIES)
