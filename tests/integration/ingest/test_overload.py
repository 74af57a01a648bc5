"""Ten times more than fits while Kafka stands still, is slow or gone: refused, and nothing lost."""

import asyncio
import re
from pathlib import Path
from statistics import median

import httpx
import pytest
from tests.log import records_on

from newsman.kafka.records import decode
from newsman.kafka.topics import ensure_topics
from newsman_schemas.articles import ArticleReceived
from newsman_schemas.topics import ARTICLE_RECEIVED

KEY = {"Authorization": "Bearer demo-key"}
BOUND_BYTES = 1_000_000
BODY = "The ferry is late again. " * 800
EVENT_BYTES = 2 * len(BODY)  # as text and as HTML
TEN_TIMES = 10 * BOUND_BYTES // EVENT_BYTES
CONNECTIONS = 50  # together more than the bound
AT_ONCE_SECONDS = 2.0  # half of what a push would wait for Kafka
STALLS = 4  # of a hundred answers, so many may be late on a machine that has much else to do
PAUSED_SECONDS = 0.4
RUNNING_SECONDS = 0.1
GROWTH_MIB = 32


@pytest.fixture
def ingest(start_service, own_broker):
    service = start_service(
        "ingest",
        NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap,
        NEWSMAN_MAX_IN_FLIGHT_BYTES=str(BOUND_BYTES),
    )
    ensure_topics(own_broker.bootstrap, service.env["NEWSMAN_NAMESPACE"], replication=1)
    return service.wait_ready()


class Newsrooms:
    """Many pushes at a time, each of another article; every answer is noted."""

    def __init__(self, client, ops_url):
        self._client = client
        self._ops_url = ops_url
        self._pushed = 0
        self.taken = set()
        self.refusals = []
        self.seconds = []

    async def push(self):
        self._pushed += 1
        uri = f"urn:story:{self._pushed}"
        article = {"uri": uri, "headline": "A line", "body_text": BODY}
        answer = await self._client.post("/v1/articles", json=article)
        self.seconds.append(answer.elapsed.total_seconds())
        if answer.status_code == 202:
            self.taken.add(uri)
        else:
            self.refusals.append((answer.status_code, answer.headers.get("retry-after")))
        return answer

    async def flood(self, pushes=TEN_TIMES):
        """So many pushes over all connections."""
        left = pushes

        async def keep_pushing():
            nonlocal left
            while left > 0:
                left -= 1
                await self.push()

        await asyncio.gather(*(keep_pushing() for _ in range(CONNECTIONS)))

    async def until_taken(self):
        async with asyncio.timeout(60):
            while (await self.push()).status_code != 202:
                pass

    async def until_refused_at_once(self):
        async with asyncio.timeout(60):
            answer = await self.push()
            while answer.status_code != 503 or answer.elapsed.total_seconds() > AT_ONCE_SECONDS:
                answer = await self.push()

    async def ops(self, path):
        return await self._client.get(f"{self._ops_url}{path}")

    async def in_flight_bytes(self):
        text = (await self.ops("/metrics")).text
        return float(re.search(r"^newsman_ingest_in_flight_bytes (\S+)$", text, re.M)[1])


def newsrooms(ingest, work):
    """What they met, when all of the work is done."""

    async def run():
        limits = httpx.Limits(max_connections=CONNECTIONS + 5)
        async with httpx.AsyncClient(
            base_url=ingest.url, headers=KEY, timeout=30, limits=limits
        ) as client:
            rooms = Newsrooms(client, ingest.ops_url)
            await work(rooms)
            return rooms

    return asyncio.run(run())


def stored(ingest):
    topic = ARTICLE_RECEIVED.full_name(ingest.env["NEWSMAN_NAMESPACE"])
    records = records_on(ingest.env["NEWSMAN_KAFKA_BOOTSTRAP"], topic)
    return {decode(ArticleReceived, record.value).article.uri for record in records}


def resident_mib(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


@pytest.mark.alone
def test_while_kafka_stands_still_what_does_not_fit_is_refused_and_memory_stays(
    ingest, own_broker, eventually
):
    async def work(rooms):
        await rooms.flood()
        rooms.seconds.clear()
        resident = [resident_mib(ingest.pid)]
        for _ in range(2):
            own_broker.pause()
            await asyncio.gather(rooms.flood(3 * TEN_TIMES), watch(rooms))
            resident.append(resident_mib(ingest.pid))
            own_broker.resume()
            await rooms.until_taken()
        assert max(resident) - resident[0] < GROWTH_MIB

    async def watch(rooms):
        seen = [await rooms.in_flight_bytes() for _ in range(20)]
        assert max(seen) <= BOUND_BYTES

    rooms = newsrooms(ingest, work)
    assert set(rooms.refusals) == {(503, "5")}
    assert median(rooms.seconds) < AT_ONCE_SECONDS  # most don't wait until Kafka is given up
    assert len(rooms.taken) > 0
    assert rooms.taken <= stored(ingest)
    empty = "\nnewsman_ingest_in_flight_bytes 0.0\n"
    eventually(
        lambda: empty in httpx.get(f"{ingest.ops_url}/metrics").text, what="nothing in flight"
    )


def test_all_that_is_taken_of_a_flood_over_a_slow_kafka_is_stored(ingest, own_broker):
    async def work(rooms):
        await rooms.until_taken()
        limping = asyncio.create_task(limp())
        await rooms.flood(3 * TEN_TIMES)
        limping.cancel()
        own_broker.resume()
        await rooms.until_taken()

    async def limp():
        while True:
            own_broker.pause()
            await asyncio.sleep(PAUSED_SECONDS)
            own_broker.resume()
            await asyncio.sleep(RUNNING_SECONDS)

    rooms = newsrooms(ingest, work)
    assert len(rooms.taken) > TEN_TIMES / 10
    assert {status for status, _ in rooms.refusals} <= {503}
    assert rooms.taken <= stored(ingest)


@pytest.mark.alone
@pytest.mark.parametrize("outage", ["pause", "kill"])
def test_no_push_waits_for_a_kafka_that_is_known_to_be_away(ingest, own_broker, eventually, outage):
    async def work(rooms):
        await rooms.until_taken()
        getattr(own_broker, outage)()
        await rooms.until_refused_at_once()
        quick = [await rooms.push() for _ in range(100)]
        assert {answer.status_code for answer in quick} == {503}
        late = [answer for answer in quick if answer.elapsed.total_seconds() > AT_ONCE_SECONDS]
        assert len(late) <= STALLS
        ready = await rooms.ops("/readyz")
        assert ready.status_code == 503
        assert "kafka" in ready.json()["problems"]
        if outage == "kill":
            own_broker.start()
        own_broker.resume()
        await rooms.until_taken()

    rooms = newsrooms(ingest, work)
    ingest.wait_ready()
    assert rooms.taken <= stored(ingest)


def test_a_batch_larger_than_the_bound_is_taken_when_it_is_alone(start_service):
    ingest = start_service("ingest", NEWSMAN_MAX_IN_FLIGHT_BYTES="1000").wait_ready()
    articles = [{"uri": f"urn:{n}", "headline": "A line", "body_text": BODY} for n in range(5)]
    answer = httpx.post(f"{ingest.url}/v1/articles", json=articles, headers=KEY, timeout=10)
    assert answer.status_code == 202


def test_started_without_kafka_it_refuses_at_once_and_takes_when_kafka_has_come(
    start_service, own_broker, eventually
):
    own_broker.kill()
    ingest = start_service("ingest", NEWSMAN_KAFKA_BOOTSTRAP=own_broker.bootstrap)

    async def work(rooms):
        await rooms.until_refused_at_once()
        own_broker.start()
        await asyncio.to_thread(own_broker.wait_ready)
        ensure_topics(own_broker.bootstrap, ingest.env["NEWSMAN_NAMESPACE"], replication=1)
        await rooms.until_taken()

    eventually(lambda: answers(ingest), what="ingest listens")
    rooms = newsrooms(ingest, work)
    assert rooms.taken <= stored(ingest)


def answers(ingest):
    try:
        return httpx.get(f"{ingest.ops_url}/healthz").status_code == 200
    except httpx.TransportError:
        return False
