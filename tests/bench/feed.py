"""From a push to the feed it appears in."""

import json
import threading
import time
import urllib.request
from pathlib import Path

from stack import answers, running, seconds, wait_for

from newsman.kafka.topics import ensure_topics
from newsman.local.kafka import Broker
from newsman.local.layout import Layout
from newsman.local.supervisor import prepare
from newsman.local.valkey import Valkey
from newsman.redis.client import build_client

PUSHES, PUSHES_PER_SECOND, BACKLOG = 150, 5, 300
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 36


def push_to_feed(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """Milliseconds from the push of an article to its appearance in a feed."""
    ensure_topics(broker.bootstrap, "newsman", replication=1)
    layout = Layout(folder / "home")
    prepare(layout)
    with running(broker, valkey, layout) as urls:
        for n in range(5):
            push(urls["ingest"], f"warm-{n}")
        wait_for(lambda: answers(f"{urls['feeds']}/sections/bench.json"))
        pushed, seen = {}, {}
        stop = threading.Event()
        watching = threading.Thread(target=watch, args=(urls["feeds"], seen, stop))
        watching.start()
        for number in range(PUSHES):
            began = time.monotonic()
            pushed[push(urls["ingest"], f"{number}")] = began
            time.sleep(max(0.0, 1 / PUSHES_PER_SECOND - (time.monotonic() - began)))
        deadline = time.monotonic() + 30
        while len(seen.keys() & pushed.keys()) < PUSHES and time.monotonic() < deadline:
            time.sleep(0.1)
        stop.set()
        watching.join()
        per_second = BACKLOG / seconds(lambda: drain(urls["ingest"], valkey.url))
    delays = sorted((seen[a] - pushed[a]) * 1000 for a in pushed if a in seen)
    lost = PUSHES - len(delays)
    return "\n".join(
        [
            f"| push → feed ({PUSHES} articles of 3 kB, {PUSHES_PER_SECOND}/s, enriched) | |",
            "| --- | --- |",
            f"| p50 | {delays[len(delays) // 2]:.0f} ms |",
            f"| p99 | {delays[int(len(delays) * 0.99)]:.0f} ms |",
            f"| not seen | {lost} |",
            f"| a backlog of {BACKLOG} drains at | {per_second:.0f} articles/s |",
            "",
        ]
    )


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


def push(url: str, name: str) -> str:
    """Pushes one article; its id."""
    article = {"uri": f"urn:bench:{name}", "headline": f"Number {name}", "section": "Bench"}
    request = urllib.request.Request(
        f"{url}/v1/articles",
        json.dumps({**article, "body_text": BODY}).encode(),
        {"Authorization": "Bearer demo-key", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


def watch(url: str, seen: dict[str, float], stop: threading.Event) -> None:
    """Notes when each article is first in the feed."""
    while not stop.is_set():
        with urllib.request.urlopen(f"{url}/sections/bench.json", timeout=10) as answer:
            items = json.load(answer)["items"]
        now = time.monotonic()
        for item in items:
            seen.setdefault(item["_newsman"]["article_id"], now)
        time.sleep(0.005)
