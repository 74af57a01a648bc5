"""On a real Kafka: an editor's word outlives a Redis of its own, enrich and replays."""

import itertools
import uuid
from datetime import UTC, datetime

import pytest
import redis
from kafka import KafkaProducer
from tests.log import records_on

from newsman.cli import main
from newsman.kafka.records import decode, encode
from newsman_schemas.articles import Article, ArticleEnriched, ArticleReceived, article_id
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = "Anna Berg met the council in Oslo. Berg was pleased with what Olof Lind said."


def received(uri: str, version: int = 1) -> ArticleReceived:
    article = Article(
        id=article_id("desk", uri),
        source="desk",
        uri=uri,
        version=version,
        version_created=NOW,
        headline="Council meets",
        slug="x",
        body_text=TEXT,
    )
    return ArticleReceived(
        event_id=uuid.uuid4().hex, occurred_at=NOW, article=article, format="native"
    )


@pytest.fixture
def launch(launch_on, kafka_bootstrap, own_valkey, topics, monkeypatch):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", topics)
    return launch_on(kafka_bootstrap, own_valkey.url, topics)


@pytest.fixture
def send(kafka_bootstrap, topics):
    topic = ARTICLE_RECEIVED.full_name(topics)

    def send(*events: ArticleReceived) -> None:
        producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")
        for event in events:
            record = encode(event)
            producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        producer.close()

    return send


@pytest.fixture
def enriched(kafka_bootstrap, topics):
    def enriched() -> list[ArticleEnriched]:
        found = records_on(kafka_bootstrap, ARTICLE_ENRICHED.full_name(topics))
        found.sort(key=lambda record: record.timestamp)
        return [decode(ArticleEnriched, record.value) for record in found]

    return enriched


def names(event: ArticleEnriched) -> tuple[set[str], set[str]]:
    tags = {tag.name for tag in event.article.tags}
    return tags, {entity.slug for entity in event.article.entities}


def identifiers_of_anna(events: list[ArticleEnriched]) -> set[str | None]:
    entities = (entity for event in events for entity in event.article.entities)
    return {entity.identifier for entity in entities if entity.slug == "anna-berg"}


def test_an_override_outlives_redis_a_restart_and_a_replay(
    launch, send, enriched, eventually, own_valkey, capsys, tmp_path
):
    first = received("urn:1")
    service = launch("enrich", NEWSMAN_NLP_TIMEOUT_SECONDS="20").wait_ready()
    send(first)
    eventually(lambda: len(enriched()) == 1, timeout=60)
    mine = first.article.id
    assert main(["override", mine, "--add", "Night trains", "--remove", "oslo"]) == 0
    again = eventually(lambda: len(e := enriched()) == 2 and e, timeout=60)[-1]
    words = ["names", "add", "Olof Lind AB", "--alias", "Olof Lind", "--type", "organisation"]
    assert main([*words, "--identifier", "wikidata:Q1"]) == 0
    service.stop()

    with redis.Redis.from_url(own_valkey.url) as client:
        client.flushall()
    file = tmp_path / "names.csv"
    file.write_text("name,type,identifier\nAnna Berg,person,wikidata:Q5\n")
    settings = {"NEWSMAN_NLP_TIMEOUT_SECONDS": "20", "NEWSMAN_NAMES_FILE": str(file)}
    service = launch("enrich", **settings).wait_ready()
    # The same message once more, as after a lost offset, and another version.
    send(first, received("urn:1", version=2), received("urn:2"))
    events = eventually(lambda: len(e := enriched()) == 5 and e, timeout=60)
    for event in (again, *(e for e in events[2:] if e.article.id == mine)):
        tags, entities = names(event)
        assert "Night trains" in tags
        assert "oslo" not in entities
    other = next(e for e in events if e.article.uri == "urn:2")
    assert "oslo" in names(other)[1]
    lind = next(entity for entity in other.article.entities if entity.slug == "olof-lind-ab")
    assert (lind.type, lind.identifier, lind.method) == ("organisation", "Q1", "own names 1")
    overruled = [event.overruled for event in events[2:] if event.article.id == mine]
    assert [[each.slug for each in some] for some in overruled] == [["oslo"], ["oslo"]]

    assert main(["override", mine]) == 0
    assert capsys.readouterr().out.endswith("added: Night trains\nremoved: oslo\n")
    assert main(["override", mine, "--clear"]) == 0
    cleared = eventually(lambda: len(e := enriched()) == 6 and e, timeout=60)[-1]
    assert names(cleared)[1] >= {"oslo", "anna-berg"}
    assert "Night trains" not in names(cleared)[0]

    # Each is said before its article comes; nothing is enriched yet that could be done again.
    for number in range(10, 15):
        event = received(f"urn:{number}")
        assert main(["override", event.article.id, "--remove", "oslo"]) == 1
        send(event)
    events = eventually(lambda: len(e := enriched()) == 11 and e, timeout=60)
    assert not any("oslo" in names(event)[1] for event in events[6:])

    assert identifiers_of_anna(events[6:]) == {"Q5"}
    file.write_text("name,type,identifier\nAnna Berg,person,wikidata:Q6\n")
    numbers = itertools.count(20)

    def is_read_again() -> bool:
        send(received(f"urn:{next(numbers)}"))
        return "Q6" in identifiers_of_anna(enriched())

    eventually(is_read_again, timeout=60)
    assert service.stop() == 0
