"""The review counts what editors took away by entity, tag and rule, and what is least certain."""

from datetime import UTC, datetime

import pytest

from newsman.enrich import core
from newsman.enrich.commands.review_counts import ReviewCounts
from newsman.enrich.core import Findings
from newsman.enrich.overrides.overrides import Override, overridden, overruled
from newsman_schemas.articles import ArticleEnriched, Entity, Span, Tag
from newsman_schemas.editing import ArticleOverridden

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def entity(name: str, confidence: float, *methods: str) -> Entity:
    spans = tuple(Span(field="headline", start=0, end=1, method=method) for method in methods)
    return Entity(
        name=name,
        slug=name.lower(),
        type="place",
        mentions=1,
        confidence=confidence,
        method="model",
        evidence=spans,
    )


WAR = Tag(name="war", slug="war", confidence=0.7, method="topic rules")
FOUND = Findings(
    method="m",
    tags=(WAR,),
    entities=(entity("Oslo", 0.95, "gazetteer", "gazetteer"), entity("Ruiz", 0.65, "model")),
)


@pytest.fixture
def counts(story):
    def counts(*overrides: Override) -> ReviewCounts:
        result = ReviewCounts()
        for number, override in enumerate(overrides):
            article = core.enriched(story("Head"), FOUND, duration_ms=1)
            event = ArticleEnriched(
                event_id=str(number),
                occurred_at=NOW,
                article=overridden(article, override),
                overruled=overruled(article, override),
            )
            result.take_article(event)
            said = ArticleOverridden(
                event_id=str(number),
                occurred_at=NOW,
                article_id="a" * 16,
                added=override.added,
                removed=override.removed,
                by="Kari",
            )
            result.take_override(said)
        return result

    return counts


def test_overrides_are_counted_by_entity_tag_and_rule(counts):
    result = counts(
        Override(removed=("oslo", "war")),
        Override(removed=("oslo", "never-found"), added=("Night trains",)),
        Override(),
    )
    rows = list(result.overridden())
    assert [(r["name"], r["kind"], r["type"], r["overridden"], r["shown"]) for r in rows] == [
        ("Oslo", "entity", "place", 2, 1),
        ("war", "tag", None, 1, 2),
        ("never-found", None, None, 1, 0),
    ]
    assert rows[0]["methods"] == ("gazetteer",)
    assert list(result.added()) == [{"name": "Night trains", "articles": 1}]
    assert list(result.rules()) == [
        {"method": "gazetteer", "found": 3, "overridden": 2, "share": 0.667},
        {"method": "topic rules", "found": 3, "overridden": 1, "share": 0.333},
    ]


def test_the_least_certain_comes_first_and_what_editors_added_is_certain(counts):
    result = counts(Override(added=("Night trains",)), Override())
    rows = [(r["name"], r["confidence"], r["articles"]) for r in result.uncertain()]
    assert rows == [("Ruiz", 0.65, 2), ("war", 0.7, 2), ("Oslo", 0.95, 2)]


def test_without_anything_there_is_nothing(counts):
    empty = counts()
    tables = (empty.overridden(), empty.added(), empty.rules(), empty.uncertain())
    assert [list(each) for each in tables] == [[], [], [], []]
