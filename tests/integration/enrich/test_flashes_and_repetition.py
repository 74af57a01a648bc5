"""On a real Kafka: a flash overtakes a backlog, and what went without is enriched again."""

from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer
from tests.log import records_on

from newsman.cli import main
from newsman.kafka.records import decode, encode
from newsman_schemas.articles import Article, ArticleEnriched, ArticleReceived, article_id
from newsman_schemas.events import digest
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED

BACKLOG = 60
TEXT = "Anna Berg met the council in Oslo. Berg was pleased with what Olof Lind said. " * 20


def received(number: int, now, **fields) -> ArticleReceived:
    article = Article(
        id=article_id("desk", f"urn:{number}"),
        source="desk",
        uri=f"urn:{number}",
        version_created=now,
        headline=f"Council {number}",
        slug="x",
        body_text=f"{number}. {TEXT}",
        **fields,
    )
    return ArticleReceived(
        event_id=digest(str(number)), occurred_at=now, article=article, format="native"
    )


@pytest.fixture
def now():
    return datetime.now(UTC)


@pytest.fixture
def send(kafka_bootstrap, topics):
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, acks="all")

    def send(*events, topic=ARTICLE_RECEIVED):
        for event in events:
            record = encode(event)
            producer.send(
                topic.full_name(topics), key=record.key, value=record.value, headers=record.headers
            )
        producer.flush()

    yield send
    producer.close()


@pytest.fixture
def enriched(kafka_bootstrap, topics):
    """Every enriched event so far, in the order of the log's own times."""
    topic = ARTICLE_ENRICHED.full_name(topics)

    def enriched() -> list[ArticleEnriched]:
        records = sorted(records_on(kafka_bootstrap, topic), key=lambda record: record.timestamp)
        return [decode(ArticleEnriched, record.value) for record in records]

    return enriched


def test_a_flash_overtakes_a_backlog_and_is_enriched_in_its_turn(
    start_service, send, enriched, eventually, now
):
    start_service("enrich").wait_ready()
    send(received(0, now))
    eventually(lambda: enriched(), what="the first article")
    send(*(received(number, now) for number in range(1, BACKLOG)))
    flash = received(BACKLOG, now, urgency=1)
    send(flash)
    mine = flash.article.id
    before = eventually(
        lambda: (e := enriched()) and any(x.article.id == mine for x in e) and e, timeout=30
    )
    assert len(before) < BACKLOG // 2
    (first,) = [event for event in before if event.article.id == mine]
    assert first.article.enrichment.status == "skipped"
    later = eventually(lambda: len(e := enriched()) >= BACKLOG + 2 and e, timeout=60)
    flashed, full = (event for event in later if event.article.id == mine)
    assert flashed.event_id < full.event_id
    assert full.article.enrichment.status == "done"
    assert {"Anna Berg", "Oslo"} <= {entity.name for entity in full.article.entities}


def test_what_failed_is_enriched_again_and_a_diff_shows_what_changes(
    start_service, send, enriched, eventually, now, topics, kafka_bootstrap, monkeypatch, capsys
):
    from newsman.enrich import core
    from newsman.enrich.event_ids import enriched_event_id

    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", topics)
    event = received(7, now)
    article = core.unenriched(
        event.article, failed=True, detail="too slow", method="m", duration_ms=1
    )
    failed = ArticleEnriched(
        event_id=enriched_event_id(event), occurred_at=now, article=article, trail=event.trail
    )
    send(failed, topic=ARTICLE_ENRICHED)

    assert main(["enrich", "diff", "--last", "1d"]) == 0
    out = capsys.readouterr().out
    assert "+ Anna Berg (person)" in out
    assert "1 of 1 articles would change" in out

    assert main(["reenrich", "--dry-run"]) == 0
    assert "1 would be enriched again" in capsys.readouterr().out
    assert main(["reenrich"]) == 0
    start_service("enrich").wait_ready()
    both = eventually(lambda: len(e := enriched()) == 2 and e)
    again = max(both, key=lambda event: event.event_id)
    assert again.article.enrichment.status == "done"
    assert again.event_id > failed.event_id
    assert main(["reenrich"]) == 0
    assert "0 are being enriched again" in capsys.readouterr().out
    assert main(["reenrich", "a" * 16]) == 1


def test_what_took_too_long_goes_without_and_is_enriched_later(
    start_service, send, enriched, eventually, now, topics, kafka_bootstrap, monkeypatch, capsys
):
    monkeypatch.setenv("NEWSMAN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("NEWSMAN_NAMESPACE", topics)
    hurried = start_service("enrich", NEWSMAN_NLP_TIMEOUT_SECONDS="0.001").wait_ready()
    event = received(9, now)
    send(event)
    (failed,) = eventually(enriched)
    assert failed.article.enrichment.status == "failed"
    assert failed.article.enrichment.detail == "took longer than 0.001 s of processor time"
    assert failed.article.body_text == event.article.body_text
    hurried.stop()

    start_service("enrich").wait_ready()
    assert main(["reenrich"]) == 0
    assert "1 are being enriched again" in capsys.readouterr().out
    _, again = eventually(lambda: len(e := enriched()) == 2 and e)
    assert again.article.enrichment.status == "done"
    assert {"Anna Berg", "Oslo"} <= {entity.name for entity in again.article.entities}
    # The gate takes the event whose id sorts last.
    assert again.event_id > failed.event_id
