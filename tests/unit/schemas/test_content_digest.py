"""The digest of what a newsroom said is the same whether an article's JSON is there already."""

from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import (
    RECEIPT,
    Article,
    EnrichedArticle,
    Enrichment,
    LogPlace,
    content_digest,
)
from newsman_schemas.events import digest

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 13, tzinfo=UTC)
MIMICS = ',"received_at":null'
REQUIRED = {"id": "a" * 16, "source": "desk", "uri": "u", "headline": "A line", "slug": "a-line"}


def article(kind=Article, **fields):
    return kind(**REQUIRED, **{"version_created": AT, "received_at": LATER, **fields})


@pytest.mark.parametrize(
    "given",
    [
        article(),
        article(received_at=None),
        article(received_at=AT),
        article(first_received_at=AT, corrected_at=LATER),
        article(log_place=LogPlace(partition=1, offset=2, logged_at=AT)),
        article(body_text=MIMICS, extra={"received_at": None, "log_place": {"received_at": 1}}),
        article(item_fields=("received_at", MIMICS)),
        article(EnrichedArticle, enrichment=Enrichment(status="done", method="m", duration_ms=1)),
    ],
)
def test_nothing_of_the_receipt_counts_and_everything_else_does(given):
    by_itself = content_digest(given)
    assert content_digest(given, given.model_dump_json()) == by_itself
    moved = {"received_at": given.received_at and LATER.replace(hour=20), "log_place": None}
    if given.received_at != given.version_created:
        without = given.model_dump_json(exclude=set(RECEIPT))
        assert by_itself == digest(without)
        told = given.model_copy(update=moved)
        assert content_digest(told, told.model_dump_json()) == by_itself
    other = given.model_copy(update={"item_fields": ("another",)})
    assert content_digest(other, other.model_dump_json()) != by_itself
