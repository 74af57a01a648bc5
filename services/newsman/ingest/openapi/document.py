"""The OpenAPI document, the same text for the same code."""

import json
from functools import cache
from importlib.metadata import version
from typing import Any

from newsman.ingest.openapi.operations import paths
from newsman.ingest.openapi.parts import HEADERS, SECURITY_SCHEMES
from newsman.ingest.openapi.schemas import component_schemas

OPENAPI_VERSION = "3.1.0"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TAGS = {
    "Articles": "Articles in every format.",
    "Views": "Page views, from newsrooms' systems and from reader pages.",
    "EventGate": "What EventGate's clients send.",
    "Superdesk": "A drop-in for Superdesk Newsroom and Web Publisher.",
}
DESCRIPTION = (
    "Articles and views in; a 2xx means that Kafka has them, but for a hasty push. Errors are "
    "problem+json (RFC 9457) with a JSON pointer per wrong field: 404 for an unknown path, 405 "
    "with Allow for a wrong method. 503 comes with Retry-After; send the same again later."
)


def document() -> dict[str, Any]:
    """The document of every route (OpenAPI 3.1)."""
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": "Newsman ingest",
            "version": version("newsman"),
            "description": DESCRIPTION,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": "/", "description": "This service."}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths(),
        "components": {
            "schemas": component_schemas(),
            "headers": HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


@cache
def rendered() -> str:
    """The document as it is served."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
