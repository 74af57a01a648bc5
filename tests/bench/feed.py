"""From a push to the feed that shows it and to the live stream that tells of it."""

import json
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from enriching import news
from labelled import Labelled
from stack import cpu_by_process, running, seconds, wait_for

from newsman.kafka.topics import ensure_topics
from newsman.redis.client import build_client
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare
from newsman.tools.local.valkey import Valkey

PUSHES, PUSHES_PER_SECOND, BACKLOG, WARMING = 300, 20, 300, 40
POLL_SECONDS = 0.01
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 36

Watch = Callable[[str, dict[str, float], threading.Event], None]


def push_to_feed(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Milliseconds from the push of an article to its appearance in a feed and on the stream."""
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    layout = Layout(folder / "home")
    prepare(layout)
    texts = list(news(WARMING + PUSHES))
    size = sum(len(text.body) for text in texts) // len(texts)
    with running(broker, valkey, layout) as urls:
        for number, text in enumerate(texts[:WARMING]):
            push(urls["ingest"], f"warm-{number}", text)
        client = build_client(valkey.url)
        wait_for(lambda: client.zcard("newsman:index:latest") >= WARMING)
        with (
            watching(urls["feeds"], watch_feed) as shown,
            watching(urls["feeds"], watch_stream) as told,
        ):
            before = cpu_by_process()
            pushed = push_steadily(urls["ingest"], texts[WARMING:])
            wait_for(lambda: not pushed.keys() - (shown.keys() & told.keys()), 60)
            used = cpu_by_process()
        between = {found: enriched_at(urls["feeds"], found) for found in pushed}
        per_second = BACKLOG / seconds(lambda: drain(urls["ingest"], valkey.url))
    spent = {name: (used[name] - before[name]) / PUSHES * 1e3 for name in sorted(used)}
    return "\n".join(
        [
            f"| {PUSHES} articles of {size / 1000:.1f} kB, {PUSHES_PER_SECOND}/s, enriched | |",
            "| --- | --- |",
            f"| push → feed, p50, p99 | {row(delays(pushed, shown))} |",
            f"| push → live stream, p50, p99 | {row(delays(pushed, told))} |",
            f"| push → enriched, p50, p99 | {row(delays(pushed, between))} |",
            f"| enriched → live stream, p50, p99 | {row(delays(between, told))} |",
            *(f"| processor time an article, {name} | {ms:.1f} ms |" for name, ms in spent.items()),
            f"| a backlog of {BACKLOG} drains at | {per_second:.0f} articles/s |",
            "",
        ]
    )


def row(found: list[float]) -> str:
    """The median and the 99th of a hundred."""
    return f"{statistics.median(found):.0f} ms, {statistics.quantiles(found, n=100)[98]:.0f} ms"


def delays(earlier: Mapping[str, float], later: Mapping[str, float]) -> list[float]:
    """Milliseconds from one moment to another of each article."""
    return [(later[article_id] - at) * 1_000 for article_id, at in earlier.items()]


def enriched_at(url: str, article_id: str) -> float:
    """When an article had been enriched."""
    with urllib.request.urlopen(f"{url}/v1/articles/{article_id}", timeout=10) as answer:
        trail = json.load(answer)["trail"]
    (moment,) = (stage["at"] for stage in trail if stage["stage"] == "enriched")
    return datetime.fromisoformat(moment).timestamp()


def drain(url: str, redis_url: str) -> None:
    """Pushes many articles at once and waits until all are published."""
    client = build_client(redis_url)
    before = client.zcard("newsman:index:latest")
    lines = [
        json.dumps({"uri": f"urn:drain:{n}", "headline": f"Number {n}", "body_text": BODY})
        for n in range(BACKLOG)
    ]
    request = urllib.request.Request(
        f"{url}/v1/articles",
        "\n".join(lines).encode(),
        {"Authorization": "Bearer demo-key", "Content-Type": "application/x-ndjson"},
    )
    with urllib.request.urlopen(request, timeout=30):
        pass
    wait_for(lambda: client.zcard("newsman:index:latest") >= before + BACKLOG)


def push_steadily(url: str, texts: list[Labelled]) -> dict[str, float]:
    """Pushes them at the rate; the moment at which each was sent, by its id."""
    pushed, began = {}, time.monotonic()
    for number, text in enumerate(texts):
        time.sleep(max(0.0, began + number / PUSHES_PER_SECOND - time.monotonic()))
        sent_at = time.time()
        pushed[push(url, f"{number}", text)] = sent_at
    return pushed


def push(url: str, name: str, text: Labelled) -> str:
    """Pushes one article; its id."""
    article = {"uri": f"urn:bench:{name}", "headline": text.headline, "section": "Bench"}
    request = urllib.request.Request(
        f"{url}/v1/articles",
        json.dumps({**article, "body_text": text.body}).encode(),
        {"Authorization": "Bearer demo-key", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


@contextmanager
def watching(url: str, watch: Watch) -> Iterator[dict[str, float]]:
    """The moment at which each article is first seen, by its id, as long as it is watched."""
    seen: dict[str, float] = {}
    stop = threading.Event()
    threading.Thread(target=watch, args=(url, seen, stop), daemon=True).start()
    yield seen
    stop.set()


def watch_feed(url: str, seen: dict[str, float], stop: threading.Event) -> None:
    """Asks for the feed, again and again, and reads it when it has changed."""
    etag = ""
    while not stop.is_set():
        request = urllib.request.Request(f"{url}/sections/bench.json")
        request.add_header("If-None-Match", etag)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                etag, items = answer.headers["ETag"], json.load(answer)["items"]
        except urllib.error.HTTPError as unchanged:
            if unchanged.code != 304:
                raise
            items = []
        now = time.time()
        for item in items:
            seen.setdefault(item["_newsman"]["article_id"], now)
        time.sleep(POLL_SECONDS)


def watch_stream(url: str, seen: dict[str, float], stop: threading.Event) -> None:
    """Follows the live stream."""
    with urllib.request.urlopen(f"{url}/v1/stream", timeout=60) as lines:
        for line in lines:
            if line.startswith(b'data: {"id"'):
                seen.setdefault(json.loads(line[6:])["id"], time.time())
            if stop.is_set():
                return
