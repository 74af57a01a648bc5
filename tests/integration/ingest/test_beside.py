"""Large pushes are read in a process beside: others don't wait, and its death costs a retry."""

import contextlib
import json
import os
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

KEY = {"Authorization": "Bearer demo-key"}
SMALL = {"uri": "urn:small", "headline": "A line"}
LINES = "\n".join(
    json.dumps({"uri": f"urn:large:{n}", "headline": "A line", "body_html": f"<p>{n}</p>" * 150})
    for n in range(6_000)
).encode()


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()


@pytest.fixture
def client(ingest):
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=60) as client:
        yield client


def push_lines(client):
    return client.post(
        "/v1/articles", content=LINES, headers={"Content-Type": "application/x-ndjson"}
    )


def process_beside(ingest):
    """The pid of the one child that reads what is large, or None."""
    children = Path(f"/proc/{ingest.pid}/task/{ingest.pid}/children").read_text().split()
    for pid in children:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return None


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
    pid = eventually(lambda: process_beside(ingest))
    large = InBackground(lambda: push_lines(client))
    eventually(lambda: is_busy(pid))
    os.kill(pid, signal.SIGKILL)
    assert large.result().status_code == 202
    assert process_beside(ingest) != pid


def test_when_it_dies_again_and_again_the_push_may_come_again(ingest, client):
    large = InBackground(lambda: push_lines(client))
    while large.is_under_way:
        if pid := process_beside(ingest):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    answer = large.result()
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert push_lines(client).status_code == 202


def is_busy(pid):
    """Whether it has used a tenth of a second more than its start took."""
    return cpu_ticks(pid) - cpu_ticks_at_rest.setdefault(pid, cpu_ticks(pid)) > 10


cpu_ticks_at_rest: dict[int, int] = {}


def cpu_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_process_ends_with_ingest(ingest, eventually, number):
    pid = eventually(lambda: process_beside(ingest))
    ingest.process.send_signal(number)
    ingest.process.wait(20)
    eventually(lambda: not is_alive(pid))


def test_a_push_under_way_is_answered_when_ingest_is_told_to_end(ingest, client, eventually):
    pid = eventually(lambda: process_beside(ingest))
    large = InBackground(lambda: push_lines(client))
    eventually(lambda: is_busy(pid))
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
