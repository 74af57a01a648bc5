"""The service of `docs/adding-a-service.md` does what the page says, killed and told twice too."""

from datetime import UTC, datetime

import httpx
import pytest
from tests.recipe import copy_of_the_tree, environment, follow, steps

from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Enrichment, article_id
from newsman_schemas.topics import ARTICLE_PUBLISHED

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FERRY, BRIDGE = (article_id("demo", name) for name in ("ferry", "bridge"))


def event(article: str, revision: int, headline: str | None, section: str = "Local"):
    version = {"id": article, "source": "demo", "uri": f"urn:{article}", "version": revision}
    text = {"headline": headline, "slug": "ferry", "section": section, "body_html": "<p>So.</p>"}
    work = {"enrichment": Enrichment(status="done", method="test", duration_ms=1)}
    work["version_created"] = NOW
    return ArticlePublished(
        event_id=f"{article}-{revision}",
        occurred_at=NOW,
        action="published" if headline else "killed",
        revision=revision,
        article_id=article,
        source="demo",
        uri=f"urn:{article}",
        version=revision,
        article=EnrichedArticle(**version, **text, **work) if headline else None,
    )


@pytest.fixture
def tell(kafka_bootstrap, topics):
    """Puts events on the topic, in this order."""
    producer = build_producer(kafka_bootstrap, client_id="test")
    topic = ARTICLE_PUBLISHED.full_name(topics)

    def tell(*events: ArticlePublished) -> None:
        for record in map(encode, events):
            producer.send(topic, key=record.key, value=record.value).get(timeout=30)

    yield tell
    producer.close()


def test_the_service_of_the_page_keeps_the_last_headline_of_every_section(
    start_service, tmp_path, topics, redis_client, eventually, tell
):
    tree = copy_of_the_tree(tmp_path / "tree")
    follow(steps("adding-a-service.md", "A whole one"), tree)
    front = start_service("front", **environment(tree)).wait_ready()

    def headlines() -> dict[str, str]:
        rows = redis_client.hgetall(f"{topics}:front:{{all}}:headlines")
        return {name.decode(): row.decode().partition(" ")[2] for name, row in rows.items()}

    tell(event(FERRY, 1, "Ferry sails"), event(FERRY, 2, "Ferry returns"))
    eventually(lambda: headlines() == {"Local": "Ferry returns"})
    front.kill()
    tell(event(FERRY, 1, "Ferry sails"), event(BRIDGE, 1, "Bridge opens", "Roads"))
    front.start()
    eventually(lambda: headlines() == {"Local": "Ferry returns", "Roads": "Bridge opens"})
    tell(event(BRIDGE, 2, None))
    eventually(lambda: headlines() == {"Local": "Ferry returns"})
    counts = httpx.get(f"{front.ops_url}/metrics").text
    assert 'newsman_front_events_total{outcome="dropped"} ' in counts
    assert front.stop() == 0
