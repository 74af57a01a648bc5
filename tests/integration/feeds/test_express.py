"""Answers from the shelf, through everything that a request goes through, over the real store."""

import time

import pytest
import redis
from prometheus_client import REGISTRY
from starlette.middleware import Middleware

from newsman.feeds.cache.store_watch import FRESH_SECONDS

from .conftest import CUP, Desk
from .serving import serving
from .test_http import EXITS

PAGES = (*(path for path in EXITS if not path.startswith("/v1/")), "/articles/{id}")
SITES = {"cors_origins": "https://a.example"}


class Still:
    """No age is over while a test looks."""

    now = 1_772_452_800.0

    def __call__(self) -> float:
        return self.now


class Routes:
    """Counts what comes as far as the routes."""

    reached = 0

    def __call__(self, app):
        async def count(scope, receive, send):
            self.reached += scope["type"] == "http"
            await app(scope, receive, send)

        return count


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
def http(redis_url, namespace, routes):
    around = [Middleware(routes)]
    with serving(redis_url, namespace, clock=Still(), around=around, **SITES) as http:
        yield http


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"accept-encoding": "identity"},
        {"accept-encoding": "gzip, deflate, br"},
        {"accept-encoding": "br;q=1.0, gzip;q=0"},
        {"origin": "https://a.example"},
        {"origin": "https://b.example"},
        {"if-none-match": '"other", *'},
        {"if-none-match": 'W/"other"'},
        {"if-modified-since": "Mon, 01 Jun 2099 00:00:00 GMT"},
        {"if-modified-since": "no date"},
    ],
    ids=str,
)
def test_from_the_shelf_comes_what_the_route_would_say(http, cup, routes, path, headers):
    path = path.format(id=cup)
    for method in ("GET", "HEAD"):
        # Another query is another address, but the same answer of the same route.
        made = http.request(method, f"{path}{'&' if '?' in path else '?'}{method}", headers=headers)
        http.get(path)
        reached = routes.reached
        for _ in range(2):
            kept = http.request(method, path, headers=headers)
            assert routes.reached == reached
            assert (kept.status_code, kept.content) == (made.status_code, made.content)
            assert kept.headers.raw == made.headers.raw


def test_every_answer_from_the_shelf_is_counted(http, cup):
    etag = http.get("/latest.rss").headers["etag"]
    before = [
        counted("newsman_feeds_requests_total", status="304"),
        counted("newsman_feeds_shelf_total", found="yes"),
    ]
    assert http.get("/latest.rss", headers={"If-None-Match": etag}).status_code == 304
    after = [
        counted("newsman_feeds_requests_total", status="304"),
        counted("newsman_feeds_shelf_total", found="yes"),
    ]
    assert after == [count + 1 for count in before]


def test_the_limit_of_the_api_is_the_apis_alone(redis_url, namespace, desk, cup):
    with serving(redis_url, namespace, api_requests_per_minute=1) as http:
        answers = [http.get(path).status_code for path in ("/v1/popular", "/latest.rss") * 3]
    assert answers == [200, 200, 429, 200, 429, 200]


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_what_only_reads_stays_refused_on_the_shelf(http, cup, method):
    http.get("/latest.rss")
    assert http.request(method, "/latest.rss").status_code == 405


@pytest.mark.parametrize("path", ["/latest.rss", "/", "/articles/{id}"])
def test_a_kill_is_seen_by_who_asks_later_than_a_few_milliseconds(redis_url, namespace, desk, path):
    with serving(redis_url, namespace, fresh_seconds=FRESH_SECONDS, clock=Still()) as http:
        for number in range(20):
            name = f"cup-{number}"
            address = path.format(id=desk.publish(name, **CUP))
            shown = f"News of {name}"
            while shown not in http.get(address).text:
                pass  # a few milliseconds
            desk.take_away(name, **CUP)
            killed_at = time.monotonic()
            while True:
                asked_at = time.monotonic()
                if shown not in http.get(address).text:
                    break
                assert asked_at - killed_at <= FRESH_SECONDS


def test_when_the_store_is_lost_or_away_the_shelf_says_nothing(own_valkey, eventually):
    client = redis.Redis(port=own_valkey.port)
    desk = Desk(client, "t")
    desk.publish("cup", **CUP)
    with serving(own_valkey.url, "t", fresh_seconds=FRESH_SECONDS) as http:
        first = http.get("/latest.rss")
        assert http.get("/latest.rss").content == first.content
        own_valkey.kill()
        eventually(lambda: http.get("/latest.rss").status_code == 503)
        own_valkey.start()
        own_valkey.wait_ready()
        eventually(lambda: http.get("/latest.rss").status_code == 200)
        assert http.get("/latest.rss").content == first.content
        client.flushall()
        eventually(lambda: http.get("/latest.rss").status_code == 503)
        assert http.get("/latest.rss").status_code == 503
    client.close()
