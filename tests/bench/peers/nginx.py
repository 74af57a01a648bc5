"""A kept feed: feeds beside nginx, which has the same bytes in files, one process each; then feeds
behind the nginx that docs/secure.md shows, which keeps it for half a second."""

import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import reading
from reading import fetch
from stack import answers, ended, free_port, running, used_seconds, wait_for
from tests.documentation import documented_nginx

from newsman.kafka.topics import ensure_topics
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare

from .sides import Asked, Done, Row, Side, Stand, Work, rows, take_turns
from .taking import installed

FIRST_REQUESTS = 1_000
HOW = "apt-get install nginx-light"
SETTINGS = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    gzip_static on;
    keepalive_requests 100000000;
    default_type application/feed+json;
    {servers}
}}
"""
FILES = "server {{ listen 127.0.0.1:{port}; root {folder}; }}"


def kept_feed(stand: Stand, asked: Asked) -> Iterator[Row]:
    """Requests a second of a feed of 100 articles: whole, as gzip, and unchanged."""
    program = installed("nginx", HOW)
    version = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    ensure_topics(stand.broker.bootstrap, "newsman", replication=1)
    layout = Layout(stand.folder / "kept-feed")
    prepare(layout)
    with running(stand.broker, stand.valkey, layout) as urls:
        reading.push(urls["ingest"])
        feed = urls["feeds"] + reading.FEED
        wait_for(lambda: fetch(feed)[0].count(b'"article_id"') == reading.ARTICLES)
        size = f"{len(fetch(feed)[0]) // 1000} kB"
        name = f"nginx {version.strip().rpartition('/')[2]}"
        with (
            files(program, stand.folder / "files", feed) as theirs,
            before(program, stand.folder / "before", feed) as proxy,
        ):
            ours = Side(feed, lambda: reading.told(urls["feeds"], reading.CPU))
            proxied = Side(proxy.url, lambda: ours.cpu() + proxy.cpu())
            yield from beside(f"a kept feed of {size}", name, ours, theirs, asked.seconds)
            work = f"a kept feed of {size} behind nginx"
            yield from beside(work, name, proxied, theirs, asked.seconds)


def beside(work: str, name: str, ours: Side, theirs: Side, seconds: float) -> Iterator[Row]:
    """Rows of the three kinds of requests."""
    etags = {side: fetch(side.url)[1] for side in (ours, theirs)}
    for kind, headers in (
        ("200", {side: {} for side in etags}),
        ("200, gzip", {side: {"Accept-Encoding": "gzip"} for side in etags}),
        ("304", {side: {"If-None-Match": etag} for side, etag in etags.items()}),
    ):
        if len({answered(side.url, headers[side]) for side in headers}) > 1:
            raise SystemExit(f"the answers to {kind} differ")
        told = f"{work}, {kind} ({name})"
        yield from rows(told, take_turns(told, ours, theirs, asking(headers), seconds))


def answered(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """The status and the body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as unchanged:
        return unchanged.code, b""


def asking(headers: dict[Side, dict[str, str]]) -> Work:
    """The work of asking with these headers, as often as the time is thought to allow."""
    rates: dict[Side, float] = {}

    def work(side: Side, seconds: float) -> Done:
        requests = max(int(rates[side] * seconds), 100) if side in rates else FIRST_REQUESTS
        requests -= requests % reading.CONNECTIONS
        rates[side] = reading.rate(side.url, headers[side], requests)
        return Done(requests, requests / rates[side])

    return work


@contextmanager
def files(program: str, home: Path, feed: str) -> Iterator[Side]:
    """nginx with the feed's bytes, also as feeds compresses them."""
    home.mkdir()
    compressed = urllib.request.Request(feed, headers={"Accept-Encoding": "gzip"})
    (home / "feed.json").write_bytes(fetch(feed)[0])
    (home / "feed.json.gz").write_bytes(fetch(compressed)[0])
    port = free_port()
    with started(program, home, FILES.format(port=port, folder=home)) as process:
        url = f"http://127.0.0.1:{port}/feed.json"
        wait_for(lambda: answers(url))
        yield Side(url, lambda: used_seconds(process.pid))


@contextmanager
def before(program: str, home: Path, feed: str) -> Iterator[Side]:
    """nginx as docs/secure.md has it, before feeds."""
    home.mkdir()
    where, port = urlsplit(feed), free_port()
    with started(
        program, home, documented_nginx(home / "cache", where.port or 80, port)
    ) as process:
        url = urlunsplit(where._replace(netloc=f"127.0.0.1:{port}"))
        wait_for(lambda: answers(url))
        yield Side(url, lambda: used_seconds(process.pid))


@contextmanager
def started(program: str, home: Path, servers: str) -> Iterator["subprocess.Popen[bytes]"]:
    """An nginx of one worker with these servers."""
    user = "user root;" if os.geteuid() == 0 else ""
    settings = home / "nginx.conf"
    settings.write_text(SETTINGS.format(user=user, folder=home, servers=servers))
    with ended(subprocess.Popen([program, "-c", str(settings), "-p", str(home)])) as process:
        yield process
