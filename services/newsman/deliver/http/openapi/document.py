"""The OpenAPI 3.1 document of the edge: openapi.yaml, and the models."""

from typing import Any

from newsman.deliver.http.models import ANSWERS
from newsman.deliver.http.queries import QUERIES
from newsman.deliver.ledger.report import ArticleLedger
from newsman.deliver.subscriptions.wishes import SubscriptionPatch, SubscriptionWish
from newsman.web.openapi.document import model_schemas, read_document

ASKED = (SubscriptionWish, SubscriptionPatch)


def document() -> dict[str, Any]:
    """The document of every route."""
    schemas = model_schemas((*ANSWERS, ArticleLedger), "serialization") | model_schemas(
        ASKED, "validation"
    )
    return read_document("newsman.deliver.http.openapi", schemas, QUERIES)
