"""What a webhook says."""

import json
from datetime import UTC, datetime

import pytest

from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import MAX_THIN_BYTES, render_body, renderer
from newsman.outputs.listing import Site
from newsman_schemas.articles import EnrichedArticle, Enrichment

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ARTICLE = "a" * 16


def article(**fields) -> EnrichedArticle:
    return EnrichedArticle(
        id=ARTICLE,
        source="harbour",
        uri="urn:harbour:1",
        version_created=NOW,
        headline="The night ferry returns",
        slug="the-night-ferry-returns",
        enrichment=Enrichment(status="done", method="none", duration_ms=0),
        **fields,
    )


def reference(event="article.published", **fields) -> Reference:
    at_ms = int(NOW.timestamp() * 1_000)
    return Reference(ARTICLE, event, "event-1", 3, version=2, at_ms=at_ms, **fields)


def message(payload: str, about: Reference, of: EnrichedArticle | None) -> dict:
    return json.loads(render_body(payload, about, of).content)


def test_the_body_names_what_happened_when_and_to_which_article():
    told = message("full", reference("article.updated"), article(body_text="It sails on Monday."))
    assert (told["type"], told["timestamp"]) == ("article.updated", NOW.isoformat())
    data = told["data"]
    assert (data["id"], data["revision"], data["version"]) == (ARTICLE, 3, 2)
    assert (data["source"], data["uri"], data["complete"]) == ("harbour", "urn:harbour:1", True)
    assert data["article"]["body_text"] == "It sails on Monday."


@pytest.mark.parametrize("event", ["article.killed", "article.withdrawn"])
def test_a_killed_or_withdrawn_article_is_named_and_not_shown(event):
    told = message("full", reference(event, source="harbour", uri="urn:harbour:1"), None)
    assert told["type"] == event
    assert told["data"] == {
        "id": ARTICLE,
        "revision": 3,
        "version": 2,
        "source": "harbour",
        "uri": "urn:harbour:1",
    }


def test_what_left_a_filter_says_so():
    told = message("full", reference("article.withdrawn", reason="moved"), None)
    assert told["data"]["reason"] == "moved"


def test_a_large_article_is_whole_for_those_who_want_it_whole():
    data = message("full", reference(), article(body_text="ferry " * 5_000))["data"]
    assert data["complete"] is True
    assert len(data["article"]["body_text"]) == 30_000


def test_a_thin_body_leaves_the_text_out_and_says_so():
    large = article(body_text="ferry " * 5_000, extra={"desk": "x" * 100}, section="Transport")
    body = render_body("thin", reference(), large)
    data = json.loads(body.content)["data"]
    assert len(body.content) <= MAX_THIN_BYTES
    assert data["complete"] is False
    assert data["article"]["headline"] == "The night ferry returns"
    assert data["article"]["section"] == "Transport"
    assert "body_text" not in data["article"]


def test_even_an_article_with_endless_keywords_is_thin_under_the_limit():
    endless = article(keywords=tuple(f"{'k' * 1_000}{n}" for n in range(100)))
    body = render_body("thin", reference(), endless)
    assert len(body.content) <= MAX_THIN_BYTES
    assert json.loads(body.content)["data"]["article"]["headline"] == "The night ferry returns"


def test_a_payload_that_is_a_format_is_its_document_of_the_article_or_of_its_kill():
    render = renderer(Site("https://news.example", "The Example"))
    body = render("ninjs-3.1", reference(), article())
    assert json.loads(body.content)["headlines"][0]["value"] == "The night ferry returns"
    killed = render("ninjs-3.1", reference("article.killed", uri="urn:harbour:1"), None)
    assert json.loads(killed.content)["pubStatus"] == "canceled"
    ranking = Reference("ranking:1h", "ranking.changed", "event-2", 1, body="{}")
    assert json.loads(render("ninjs-3.1", ranking, None).content)["type"] == "ranking.changed"
