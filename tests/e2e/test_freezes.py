"""No acknowledged version is lost, however long enrich and publish stand still."""

import os
import signal
import threading

import httpx
import pytest
from tests.log import records_on

from newsman.kafka.records import decode
from newsman_schemas.articles import ArticleEnriched, article_id
from newsman_schemas.topics import ARTICLE_ENRICHED

KEY = {"Authorization": "Bearer demo-key"}
FROZEN_SECONDS = 14
"""Longer than a session in the group, which is ten seconds."""
PUSH_SECONDS = 0.2
DRAIN_SECONDS = 180

pytestmark = pytest.mark.timeout(400)


class Newsroom:
    """Pushes articles on and on; knows which were acknowledged."""

    def __init__(self, url):
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._push)
        self.acknowledged = set()

    def _push(self):
        number = 0
        with httpx.Client(base_url=self._url, headers=KEY, timeout=10) as client:
            while not self._stop.wait(PUSH_SECONDS):
                number += 1
                uri = f"urn:freeze:{number}"
                answer = client.post("/v1/articles", json=_article(uri, number))
                if answer.status_code == 202:
                    self.acknowledged.add(article_id("demo", uri))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def _article(uri, number):
    return {
        "uri": uri,
        "version": 1,
        "version_created": "2026-03-02T12:00:00Z",
        "headline": f"Council of town {number} meets in Oslo",
        "body_text": f"The council of town {number} met in Norway on Monday. " * 5,
    }


def _freeze(services, seconds):
    for service in services:
        os.killpg(service.pid, signal.SIGSTOP)
    threading.Event().wait(seconds)
    for service in services:
        os.killpg(service.pid, signal.SIGCONT)


def test_what_was_acknowledged_comes_out_after_every_freeze(
    start_service, kafka_bootstrap, topics, redis_client, eventually
):
    ingest = start_service("ingest").wait_ready()
    names = [(name, instance) for name in ("enrich", "publish") for instance in ("a", "b")]
    services = [start_service(name, NEWSMAN_INSTANCE=instance) for name, instance in names]
    for service in services:
        service.wait_ready(120)

    def stored():
        return {m.decode() for m in redis_client.zrange(f"{topics}:index:latest", 0, -1)}

    def come_through(newsroom):
        goal = len(newsroom.acknowledged)
        eventually(lambda: len(stored()) >= goal, timeout=DRAIN_SECONDS, what="work goes on")

    with Newsroom(ingest.url) as newsroom:
        eventually(lambda: len(newsroom.acknowledged) > 10)
        for frozen in (services[::2], services):
            _freeze(frozen, FROZEN_SECONDS)
            come_through(newsroom)
    eventually(
        lambda: stored() == newsroom.acknowledged,
        timeout=DRAIN_SECONDS,
        what="every acknowledged article is in the store",
    )
    records = records_on(kafka_bootstrap, ARTICLE_ENRICHED.full_name(topics))
    enriched = {decode(ArticleEnriched, record.value).article.id for record in records}
    assert enriched == newsroom.acknowledged
    assert [service.process.poll() for service in services] == [None] * len(services)
