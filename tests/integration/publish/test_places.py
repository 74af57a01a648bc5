"""A running publish: a partition that stands is named, and of two under one name one ends."""

from contextlib import closing

import httpx
import pytest
from tests.conftest import launcher

from newsman.kafka.clients import build_producer
from newsman.kafka.records import encode
from newsman.runtime.crash import EXIT_CRASHED
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_ENRICHED

from .conftest import pushed


@pytest.fixture
def enrich(kafka_bootstrap, topics):
    """Puts articles on the log, as enrich does."""

    def put(*uris):
        with closing(build_producer(kafka_bootstrap, client_id="enrich")) as producer:
            for uri in uris:
                record = encode(pushed(uri))
                producer.send(
                    ARTICLE_ENRICHED.full_name(topics), key=record.key, value=record.value
                )
            producer.flush()
        return {article_id("desk", uri) for uri in uris}

    return put


@pytest.fixture
def stored(redis_client, topics):
    """The articles that are in the store."""
    return lambda: {m.decode() for m in redis_client.zrange(f"{topics}:index:latest", 0, -1)}


def problems(service):
    return httpx.get(f"{service.url}/readyz", timeout=10).json()["problems"]


def waiting(service):
    """How many messages wait, by partition, once publish has looked."""
    lines = httpx.get(f"{service.url}/metrics", timeout=10).text.splitlines()
    name = "newsman_publish_waiting_messages{"
    return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith(name)}


def test_readyz_names_the_partition_that_stands_and_how_much_waits_there(
    kafka_bootstrap, topics, own_valkey, tmp_path, enrich, eventually
):
    start = launcher(kafka_bootstrap, own_valkey.url, topics, tmp_path)
    try:
        service = start("publish").wait_ready()
        eventually(lambda: waiting(service), timeout=60)
        own_valkey.kill()
        enrich("one")
        named = eventually(lambda: problems(service).get("partitions"), timeout=60)
        assert f"{ARTICLE_ENRICHED.full_name(topics)}[" in named
        assert "has stood still for" in named
        assert "at offset 0; 1 messages wait" in named
        assert sum(waiting(service).values()) == 1
    finally:
        start.end()


def test_of_two_under_one_name_one_ends_and_says_so_and_the_other_goes_on(
    start_service, enrich, stored, eventually
):
    first = start_service("publish", NEWSMAN_INSTANCE="same").wait_ready()
    articles = enrich(*(f"before-{n}" for n in range(50)))
    eventually(lambda: stored() == articles, timeout=60)
    articles |= enrich(*(f"meanwhile-{n}" for n in range(50)))
    second = start_service("publish", NEWSMAN_INSTANCE="same")
    ended = eventually(
        lambda: [one for one in (first, second) if one.process.poll() is not None], timeout=60
    )
    assert [one.process.returncode for one in ended] == [EXIT_CRASHED]
    assert "give each process a NEWSMAN_INSTANCE of its own" in ended[0].log()
    articles |= enrich(*(f"after-{n}" for n in range(50)))
    eventually(lambda: stored() == articles, timeout=60)
