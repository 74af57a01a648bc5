"""Scheduled release and expiry, to the second, also when publish dies meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.log import records_on

from newsman.kafka.partitions import partition_of
from newsman.kafka.records import decode
from newsman_schemas.articles import ArticlePublished, article_id
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED

from .conftest import killed, pushed
from .test_rebuild import is_through, send

SECOND = timedelta(seconds=1)


@pytest.fixture
def told(kafka_bootstrap, topics):
    """What stands on the public topic, as (uri, action, moment of the record)."""

    def told() -> list[tuple[str, str, datetime]]:
        found = []
        for record in records_on(kafka_bootstrap, ARTICLE_PUBLISHED.full_name(topics)):
            event = decode(ArticlePublished, record.value)
            at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            found.append((event.uri, event.action, at))
        return found

    return told


@pytest.fixture
def moment_of(told, eventually):
    def moment_of(uri: str, action: str, timeout: float = 30) -> datetime:
        found = eventually(
            lambda: [at for name, what, at in told() if (name, what) == (uri, action)],
            timeout=timeout,
        )
        assert len(found) == 1
        return found[0]

    return moment_of


def test_release_and_expiry_come_in_their_second_across_a_restart(
    start_service, kafka_bootstrap, topics, moment_of, eventually
):
    publish = start_service("publish").wait_ready()
    release = datetime.now(UTC) + 13 * SECOND
    expiry = release + 2 * SECOND
    due = pushed("urn:a", embargoed_until=release, expires_at=expiry)
    send(kafka_bootstrap, topics, [due])
    eventually(lambda: is_through(kafka_bootstrap, topics))
    publish.kill()
    publish.start()
    send(kafka_bootstrap, topics, [pushed(f"urn:{n}") for n in range(20)])
    eventually(lambda: is_through(kafka_bootstrap, topics), what="publish works again")
    assert datetime.now(UTC) < release, "too slow a machine to measure this"
    for action, moment in (("published", release), ("withdrawn", expiry)):
        at = moment_of("urn:a", action)
        # Records are dated in whole milliseconds.
        assert at >= moment - timedelta(milliseconds=1), "not a moment too early"
        assert at < moment + SECOND


def test_after_an_outage_what_came_due_is_released_but_nothing_whose_kill_waits_in_the_log(
    start_service, kafka_bootstrap, topics, told, moment_of, eventually
):
    publish = start_service("publish").wait_ready()
    send(kafka_bootstrap, topics, [pushed("urn:first")])
    eventually(lambda: is_through(kafka_bootstrap, topics), what="publish is at work")
    release = datetime.now(UTC) + 6 * SECOND
    held = [pushed(uri, embargoed_until=release) for uri in ("urn:a", "urn:b")]
    send(kafka_bootstrap, topics, held)
    eventually(lambda: is_through(kafka_bootstrap, topics))
    publish.kill()
    assert datetime.now(UTC) < release, "too slow a machine to measure this"
    eventually(lambda: datetime.now(UTC) > release)
    # A backlog of the same partition stands before the kill.
    mine = partition_of(article_id("desk", "urn:a"), ARTICLE_ENRICHED.partitions)
    others = [
        name for name in (f"urn:other:{n}" for n in range(1_000))
        if partition_of(article_id("desk", name), ARTICLE_ENRICHED.partitions) == mine
    ]  # fmt: skip
    send(kafka_bootstrap, topics, [*map(pushed, others), killed("urn:a", 2)])
    publish.start()
    assert moment_of("urn:b", "published") > release
    eventually(lambda: is_through(kafka_bootstrap, topics), timeout=60)
    assert "urn:a" not in {uri for uri, _, _ in told()}
