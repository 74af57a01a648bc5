"""A whole Newsman on a Redis Cluster, one of whose masters dies."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from tests.redis_servers import ValkeyCluster, started

from newsman.redis.keys import ArticleKeys
from newsman.services import SERVICES

KEY = {"Authorization": "Bearer demo-key"}
BEFORE, AFTER, VIEWS = 12, 12, 5


@pytest.fixture
def cluster(tmp_path) -> Iterator[ValkeyCluster]:
    with started(ValkeyCluster(tmp_path / "cluster")) as cluster:
        yield cluster


@pytest.fixture
def told() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of a receiver of webhooks, and type and article of all that it took."""
    taken: list[tuple[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["content-length"])))
            taken.append((message["type"], message["data"].get("id", "")))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/", taken
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stack(start_service, cluster, told):
    settings = {
        "NEWSMAN_REDIS_URL": cluster.url,
        "NEWSMAN_WEBHOOK_URL": told[0],
        "NEWSMAN_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "NEWSMAN_OUTBOUND_NETWORKS": "127.0.0.0/8",
        "NEWSMAN_OUTBOUND_PORTS": "1-65535",
    }
    services = {name: start_service(name, **settings) for name in SERVICES}
    for service in services.values():
        service.wait_ready()
    return services


def test_all_goes_on_when_a_master_dies(stack, cluster, told, topics, eventually):
    _, taken = told
    ingest = httpx.Client(base_url=stack["ingest"].url, headers=KEY, timeout=30)
    feeds = httpx.Client(base_url=stack["feeds"].url, timeout=30)

    def send(path: str, document: object) -> httpx.Response:
        # Whoever is told to come again does, as newsrooms do.
        return eventually(
            lambda: (a := ingest.post(path, json=document)).status_code == 202 and a,
            what=f"{path} takes what it is sent",
        )

    def push(number: int, version: int = 1, **fields: str) -> str:
        article = {"uri": f"urn:cluster:{number}", "version": version, **fields}
        article |= {"headline": f"Lock {number} opens", "body_text": f"Lock {number} of Ghent."}
        return send("/v1/articles", article).json()["id"]

    def view(articles: list[str], readers: str) -> None:
        views = [{"article": a, "reader": f"{readers}{n}"} for a in articles for n in range(VIEWS)]
        send("/v1/views", views)

    def listed() -> set[str]:
        answer = feeds.get("/v1/articles?limit=100")
        return {each["id"] for each in answer.json()["items"]} if answer.is_success else set()

    def counts() -> dict[str, int]:
        answer = feeds.get("/v1/popular?window=24h&limit=50")
        items = answer.json()["items"] if answer.is_success else []
        return {each["id"]: each["views"] for each in items}

    first = [push(number) for number in range(BEFORE)]
    eventually(lambda: listed() == set(first), what=lambda: f"{first} are listed: {listed()}")
    view(first, "early")
    eventually(lambda: counts() == dict.fromkeys(first, VIEWS), what=lambda: f"counts: {counts()}")

    cluster.kill_master_of(ArticleKeys(topics).article(first[0]))
    late = [push(BEFORE + number) for number in range(AFTER)]
    view([*first, *late], "late")
    push(0, 2, pubstatus="canceled")
    left = {*first[1:], *late}
    eventually(lambda: listed() == left, timeout=90, what=lambda: f"{left} are: {listed()}")
    assert feeds.get(f"/v1/articles/{first[0]}").status_code == 410
    seen = {each: VIEWS if each in late else 2 * VIEWS for each in left}
    eventually(lambda: counts() == seen, what=lambda: f"{seen} counts: {counts()}")
    wanted = {("article.published", each) for each in (*first, *late)}
    wanted |= {("article.killed", first[0])}
    eventually(lambda: set(taken) >= wanted, what=lambda: f"told of {wanted - set(taken)}")

    rebuilt("store", stack["publish"].env)
    assert listed() == left
    rebuilt("popularity", stack["publish"].env)
    eventually(lambda: counts() == seen, what=lambda: f"{seen} counts again: {counts()}")


def rebuilt(what: str, env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "newsman.cli", "rebuild", what]
    done = subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
