"""Answers from the shelf, through everything that a request goes through, over the real store."""

import contextlib
import re
import time

import httpx
import pytest
import redis
from prometheus_client import REGISTRY
from starlette.middleware import Middleware
from tests.integration.web.serving import answer_of, connect, statuses

from newsman.feeds.cache.store_watch import FRESH_SECONDS

from .conftest import CUP, Desk
from .serving import served, serving
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


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-encoding": "identity"},
        {"accept-encoding": "gzip, deflate, br"},
        {"if-none-match": '"other", *'},
        {"if-modified-since": "Mon, 01 Jun 2099 00:00:00 GMT"},
    ],
    ids=str,
)
def test_what_stands_ready_is_written_as_the_application_would_say_it(
    redis_url, namespace, cup, headers
):
    layer = Routes()
    with (
        served(redis_url, namespace, fresh_seconds=60, clock=Still(), known=layer) as url,
        httpx.Client(base_url=url) as http,
    ):
        for path in ("/", "/latest.rss", "/sections/sport", f"/articles/{cup}"):
            # Nobody from elsewhere is let in, so Origin changes nothing but the way.
            first = http.get(path, headers=headers | {"origin": "https://a.example"})
            reached = layer.reached
            counts = counted("newsman_feeds_requests_total", status=str(first.status_code))
            made = (first, http.get(path, headers=headers))
            assert layer.reached == reached
            assert made[0].content == made[1].content
            again = made[1].status_code
            assert made[0].status_code == again == (304 if "if-none-match" in headers else 200)
            told = [[f for f in answer.headers.raw if f[0] != b"date"] for answer in made]
            assert told[0] == told[1]
            after = counted("newsman_feeds_requests_total", status=str(again))
            assert after == counts + 1


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("HEAD", "/latest.rss", {}),
        ("POST", "/latest.rss", {}),
        ("GET", "/latest.rss", {"authorization": "Basic abc"}),
        ("GET", "/latest.rss", {"content-length": "0"}),
        ("GET", "/latest.rss", {"connection": "close"}),
        ("GET", "/latest.rss", {"connection": "upgrade", "upgrade": "h2c"}),
        ("GET", "/latest.rss?other", {}),
        ("GET", "/v1/articles", {}),
    ],
)
def test_what_layers_have_a_say_in_goes_through_them(
    redis_url, namespace, cup, method, path, headers
):
    layer = Routes()
    with (
        served(redis_url, namespace, fresh_seconds=60, clock=Still(), known=layer) as url,
        httpx.Client(base_url=url) as http,
    ):
        assert http.get("/latest.rss").status_code == 200
        reached = layer.reached
        assert http.request(method, path, headers=headers).status_code in (200, 405)
        assert layer.reached == reached + 1


def test_pipelined_requests_are_answered_in_their_order(redis_url, namespace, cup):
    with served(redis_url, namespace, fresh_seconds=60, clock=Still()) as url:
        kept, made = (f"GET {path} HTTP/1.1\r\nHost: a\r\n" for path in ("/latest.rss", "/popular"))
        httpx.get(f"{url}/latest.rss")
        with connect(int(url.rpartition(":")[2])) as client:
            asked = [kept, kept, made, kept, made, kept + "Connection: close\r\n"]
            client.sendall("".join(f"{head}\r\n" for head in asked).encode())
            came = answer_of(client)
    assert statuses(came) == [200] * len(asked)
    types = re.findall(rb"content-type: (\S+?);", came)
    assert types == [b"text/html" if head is made else b"application/rss+xml" for head in asked]


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


@contextlib.contextmanager
def behind_its_server(redis_url, namespace, **options):
    with (
        served(redis_url, namespace, **options) as url,
        httpx.Client(base_url=url) as http,
    ):
        yield http


@pytest.mark.parametrize("reached", [serving, behind_its_server])
@pytest.mark.parametrize("path", ["/latest.rss", "/", "/articles/{id}"])
def test_a_kill_is_seen_by_who_asks_later_than_a_few_milliseconds(
    redis_url, namespace, desk, path, reached
):
    with reached(redis_url, namespace, fresh_seconds=FRESH_SECONDS, clock=Still()) as http:
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
