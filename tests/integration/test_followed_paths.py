"""A push, a view and a feed run through the files by which the documentation follows them."""

import asyncio
import hashlib
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from tests.integration.feeds.conftest import Desk
from tests.integration.feeds.serving import serving
from tests.unit.ingest.test_web import ARTICLE, FIREFOX, JSON, KEY, edge, sender
from tests.unit.popularity.test_consumer import PART, SECOND, FakeConsumer

from newsman.ingest.web import build_web
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.popularity import consumer as counting
from newsman.popularity.consumer import ViewCounter
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.counting.script import PARTS
from newsman.rankings.ranking import RankingRequest, Rankings
from newsman.redis.client import build_async_client
from newsman.runtime.health import Pulse
from newsman_schemas.topics import ARTICLE_VIEWED

__all__ = ["edge", "sender"]

REPOSITORY = Path(__file__).resolve().parents[2]
SERVICES = REPOSITORY / "services" / "newsman"
MOST_FILES = {"A push": 4, "A view": 6, "A feed": 4}
STEP = re.compile(r"^\d\. `([\w/.]+)`(?: \(([^)]+)\))?", re.MULTILINE)
Ran = dict[str, set[str]]
"""The functions that ran, by the file that they are in."""


def followed(title: str) -> dict[str, list[str]]:
    """The files of one path as the documentation has them, with the functions that it names."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text()
    text = page.partition(f"\n### {title}\n")[2].partition("\n#")[0]
    return {file: re.findall(r"`(\w+)`", named) for file, named in STEP.findall(text)}


@contextmanager
def traced() -> Iterator[Ran]:
    """Notes which functions of the services run, in this thread and in those that begin here."""
    ran: Ran = defaultdict(set)

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(SERVICES)):
            ran[str(Path(code.co_filename).relative_to(SERVICES))].add(code.co_name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield ran
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def missing(title: str, ran: Ran) -> dict[str, set[str]]:
    """What did not run of the files and functions that a path names."""
    path = followed(title)
    assert 0 < len(path) <= MOST_FILES[title]
    unrun = {file: {*functions} - ran.get(file, set()) for file, functions in path.items()}
    return {file: names for file, names in unrun.items() if names or file not in ran}


async def pushed(edge, path: str, body: dict, headers: dict) -> httpx.Response:
    transport = httpx.ASGITransport(build_web(edge))
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as http:
        return await http.post(path, json=body, headers=headers)


def test_a_push_runs_through_the_files_that_it_is_followed_by(edge, sender):
    with traced() as ran:
        answer = asyncio.run(pushed(edge, "/v1/articles", ARTICLE, JSON))
    assert answer.status_code == 202
    assert len(sender.on("article-received.v1")) == 1
    assert missing("A push", ran) == {}


def ranked(redis_url: str, namespace: str) -> list[str]:
    async def run() -> list[str]:
        client = build_async_client(redis_url)
        rankings = Rankings(client, namespace, ARTICLE_VIEWED.partitions)
        rows = await rankings.rows(RankingRequest("views", "24h"), now=datetime.now(UTC))
        await client.aclose()
        return [row.article_id for row in rows]

    return asyncio.run(run())


def scripts_run(client) -> Ran:
    """The files of the script that Redis has run."""
    folder = files("newsman.popularity.counting")
    script = "\n".join((folder / name).read_text() for name in PARTS)
    (is_known,) = client.script_exists(hashlib.sha1(script.encode()).hexdigest())
    return {f"popularity/counting/{name}": set() for name in PARTS if is_known}


def test_a_view_runs_through_the_files_that_it_is_followed_by(
    edge, sender, redis_url, redis_client, namespace, monkeypatch
):
    monkeypatch.setattr(counting, "COMMIT_SECONDS", 0)
    article, now = Desk(redis_client, namespace).publish("read"), datetime.now(UTC)
    reader = {**KEY, "User-Agent": FIREFOX}
    store = CountStore(redis_client, namespace, window_seconds=1_800)
    redis_client.script_flush()
    with traced() as ran:
        answer = asyncio.run(
            pushed(replace(edge, clock=lambda: now), "/v1/views", {"article": article}, reader)
        )
        (record,) = sender.on("article-viewed.v2")
        place = {"offset": 0, "timestamp": int(now.timestamp() * 1000), "key": record.key}
        log = FakeConsumer([], [SimpleNamespace(value=record.value, **place)])
        pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
        counter = ViewCounter(log, store, pytest.fail, pulse, watch)
        counter.take_over([PART, SECOND])
        counter.turn()
        counter.close()
        rows = ranked(redis_url, namespace)
    assert answer.status_code == 202
    assert rows == [article]
    assert missing("A view", {**ran, **scripts_run(redis_client)}) == {}


def test_a_feed_runs_through_the_files_that_it_is_followed_by(redis_url, redis_client, namespace):
    article = Desk(redis_client, namespace).publish("read")
    with traced() as ran, serving(redis_url, namespace) as http:
        answer = http.get("/latest.rss")
    assert article in answer.text
    assert missing("A feed", ran) == {}
