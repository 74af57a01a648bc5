"""All but small JSON is read in a process beside: others don't wait, its death costs a retry."""

import contextlib
import json
import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from tests.log import records_on

from newsman_schemas.topics import REJECTED

KEY = {"Authorization": "Bearer demo-key"}
JSON = {"Content-Type": "application/json"}
SMALL = {"uri": "urn:small", "headline": "A line"}
PARAGRAPH = "<p>The ferry came with the evening tide.</p>"
LINES = "\n".join(
    json.dumps({"uri": f"urn:large:{n}", "headline": "A line", "body_html": PARAGRAPH * 30})
    for n in range(6_000)
).encode()


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()


@pytest.fixture
def client(ingest):
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=60) as client:
        yield client


def push_lines(client, lines=LINES):
    return client.post(
        "/v1/articles", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )


def processes_beside(ingest):
    """The children that read what senders wrote."""
    children = Path(f"/proc/{ingest.pid}/task/{ingest.pid}/children").read_text().split()
    found = []
    for pid in children:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if b"newsman.ingest.reading.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
    return found


def busy_process(ingest):
    """One that reads now, or None."""
    return next((pid for pid in processes_beside(ingest) if is_busy(pid)), None)


def is_alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class InBackground:
    """A call in a thread, and what it returned."""

    def __init__(self, call):
        self._call = call
        self.returned = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        self.returned = self._call()

    @property
    def is_under_way(self):
        return self._thread.is_alive()

    def result(self):
        self._thread.join(60)
        return self.returned


@pytest.mark.alone
def test_small_pushes_do_not_wait_for_a_large_one(ingest, client):
    push_lines(client)  # so that the process has started
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=60) as other:
        large = InBackground(lambda: push_lines(other))
        delays = []
        while large.is_under_way:
            began = time.monotonic()
            assert client.post("/v1/articles", json=SMALL).status_code == 202
            delays.append(time.monotonic() - began)
    answer = large.result()
    assert answer.status_code == 202
    assert len(answer.json()["items"]) == 6_000
    assert len(delays) > 5
    assert sorted(delays)[len(delays) // 2] < 0.25


def test_when_the_process_dies_the_push_is_read_by_the_next_one(ingest, client, eventually):
    push_lines(client)
    large = InBackground(lambda: push_lines(client))
    pid = eventually(lambda: busy_process(ingest))
    os.kill(pid, signal.SIGKILL)
    assert large.result().status_code == 202
    assert pid not in processes_beside(ingest)


def test_when_it_dies_again_and_again_the_push_may_come_again(ingest, client):
    large = InBackground(lambda: push_lines(client))
    while large.is_under_way:
        if pid := busy_process(ingest):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    answer = large.result()
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert push_lines(client).status_code == 202


def is_busy(pid):
    """Whether it has loaded everything, and runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        limits = Path(f"/proc/{pid}/limits").read_text()
    except OSError:
        return False
    return state == "R" and not re.search(r"Max address space +unlimited", limits)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_process_ends_with_ingest(ingest, eventually, number):
    pids = eventually(lambda: processes_beside(ingest))
    ingest.process.send_signal(number)
    ingest.process.wait(20)
    eventually(lambda: not any(map(is_alive, pids)))


def test_a_push_under_way_is_answered_when_ingest_is_told_to_end(ingest, client, eventually):
    push_lines(client)
    # It must be done within the time to end, on a busy machine too.
    lines = b"\n".join(LINES.splitlines()[:2_000])
    large = InBackground(lambda: push_lines(client, lines))
    eventually(lambda: busy_process(ingest))
    ingest.process.send_signal(signal.SIGTERM)
    assert large.result().status_code == 202
    assert ingest.process.wait(20) == 0


def test_what_is_wrong_in_a_large_push_is_told_as_in_a_small_one(client):
    bad = b"{" + b" " * 300_000
    answer = client.post("/v1/articles", content=bad, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"]
    answer = client.post("/v1/articles?format=odd", content=b"x" * 300_000)
    assert answer.status_code == 415


@pytest.fixture
def strict(start_service):
    return start_service("ingest", NEWSMAN_READING_CPU_SECONDS="0.3").wait_ready()


def test_what_costs_too_much_is_refused_counted_and_parked_while_others_go_on(
    strict, topics, kafka_bootstrap, eventually
):
    headers = {**KEY, "Content-Type": "text/html"}
    costly = b"<html><article>" + b"<p>A long <a href='/x'>page</a>.</p>" * 150_000
    with httpx.Client(base_url=strict.url, headers=headers, timeout=60) as client:
        answer = client.post("/v1/articles", content=costly)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["reason"] == "costly-processor"
        assert "0.3 s of processor time" in answer.json()["detail"]
        assert client.post("/v1/articles", json=SMALL, headers=JSON).status_code == 202
        assert client.post("/v1/articles", content=b"<title>A</title><p>b").status_code == 202
        metrics = client.get(f"{strict.ops_url}/metrics").text
    assert 'newsman_ingest_readings_refused_total{reason="processor"} 1.0' in metrics
    (parked,) = eventually(lambda: records_on(kafka_bootstrap, REJECTED.full_name(topics)))
    assert parked.value == costly
    assert dict(parked.headers)["newsman-reason"] == b"costly-processor"


def test_a_source_whose_pushes_cost_too_much_is_read_less(strict):
    costly = b"<html><article>" + b"<p>A long <a href='/x'>page</a>.</p>" * 150_000
    with httpx.Client(base_url=strict.url, headers=KEY, timeout=60) as client:
        page = {"Content-Type": "text/html"}

        def push(_: int = 0) -> httpx.Response:
            return client.post("/v1/articles", content=costly, headers=page)

        # Side by side, so that all ten are in one minute on a busy machine too.
        with ThreadPoolExecutor(4) as pool:
            assert [answer.status_code for answer in pool.map(push, range(10))] == [422] * 10
        refused = push()
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) <= 61
        assert client.post("/v1/articles", json=SMALL, headers=JSON).status_code == 202
        other = {"Authorization": "Bearer other-key", **page}
        small = client.post("/v1/articles", content=b"<title>A</title><p>b", headers=other)
        assert small.status_code == 202
