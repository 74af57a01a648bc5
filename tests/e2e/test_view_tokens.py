"""The tokens of views, from pages in a real Chromium to the log and the counts."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest
from playwright.sync_api import Page
from tests.log import records_on
from tests.viewed import views_in

from newsman_schemas.topics import ARTICLE_VIEWED

KEY = {"Authorization": "Bearer demo-key"}
VALID = 'newsman_ingest_view_tokens_total{token="valid"}'
SHELVED = 'newsman_feeds_shelf_total{found="yes"}'
OPENED, LEFT = (False, "valid"), (True, "valid")


@pytest.fixture
def publish(newsroom, eventually) -> Callable[[str], str]:
    """Publishes an article of a name; answers its id once it has a page."""

    def publish(name: str) -> str:
        article = {"uri": f"urn:tokens:{name}", "headline": f"Ferry {name}", "body_text": name}
        intake = f"{newsroom.url('ingest')}/v1/articles"
        found = httpx.post(intake, json=article, headers=KEY).json()["id"]
        page = f"{newsroom.url('feeds')}/articles/{found}"
        eventually(lambda: httpx.get(page).status_code == 200)
        return found

    return publish


@pytest.fixture
def viewed(newsroom) -> Callable[[str], Counter[tuple[bool, str | None]]]:
    """The views of an article on the log: whether the reader was leaving, and with what token."""

    def viewed(article: str) -> Counter[tuple[bool, str | None]]:
        records = records_on(newsroom.bootstrap, ARTICLE_VIEWED.full_name(newsroom.namespace))
        # Other tests send what can't be read.
        mine = [record for record in records if article.encode() in record.value]
        events = [event for event in views_in(mine) if event.article_id == article]
        assert not [event for event in events if event.discounted]
        return Counter((event.leaving, event.token) for event in events)

    return viewed


@pytest.fixture
def metric() -> Callable[[str, str], float]:
    """The value of a sample that a service tells."""

    def metric(service: str, sample: str) -> float:
        lines = httpx.get(f"{service}/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(sample + " "))

    return metric


def test_a_page_of_feeds_sends_its_token_when_it_opens_and_when_it_is_left_from_the_shelf_too(
    newsroom, publish, viewed, metric, page: Page, eventually
):
    article, opened = publish("of feeds"), []
    valid = partial(metric, newsroom.ops_url("ingest"), VALID)
    shelved = partial(metric, newsroom.ops_url("feeds"), SHELVED)
    before = valid()
    # A page whose requests are routed is not kept in the browser's own cache.
    page.route("**/articles/*", lambda route: route.continue_())

    def comes_from_the_shelf() -> bool:
        kept = shelved()
        page.goto(f"{newsroom.url('feeds')}/articles/{article}")
        opened.append(page.locator("body").get_attribute("data-token"))
        page.goto("about:blank")
        return len(opened) > 1 and shelved() > kept

    eventually(comes_from_the_shelf)
    eventually(lambda: viewed(article) == {OPENED: len(opened), LEFT: len(opened)})
    assert all(opened)
    assert valid() - before == 2 * len(opened)
    told = f"{newsroom.url('feeds')}/v1/articles/{article}"
    eventually(lambda: httpx.get(told).json()["popularity"]["1h"] == {"views": 1, "readers": 1})
    assert page.complaints == []


class Site:
    """A newsroom's own site of one page, which counts its views with the script of ingest."""

    def __init__(self, document: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = document.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://localhost:{self._server.server_port}/story"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def document(ingest: str, article: str, head: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang=en><head><title>Story</title><link rel=icon href=data:,>{head}"
        f"</head><body><h1>Story</h1>"
        f"<script src={ingest}/v1/views.js data-article={article}></script></body></html>"
    )


@pytest.mark.parametrize(
    "head",
    ["", "<meta name=referrer content=no-referrer>", "<base href=http://elsewhere.invalid/>"],
    ids=["plain", "no-referrer", "base"],
)
def test_a_page_of_another_site_gets_a_token_by_itself(
    newsroom, publish, viewed, page: Page, eventually, head
):
    article = publish(f"elsewhere {head}")
    with Site(document(newsroom.url("ingest"), article, head)) as address:
        page.goto(address)
        eventually(lambda: viewed(article) == {OPENED: 1})
        page.goto("about:blank")
        eventually(lambda: viewed(article) == {OPENED: 1, LEFT: 1})
    assert page.complaints == []


def test_a_page_that_is_left_before_its_token_came_is_counted_without_one(
    newsroom, publish, viewed, page: Page, eventually
):
    article = publish("left at once")
    page.route("**/v1/views/token*", lambda _: None)
    with Site(document(newsroom.url("ingest"), article)) as address:
        page.goto(address)
        page.goto("about:blank")
        eventually(lambda: viewed(article) == {(False, "missing"): 1, (True, "missing"): 1})


def test_a_script_that_never_loaded_the_page_is_told_apart(newsroom, publish, viewed, page: Page):
    article = publish("never loaded")
    page.goto(f"{newsroom.url('feeds')}/articles/{publish('another')}")
    token = page.locator("body").get_attribute("data-token")
    assert token
    intake = f"{newsroom.url('ingest')}/v1/views"
    agent = {"User-Agent": page.evaluate("navigator.userAgent")}
    for view in ({"article": article}, {"article": article, "token": token}):
        assert httpx.post(intake, json=view, headers=agent).status_code == 202
    assert viewed(article) == {(False, "missing"): 1, (False, "wrong"): 1}
