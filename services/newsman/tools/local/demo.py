"""`make demo`: the stack, a dozen articles, some readers, and what became of it all."""

import json
import random
import time
import urllib.error
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from newsman.tools.local.defaults import DEMO_KEY
from newsman.tools.local.demo_pictures import push_pictures, with_pictures
from newsman.tools.local.errors import LocalError
from newsman.tools.local.http import ServiceError, get_json
from newsman.tools.local.layout import Layout
from newsman.tools.local.report import report
from newsman.tools.simulate.ledger import SimulationLedger
from newsman.tools.simulate.sending import BROWSER, Desks, NewsroomSender
from newsman.tools.simulate.stories import ARTICLES

MEDIA_TYPES = {
    "txt": "text/plain",
    "json": "application/json",
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "ndjson": "application/x-ndjson",
}
VISIBLE_LIMIT_SECONDS = 30.0
COUNTED_LIMIT_SECONDS = 20.0
POLL_SECONDS = 0.1
READERS = 60
VIEWS = 400
VIEWS_PATH = "/v1/views"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

Say = Callable[[str], None]
BringUp = Callable[[Layout, Say], int]


def demo(layout: Layout, say: Say, bring_up: BringUp) -> int:
    """Brings the stack up if need be, pushes the samples, reads them, and tells the story."""
    status = bring_up(layout, say)
    if status:
        return status
    try:
        pushed = _push_samples(layout)
        say(f"pushed {len(pushed)} versions of articles in {len(MEDIA_TYPES)} formats")
        articles = _wait_until_visible(layout, pushed)
        say(f"{len(articles)} articles are published")
        _read_them(layout, list(articles), say)
    except (ServiceError, urllib.error.URLError) as error:
        raise LocalError(f"the demo did not come to its end: {error}") from error
    print()
    print(report(layout, articles))
    return 0


def samples() -> list[tuple[str, bytes]]:
    """The sample documents by name, in the order in which they are pushed."""
    folder = files("newsman.tools.local") / "samples"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name[0].isdigit())
    return [(name, (folder / name).read_bytes()) for name in names]


def _push_samples(layout: Layout) -> list[dict[str, Any]]:
    push_pictures(layout)
    pushed: list[dict[str, Any]] = []
    newsroom = _newsroom(layout)
    for name, body in samples():
        headers = {
            "Authorization": f"Bearer {DEMO_KEY}",
            "Content-Type": MEDIA_TYPES[name.rpartition(".")[2]],
        }
        answer = _sent(newsroom, ARTICLES, with_pictures(layout, name, body), headers)
        pushed += answer.get("items", [answer])
    newsroom.close()
    return pushed


def _newsroom(layout: Layout) -> NewsroomSender:
    return NewsroomSender(Desks(layout.url("ingest"), DEMO_KEY), SimulationLedger())


def _sent(newsroom: NewsroomSender, path: str, body: bytes, headers: dict[str, str]) -> Any:
    status, said = newsroom.send(path, body, headers)
    if not 200 <= status < 300:
        raise LocalError(f"{path} answered {status}: {str(said)[:500]}")
    return said


def _wait_until_visible(layout: Layout, pushed: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    wanted = {
        item["id"]: max(p["version"] for p in pushed if p["id"] == item["id"]) for item in pushed
    }
    visible: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + VISIBLE_LIMIT_SECONDS
    while len(visible) < len(wanted):
        if time.monotonic() > deadline:
            missing = ", ".join(sorted(set(wanted) - set(visible)))
            raise LocalError(f"not published in time: {missing}; see {layout.logs}")
        for article_id in set(wanted) - set(visible):
            article = _article(layout, article_id)
            if article and article["version"] >= wanted[article_id]:
                visible[article_id] = article
        time.sleep(POLL_SECONDS)
    return visible


def _article(layout: Layout, article_id: str) -> dict[str, Any] | None:
    try:
        article: dict[str, Any] = get_json(f"{layout.url('feeds')}/v1/articles/{article_id}")
    except urllib.error.HTTPError:
        return None
    return article


def _read_them(layout: Layout, articles: list[str], say: Say) -> None:
    """Readers read, unless they have done so within the last day."""
    if get_json(f"{layout.url('feeds')}/v1/popular?window=24h")["items"]:
        say("the readers' views of the last day are there already")
        return
    views, expected = _views(articles)
    newsroom = _newsroom(layout)
    headers = {
        "Authorization": f"Bearer {DEMO_KEY}",
        "Content-Type": "application/json",
        "User-Agent": BROWSER,
    }
    _sent(newsroom, VIEWS_PATH, json.dumps(views).encode(), headers)
    crawl = [{"article": article, "reader": "a crawler"} for article in articles]
    as_crawler = {**headers, "User-Agent": CRAWLER}
    _sent(newsroom, VIEWS_PATH, json.dumps(crawl).encode(), as_crawler)
    newsroom.close()
    _wait_until_counted(layout, expected)
    say(
        f"{len(views)} page views by {READERS} readers and {len(crawl)} by a crawler were sent; "
        f"{sum(expected.values())} count"
    )


def _views(articles: list[str]) -> tuple[list[dict[str, str]], dict[str, int]]:
    """Views by a few readers who come back now and then, and how many of them count."""
    rng = random.Random(7)
    ranks = [1 / (place + 1) for place in range(len(articles))]
    chosen = rng.choices(sorted(articles), ranks, k=VIEWS)
    views = [
        {"article": article, "reader": f"reader {rng.randrange(READERS)}"} for article in chosen
    ]
    pairs = {(view["article"], view["reader"]) for view in views}
    expected = {article: sum(pair[0] == article for pair in pairs) for article in set(chosen)}
    return views, expected


def _wait_until_counted(layout: Layout, expected: dict[str, int]) -> None:
    deadline = time.monotonic() + COUNTED_LIMIT_SECONDS
    while True:
        items = get_json(f"{layout.url('feeds')}/v1/popular?window=1h&limit=100")["items"]
        counted = {item["id"]: item["views"] for item in items}
        if counted == expected:
            return
        if time.monotonic() > deadline:
            raise LocalError(f"views were counted as {counted}, not as {expected}")
        time.sleep(POLL_SECONDS)
