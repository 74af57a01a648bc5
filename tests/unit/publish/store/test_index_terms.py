"""Where an article stands in the indexes."""

from datetime import UTC, datetime

from newsman.publish.store.index_terms import index_terms
from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity, Tag


def test_every_term_appears_once_with_the_name_that_pages_show():
    tag = Tag(name="Diplomacy", slug="diplomacy", confidence=1, method="rule")
    place = Entity(
        name="Oslo", slug="oslo", type="place", mentions=2, confidence=1, method="gazetteer"
    )
    article = EnrichedArticle(
        id="a" * 16,
        source="desk",
        uri="urn:1",
        version_created=datetime(2026, 1, 1, tzinfo=UTC),
        headline="Talks",
        slug="talks",
        section="World News",
        tags=(tag, tag),
        entities=(place,),
        enrichment=Enrichment(status="done", method="rules", duration_ms=1),
    )
    found = {named.term: (named.name, named.type) for named in index_terms(article)}
    assert len(index_terms(article)) == 4
    assert found == {
        "latest": ("Latest", "list"),
        "section:world-news": ("World News", "section"),
        "tag:diplomacy": ("Diplomacy", "tag"),
        "entity:oslo": ("Oslo", "place"),
    }
