"""Several processes on one port: killed, replaced, ended; what got a 202 is on the topic."""

import asyncio
import os
import re
import signal
import subprocess
import uuid
from pathlib import Path

import httpx
import pytest
from tests.log import records_on
from tests.waiting import until

from newsman.kafka.records import decode
from newsman_schemas.articles import ArticleReceived
from newsman_schemas.topics import ARTICLE_RECEIVED

KEY = {"Authorization": "Bearer demo-key"}
WORKERS = 3
PUSHERS = 8


@pytest.fixture(scope="module")
def shared_ingest(start_module_service):
    return start_module_service("ingest", NEWSMAN_INGEST_WORKERS=str(WORKERS))


@pytest.fixture
def ingest(shared_ingest, eventually):
    """All workers serve; started again where the test before ended it."""
    if shared_ingest.process.poll() is not None:
        shared_ingest.start()
    shared_ingest.wait_ready()
    eventually(lambda: all_serve(shared_ingest), what="all workers serve")
    return shared_ingest


def workers_of(pid: int) -> set[int]:
    """The children that run, zombies left out."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in found if "Z (zombie)" not in status(child)}


def status(pid) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "Z (zombie)"


def metric(ingest, name: str) -> float:
    text = httpx.get(f"{ingest.ops_url}/metrics", timeout=10).text
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.M))


def all_serve(ingest) -> bool:
    return metric(ingest, "newsman_ingest_workers") == WORKERS


class Pushers:
    """Newsrooms that push without a pause, on new connections now and then."""

    def __init__(self, url):
        self._url = url
        self._name = uuid.uuid4().hex
        self.taken = set()
        self.is_over = False

    async def push(self, number):
        count = 0
        while not self.is_over:
            async with httpx.AsyncClient(base_url=self._url, headers=KEY, timeout=10) as client:
                for _ in range(10):
                    count += 1
                    uri = f"urn:{self._name}:{number}:{count}"
                    article = {"uri": uri, "headline": "A line"}
                    try:
                        answer = await client.post("/v1/articles", json=article)
                    except httpx.TransportError:
                        break
                    if answer.status_code == 202:
                        self.taken.add(uri)

    async def until_taken(self, more):
        wanted = len(self.taken) + more
        await until(lambda: len(self.taken) >= wanted)

    async def run(self, meanwhile):
        pushing = [asyncio.create_task(self.push(number)) for number in range(PUSHERS)]
        await self.until_taken(100)
        await meanwhile(self)
        self.is_over = True
        await asyncio.gather(*pushing)


def stored(ingest):
    topic = ARTICLE_RECEIVED.full_name(ingest.env["NEWSMAN_NAMESPACE"])
    records = records_on(ingest.env["NEWSMAN_KAFKA_BOOTSTRAP"], topic)
    return {decode(ArticleReceived, record.value).article.uri for record in records}


def test_a_worker_that_dies_is_replaced_and_costs_only_what_it_held(ingest, eventually):
    restarts = metric(ingest, "newsman_ingest_worker_restarts_total")
    before = workers_of(ingest.pid)

    async def kill_one(pushers):
        os.kill(min(before), signal.SIGKILL)
        await pushers.until_taken(200)

    pushers = Pushers(ingest.url)
    asyncio.run(pushers.run(kill_one))
    eventually(lambda: all_serve(ingest), what="the replacement serves")
    after = workers_of(ingest.pid)
    assert len(after) == WORKERS
    assert len(before & after) == WORKERS - 1
    assert metric(ingest, "newsman_ingest_worker_restarts_total") == restarts + 1
    assert pushers.taken <= stored(ingest)


def test_metrics_are_of_all_workers_whichever_answers(ingest, eventually):

    async def nothing(_):
        pass

    before = metric(ingest, "newsman_ingest_articles_total")
    pushers = Pushers(ingest.url)
    asyncio.run(pushers.run(nothing))
    counted = {metric(ingest, "newsman_ingest_articles_total") for _ in range(12)}
    assert counted == {before + len(pushers.taken)}
    assert metric(ingest, "newsman_ingest_in_flight_bytes") == 0


def test_a_signal_ends_all_workers_and_loses_nothing_that_was_acknowledged(ingest, eventually):
    workers = workers_of(ingest.pid)

    async def end(pushers):
        ingest.process.terminate()
        assert await asyncio.to_thread(ingest.process.wait, 30) == 0

    pushers = Pushers(ingest.url)
    asyncio.run(pushers.run(end))
    assert all("Z (zombie)" in status(pid) for pid in workers)
    assert pushers.taken <= stored(ingest)


def test_workers_end_with_their_keeper_and_leave_the_port(ingest, eventually):
    workers = workers_of(ingest.pid)
    ingest.kill()
    eventually(lambda: all("Z (zombie)" in status(pid) for pid in workers), what="workers ended")
    ingest.start()
    ingest.wait_ready()


def test_a_port_that_is_taken_is_said_so(ingest):
    second = subprocess.run(
        [ingest.process.args[0], "-m", "newsman.cli", "ingest"],
        env=ingest.env,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 2
    assert "NEWSMAN_PORT" in second.stderr


def test_a_worker_that_answers_no_more_shows_in_healthz_and_is_replaced(ingest, eventually):
    assert httpx.get(f"{ingest.ops_url}/healthz").status_code == 200
    stuck = min(workers_of(ingest.pid))
    os.kill(stuck, signal.SIGSTOP)
    eventually(
        lambda: (
            (answer := httpx.get(f"{ingest.ops_url}/healthz", timeout=10)).status_code == 503
            and answer.json()["problems"]["loop"] == "1 of 3 workers do not answer"
        ),
        timeout=20,
        what="its silence shows",
    )
    eventually(lambda: "Z (zombie)" in status(stuck), timeout=90, what="it is killed")
    eventually(
        lambda: httpx.get(f"{ingest.ops_url}/healthz", timeout=10).status_code == 200, timeout=30
    )
    eventually(lambda: len(workers_of(ingest.pid)) == WORKERS, what="it is replaced")
