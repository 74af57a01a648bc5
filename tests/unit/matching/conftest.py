"""Articles to match."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity, Tag, article_id

Make = Callable[..., EnrichedArticle]


@pytest.fixture(scope="module")
def article() -> Make:
    def article(name: str = "a", **fields: object) -> EnrichedArticle:
        return EnrichedArticle.model_validate(
            {
                "id": article_id("desk", name),
                "source": "desk",
                "uri": name,
                "version_created": datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
                "headline": f"News of {name}",
                "slug": "a",
                "enrichment": Enrichment(status="done", method="t", duration_ms=1),
                **fields,
            }
        )

    return article


@pytest.fixture(scope="module")
def entity() -> Callable[..., Entity]:
    def entity(name: str, slug: str, **fields: object) -> Entity:
        return Entity.model_validate(
            {
                "name": name,
                "slug": slug,
                "type": "organisation",
                "mentions": 1,
                "confidence": 1,
                "method": "t",
                **fields,
            }
        )

    return entity


@pytest.fixture(scope="module")
def tag() -> Callable[[str], Tag]:
    return lambda slug: Tag(name=slug, slug=slug, confidence=1, method="t")
