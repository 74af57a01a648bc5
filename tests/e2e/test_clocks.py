"""Two processes of ingest whose clocks differ by ten minutes: where a newsroom gives no time, the
later in the log is what everybody has, whichever clock it came by."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from tests.conftest import RunningService

from newsman_schemas.articles import article_id

from .conftest import Newsroom
from .test_holds_everywhere import rebuild

KEY = {"Authorization": "Bearer demo-key"}
AHEAD_SECONDS = 600
CLOCK = Path(__file__).parent / "other_clock"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
FIRST, LAST = "Said first", "Said last"


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[str, list[dict]]]:
    """The address of a subscriber, and what it was told."""
    told: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", told
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def services(start_module_service, told) -> dict[str, RunningService]:
    """A newsroom with a second ingest, whose clock is ten minutes ahead."""
    fast = {"PYTHONPATH": str(CLOCK), "CLOCK_AHEAD_SECONDS": str(AHEAD_SECONDS)}
    hook = {"NEWSMAN_WEBHOOK_URL": told[0], "NEWSMAN_WEBHOOK_SECRET": SECRET}
    services = {
        "fast": start_module_service("ingest", **fast),
        "deliver": start_module_service("deliver", **hook),
        **{name: start_module_service(name) for name in ("ingest", "enrich", "publish", "feeds")},
    }
    for service in services.values():
        service.wait_ready()
    return services


def documents(name: str, words: str) -> dict[str, tuple[str, str, str]]:
    """One text in each kind of push that gives no time: path, media type, body."""
    native = {"uri": f"urn:{name}:native", "headline": words, "body_text": words, "version": 1}
    ninjs = {"guid": f"urn:{name}:dialect", "type": "text", "headline": words, "version": "1"}
    item = f"<guid>urn:{name}:rss</guid><title>{words}</title><description>{words}</description>"
    rss = f'<rss version="2.0"><channel><title>t</title><item>{item}</item></channel></rss>'
    return {
        "native": ("/v1/articles", "application/json", json.dumps(native)),
        "dialect": ("/push", "application/json", json.dumps(ninjs)),
        "rss": ("/v1/articles", "application/rss+xml", rss),
    }


def push(ingest: RunningService, name: str, words: str) -> list[str]:
    """The ids of the articles, once their pushes are in the log."""
    for path, kind, body in documents(name, words).values():
        headers = {**KEY, "Content-Type": kind}
        answer = httpx.post(ingest.url + path, content=body, headers=headers)
        assert answer.status_code in (200, 202), answer.text + ingest.log()
    return [article_id("demo", f"urn:{name}:{kind}") for kind in documents(name, words)]


class Stream:
    """The headlines that the live stream tells of each article, in their order."""

    def __init__(self, url: str) -> None:
        self.told: list[tuple[str, str]] = []
        self._is_open = threading.Event()
        threading.Thread(target=self._read, args=(url,), daemon=True).start()
        assert self._is_open.wait(20)

    def last(self, article_id: str) -> str | None:
        headlines = [headline for ident, headline in self.told if ident == article_id]
        return headlines[-1] if headlines else None

    def _read(self, url: str) -> None:
        timeout = httpx.Timeout(10, read=120)
        headers = {"Accept": "application/x-ndjson"}
        with (
            suppress(httpx.RemoteProtocolError),
            httpx.Client(timeout=timeout, headers=headers) as client,
            client.stream("GET", f"{url}/v1/stream") as answer,
        ):
            for line in answer.iter_lines():
                self._is_open.set()
                if line.startswith('{"event": "article.'):
                    data = json.loads(line)["data"]
                    self.told.append((data["id"], data.get("headline")))


def headlines(feeds: httpx.Client, ids: list[str]) -> list[str]:
    return [feeds.get(f"/v1/articles/{ident}").json().get("headline") for ident in ids]


@pytest.mark.parametrize("last", ["the right clock", "the fast clock"])
def test_the_later_in_the_log_wins_at_every_exit(services, told, eventually, last):
    ingests = [services["fast"], services["ingest"]]
    first, final = ingests if last == "the right clock" else ingests[::-1]
    name = f"clocks-{uuid.uuid4().hex[:8]}"
    stream = Stream(services["feeds"].url)
    with httpx.Client(base_url=services["feeds"].url) as feeds:
        ids = push(first, name, FIRST)
        eventually(lambda: headlines(feeds, ids) == [FIRST] * len(ids), what="the first")
        push(final, name, LAST)
        eventually(lambda: headlines(feeds, ids) == [LAST] * len(ids), what="the last")
        eventually(lambda: [stream.last(ident) for ident in ids] == [LAST] * len(ids))
        eventually(lambda: [delivered(told[1], ident) for ident in ids] == [LAST] * len(ids))
        check_exits(feeds, ids)
        env = services["feeds"].env
        names = ("NAMESPACE", "REDIS_URL", "KAFKA_BOOTSTRAP")
        rebuild(Newsroom(*(env[f"NEWSMAN_{name}"] for name in names), services))
        check_exits(feeds, ids)


def delivered(told: list[dict], article_id: str) -> str | None:
    """The headline that the subscriber was told of last."""
    articles = [event["data"].get("article") or {} for event in told]
    headlines = [one["headline"] for one in articles if one.get("id") == article_id]
    return headlines[-1] if headlines else None


def check_exits(feeds: httpx.Client, ids: list[str]) -> None:
    for ident in ids:
        for form in ("", ".ninjs", ".nitf", ".newsml"):
            text = feeds.get(f"/articles/{ident}{form}").text
            assert LAST in text
            assert FIRST not in text
        versions = feeds.get(f"/v1/articles/{ident}/versions").json()["items"]
        assert [version["headline"] for version in versions] == [LAST, FIRST]
    for form in ("rss", "atom", "json", "ninjs"):
        listed = feeds.get(f"/latest.{form}?limit=100").text
        assert all(ident in listed for ident in ids)
        assert FIRST not in listed
    assert_is_ahead(feeds, ids)


def assert_is_ahead(feeds: httpx.Client, ids: list[str]) -> None:
    """The one clock was really ahead, and both pushes of each article came within the minute."""
    for ident in ids:
        trail = feeds.get(f"/v1/articles/{ident}").json()["trail"]
        came = [datetime.fromisoformat(s["at"]) for s in trail if s["stage"] == "received"]
        assert timedelta(minutes=8) < max(came) - min(came) < timedelta(minutes=12)
        assert max(came) > datetime.now(UTC) + timedelta(minutes=5)
