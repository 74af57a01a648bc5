"""Pushing while Kafka comes and goes: what got a 202 is on the topic, and nothing piles up."""

import asyncio
from pathlib import Path

import httpx
import pytest
from tests.log import records_on
from tests.waiting import until

from newsman.kafka.records import decode
from newsman.kafka.topics import ensure_topics
from newsman_schemas.articles import ArticleReceived
from newsman_schemas.topics import ARTICLE_RECEIVED

KEY = {"Authorization": "Bearer demo-key"}
PUSHERS = 4
ANSWER_LIMIT_SECONDS = 20.0
"""Five times what a push may wait for Kafka; the client gives up then, and so does the test."""


@pytest.fixture
def ingest(start_service, own_broker):
    service = start_service("ingest", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap)
    ensure_topics(own_broker.bootstrap, service.env["NEWSMAN_NAMESPACE"], replication=1)
    return service.wait_ready()


class Pushers:
    """Several newsrooms pushing without a pause, noting every answer."""

    def __init__(self, url):
        self._url = url
        self.taken = set()
        self.statuses = []
        self._is_over = False

    async def run(self, outages):
        async with httpx.AsyncClient(
            base_url=self._url, headers=KEY, timeout=ANSWER_LIMIT_SECONDS
        ) as client:
            pushing = [asyncio.create_task(self._push(client, n)) for n in range(PUSHERS)]
            await self.until_taken(200)
            for outage in outages:
                await outage(self)
                await self.until_taken(200)
            self._is_over = True
            await asyncio.gather(*pushing)

    async def until_taken(self, more):
        wanted = len(self.taken) + more
        await until(lambda: len(self.taken) >= wanted)

    async def until_refused(self, more):
        wanted = self.refused() + more
        await until(lambda: self.refused() >= wanted)

    def refused(self):
        return sum(status == 503 for status in self.statuses)

    async def _push(self, client, number):
        count = 0
        while not self._is_over:
            count += 1
            uri = f"urn:{number}:{count}"
            answer = await client.post("/v1/articles", json={"uri": uri, "headline": "A line"})
            self.statuses.append(answer.status_code)
            if answer.status_code == 202:
                self.taken.add(uri)


def threads_of(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


@pytest.mark.alone
def test_all_that_was_taken_is_on_the_topic_after_outages_of_both_kinds(
    ingest, own_broker, eventually
):
    async def freeze(pushers):
        own_broker.pause()
        await pushers.until_refused(2 * PUSHERS)
        own_broker.resume()

    async def crash(pushers):
        own_broker.kill()
        await pushers.until_refused(2 * PUSHERS)
        own_broker.start()

    async def count_threads(_):
        threads.append(threads_of(ingest.pid))

    threads: list[int] = []
    pushers = Pushers(ingest.url)
    asyncio.run(pushers.run([count_threads, freeze, crash, freeze]))

    assert set(pushers.statuses) == {202, 503}
    topic = ARTICLE_RECEIVED.full_name(ingest.env["NEWSMAN_NAMESPACE"])
    records = records_on(own_broker.bootstrap, topic)
    stored = {decode(ArticleReceived, record.value).article.uri for record in records}
    assert pushers.taken <= stored
    eventually(lambda: threads_of(ingest.pid) <= threads[0], what="old producers have ended")


def test_a_signal_lets_a_push_under_way_be_answered_and_ends_the_service_in_order(
    ingest, own_broker, eventually
):
    async def push_and_stop():
        async with httpx.AsyncClient(base_url=ingest.url, headers=KEY, timeout=20) as client:
            own_broker.pause()
            pushing = asyncio.create_task(
                client.post("/v1/articles", json={"uri": "urn:last", "headline": "The last one"})
            )
            async with asyncio.timeout(10):
                metrics = f"{ingest.ops_url}/metrics"
                while "newsman_ingest_in_flight_bytes 0.0" in (await client.get(metrics)).text:
                    pass
            ingest.process.terminate()
            own_broker.resume()
            return await pushing

    answer = asyncio.run(push_and_stop())
    assert answer.status_code == 202
    assert ingest.process.wait(20) == 0
