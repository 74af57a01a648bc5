"""Every answer of every service keeps browsers from guessing, and names no host of its asker."""

import re
import socket
from contextlib import ExitStack

import httpx
import pytest
from tests.unused import made

from newsman.feeds.api.front import front_routes
from newsman.feeds.api.popular import popular_routes
from newsman.feeds.api.routes import api_routes
from newsman.feeds.api.statistics import Statistics
from newsman.feeds.assets.routes import asset_routes
from newsman.feeds.corrections.routes import CorrectionPages
from newsman.feeds.pages.archive import ArchiveRoutes
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.listings import ListingRoutes
from newsman.feeds.pages.search import SearchRoutes
from newsman.feeds.pages.site import SiteRoutes
from newsman.feeds.stream.routes import StreamRoutes
from newsman.ingest.web import build_web
from newsman.services import SERVICES

HOST = "elsewhere.example"
SPOOFED = {
    "Host": HOST,
    "X-Forwarded-Host": HOST,
    "X-Forwarded-Proto": "gopher",
    "Forwarded": f"host={HOST};proto=gopher",
}
OPS = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json")
GROUPS = (
    PageRoutes,
    ListingRoutes,
    CorrectionPages,
    Statistics,
    SearchRoutes,
    SiteRoutes,
    ArchiveRoutes,
    StreamRoutes,
)
BUILDERS = (api_routes, popular_routes, front_routes, asset_routes)
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "PROPFIND")
STREAMS = re.compile(r"^/v1/stream(/|$)")
SAMPLES = {"article_id": "aaaaaaaaaaaaaaaa", "number": "1", "number:int": "1"}


def feeds_routes():
    return [
        *(route for group in GROUPS for route in made(group).routes()),
        *(route for build in BUILDERS for route in made(build)),
    ]


def paths(routes):
    """An address of each route, of its own errors, and one beside it."""
    found = {
        re.sub(r"\{([^}]*)\}", lambda name: SAMPLES.get(name[1], "none"), route.path)
        for route in routes
    }
    return sorted(
        {*found, *(f"{path}/" for path in found), *(f"{path}.rss" for path in found), "/%ff", "//x"}
    )


@pytest.fixture(scope="module")
def client():
    with httpx.Client(timeout=20) as client:
        yield client


def lacking(answer):
    """What is wrong with the headers of an answer."""
    head = answer.headers
    is_page = head.get("content-type", "").startswith("text/html")
    location = head.get("location", "")
    faults = {
        "nosniff": head.get_list("x-content-type-options") != ["nosniff"],
        "referrer": len(head.get_list("referrer-policy")) != 1,
        "opener": is_page and head.get_list("cross-origin-opener-policy") != ["same-origin"],
        "policy": is_page and "default-src 'none'" not in head.get("content-security-policy", ""),
        "date": len(head.get_list("date")) != 1,
        "server": "server" in head,
        "host": HOST in location or "gopher" in location or location.startswith("//"),
    }
    return [name for name, is_so in faults.items() if is_so]


def walked(client, url, found):
    """The faults of every answer, by method and path."""
    wrong = {}
    for path in found:
        for method in METHODS if not STREAMS.match(path) else ("GET", "DELETE"):
            with client.stream(method, url + path, headers=SPOOFED) as answer:
                if faults := lacking(answer):
                    wrong[method, path, answer.status_code] = faults
    return wrong


def test_every_route_of_feeds(newsroom, client):
    assert walked(client, newsroom.url("feeds"), paths(feeds_routes())) == {}


def test_every_route_of_ingest(newsroom, client):
    assert walked(client, newsroom.url("ingest"), paths(build_web(None).routes)) == {}


def test_health_and_metrics_of_every_service(newsroom, client):
    for name in newsroom.services:
        assert walked(client, newsroom.ops_url(name), [*OPS, "/nowhere", "/healthz/"]) == {}


def test_what_is_unchanged_has_them_too(newsroom, client, eventually):
    url = f"{newsroom.url('feeds')}/latest.rss"
    first = eventually(lambda: (found := client.get(url)).status_code == 200 and found)
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, lacking(again)) == (304, [])


@pytest.mark.parametrize("name", ["ingest", "feeds"])
def test_what_is_the_operators_alone_is_on_no_port_that_strangers_reach(newsroom, client, name):
    for path in OPS:
        assert client.get(newsroom.url(name) + path).status_code == 404
        assert client.get(newsroom.ops_url(name) + path).status_code == 200


def test_half_a_request_and_a_huge_header_are_refused_on_every_port(newsroom):
    urls = {url for name in SERVICES for url in (newsroom.url(name), newsroom.ops_url(name))}
    ports = [int(url.rpartition(":")[2]) for url in urls]
    with ExitStack() as stack:
        # All wait for the server to give up at the same time.
        halves = [stack.enter_context(half_a_request(port)) for port in ports]
        for port in ports:
            with socket.create_connection(("127.0.0.1", port), 30) as client:
                client.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000)
                assert client.recv(100).startswith(b"HTTP/1.1 431"), port
        for port, client in zip(ports, halves, strict=True):
            assert client.recv(100).startswith(b"HTTP/1.1 408"), port


def half_a_request(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), 30)
    client.sendall(b"GET / HTTP/1.1\r\nX: ")
    return client
