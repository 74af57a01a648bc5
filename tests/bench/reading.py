"""Readers of a feed and of the front page: cached answers beside a bare server of their bytes."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import uvloop
from stack import answers, free_port, mark, ops_url, running, wait_for

from newsman.feeds.pages.front import POPULAR_FRESH_SECONDS
from newsman.kafka.topics import ensure_topics
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare
from newsman.tools.local.valkey import Valkey

ARTICLES, REQUESTS, CONNECTIONS, PAIRS, PAGES = 100, 5_000, 16, 5, 300
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 36
FEED = f"/feed?section=readers&limit={ARTICLES}&format=json"
CPU, MADE = "process_cpu_seconds_total", 'newsman_feeds_shelf_total{found="no"}'
LEAST_RATIO, MOST_P99_OF_P50 = 0.5, 10
"""A run marks what is worse; with nothing else at work it was 0.8, and 3.6 times the median."""
Side = tuple[str, Callable[[], float]]
BARE = Path(__file__).with_name("bare_feed.py")


def reading(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Requests a second of a feed of 100 articles and of the front page; times of article pages."""
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    layout = Layout(folder / "readers")
    prepare(layout)
    with running(broker, valkey, layout) as urls:
        push(urls["ingest"])
        feed = urls["feeds"] + FEED
        wait_for(lambda: len(json.loads(fetch(feed)[0])["items"]) == ARTICLES)
        columns = [
            column
            for url in (feed, urls["feeds"] + "/")
            for column in beside_bare(url, urls["feeds"], folder)
        ]
        body, _ = fetch(feed)
        front, _ = fetch(urls["feeds"] + "/")
        ids = [item["_newsman"]["article_id"] for item in json.loads(body)["items"]]
        pages = uncached(urls["feeds"], ids)
    sizes = f"{len(body) // 1000} kB, 200 | 304 | front page of {len(front) // 1000} kB, 200 | 304"
    p50, p99 = pages[PAGES // 2], pages[int(PAGES * 0.99)]
    return "\n".join(
        [
            f"| {ARTICLES} articles in a feed of {sizes} |",
            "| --- |" + " --- |" * len(columns),
            row("cached, requests/s", [f"{one.ours:,.0f}" for one in columns]),
            row("bare Starlette, the same bytes", [f"{one.theirs:,.0f}" for one in columns]),
            row(
                f"ratio, median of {PAIRS} pairs",
                [f"{one.ratio:.2f}{mark(one.ratio < LEAST_RATIO)}" for one in columns],
            ),
            row("CPU of the server per request", [f"{one.our_cpu:.0f} µs" for one in columns]),
            row("bare Starlette", [f"{one.their_cpu:.0f} µs" for one in columns]),
            "",
            f"| article page, not cached ({PAGES} requests) | |",
            "| --- | --- |",
            f"| p50 | {p50:.1f} ms |",
            f"| p99 | {p99:.1f} ms{mark(p99 > MOST_P99_OF_P50 * p50)} |",
            "",
        ]
    )


def row(name: str, cells: list[str]) -> str:
    """A row of a table."""
    return f"| {name} | {' | '.join(cells)} |"


def beside_bare(url: str, feeds: str, folder: Path) -> tuple["Compared", "Compared"]:
    """An address of feeds beside a bare server of its bytes, as 200 and as 304."""
    body, etag = fetch(url)
    with bare(folder, body, etag) as (address, pid):
        sides = (url, lambda: told(feeds, CPU)), (address, lambda: cpu_of(pid))
        return compared(*sides, {}), compared(*sides, {"If-None-Match": etag})


def push(ingest: str) -> None:
    """The articles, at once."""
    lines = [
        json.dumps({"uri": f"urn:readers:{n}", "headline": f"Number {n}", "section": "Readers",
                    "body_text": BODY})
        for n in range(ARTICLES)
    ]  # fmt: skip
    headers = {"Authorization": "Bearer demo-key", "Content-Type": "application/x-ndjson"}
    request = urllib.request.Request(f"{ingest}/v1/articles", "\n".join(lines).encode(), headers)
    with urllib.request.urlopen(request, timeout=30):
        pass


def fetch(url: str) -> tuple[bytes, str]:
    """The body and its entity tag."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read(), answer.headers.get("ETag", "")


@contextmanager
def bare(folder: Path, body: bytes, etag: str):
    """A Starlette application that answers these bytes, served as feeds is; address and pid."""
    file = folder / "feed.bytes"
    file.write_bytes(body)
    port = free_port()
    process = subprocess.Popen([sys.executable, BARE, str(file), etag, str(port)])
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/"))
        yield f"http://127.0.0.1:{port}/", process.pid
    finally:
        process.terminate()
        process.wait(10)


class Compared(NamedTuple):
    """Requests a second, their ratio, and microseconds of CPU a request."""

    ours: float
    theirs: float
    ratio: float
    our_cpu: float
    their_cpu: float


def compared(our: Side, their: Side, headers: dict[str, str]) -> Compared:
    """The medians of pairs run by turns, and the CPU of all of them."""
    spent = [-cpu() for _, cpu in (our, their)]
    pairs = [tuple(rate(url, headers) for url, _ in (our, their)) for _ in range(PAIRS)]
    spent = [so_far + cpu() for so_far, (_, cpu) in zip(spent, (our, their), strict=True)]
    return Compared(
        *(statistics.median(pair[side] for pair in pairs) for side in (0, 1)),
        statistics.median(one / other for one, other in pairs),
        *(seconds * 1e6 / (PAIRS * REQUESTS) for seconds in spent),
    )


def told(feeds: str, metric: str) -> float:
    """What the service says of itself."""
    lines = fetch(f"{ops_url('feeds', feeds)}/metrics")[0].decode().splitlines()
    return float(next(line for line in lines if line.startswith(metric)).rpartition(" ")[2])


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate(url: str, headers: dict[str, str], requests: int = REQUESTS) -> float:
    """Requests a second over connections that are kept."""
    began = time.monotonic()
    uvloop.run(_load(url, headers, requests))
    return requests / (time.monotonic() - began)


async def _load(url: str, headers: dict[str, str], requests: int) -> None:
    host, _, path = url.removeprefix("http://").partition("/")
    lines = [f"GET /{path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    asked = ("\r\n".join(lines) + "\r\n\r\n").encode()
    name, _, port = host.partition(":")
    each = requests // CONNECTIONS
    await asyncio.gather(*(_ask(name, int(port), asked, each) for _ in range(CONNECTIONS)))


async def _ask(host: str, port: int, asked: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection(host, port, limit=2**22)
    for _ in range(times):
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"content-length: " in lower:
            await reader.readexactly(int(lower.split(b"content-length: ")[1].split(b"\r\n")[0]))
    writer.close()


def uncached(feeds: str, ids: list[str]) -> list[float]:
    """Milliseconds of article pages, each made anew, sorted."""
    found, made = [], told(feeds, MADE)
    for number in range(PAGES):
        # What shows counts of views is made anew after POPULAR_FRESH_SECONDS.
        if number % len(ids) == 0:
            time.sleep(POPULAR_FRESH_SECONDS + 0.1)
        began = time.monotonic()
        fetch(f"{feeds}/articles/{ids[number % len(ids)]}")
        found.append((time.monotonic() - began) * 1000)
    if told(feeds, MADE) - made < PAGES:
        raise SystemExit("some of the pages were cached")
    return sorted(found)
