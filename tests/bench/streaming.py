"""A thousand readers of the live stream, and the same of a bare Starlette one."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack import Process, answers, cpu_seconds, ended, enriched, free_port, service, wait_for

from newsman.feeds.stream.frames import article_frame
from newsman.kafka.clients import build_producer
from newsman.kafka.positions import encode_id
from newsman.kafka.records import encode
from newsman.kafka.topics import ensure_topics
from newsman.outputs.listing import Site
from newsman.redis.client import build_client
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import (
    ArticlePublished,
)
from newsman_schemas.topics import ARTICLE_PUBLISHED

CLIENTS, PER_SECOND, SECONDS, WARMING = 1_000, 50, 20, 2_000
NAMESPACE = "bench-stream"
TOPIC = ARTICLE_PUBLISHED.full_name(NAMESPACE)
PARTS = [(TOPIC, number) for number in range(ARTICLE_PUBLISHED.partitions)]
HERE = Path(__file__).parent
BODY = "The council of Lisbon met on Monday and spoke about ferries, trams and the river. " * 36
NAMES = ("Lisbon", "Oslo", "Ghent", "Narvik", "Cais do Sodre", "Carris", "Ann Lee", "Tejo")

Send = Callable[[ArticlePublished], None]


@dataclass(frozen=True)
class Load:
    """So many readers, articles a second, seconds, and articles before the readers come."""

    clients: int = CLIENTS
    per_second: float = PER_SECOND
    seconds: float = SECONDS
    warming: int = WARMING


def streaming(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """How late events reach every reader, what a reader costs, ours and bare."""
    ensure_topics(broker.bootstrap, NAMESPACE, replication=1)
    build_client(valkey.url).set(ArticleKeys(NAMESPACE).marker, STORE_LAYOUT)
    settings = {"NEWSMAN_NAMESPACE": NAMESPACE, "NEWSMAN_STREAMS_PER_ADDRESS": str(2 * CLIENTS)}
    feeds = service("feeds", broker, valkey, folder, **settings)
    with feeds as (process, url), onto_the_log(broker) as send:
        ours = measured(process.pid, f"{url}/v1/stream", send, Load())
    with bare() as (process, url), onto_the_wire(url) as send:
        theirs = measured(process.pid, f"{url}/v1/stream", send, Load())
    rows = [
        ("publish → received, p50", "p50", "ms"),
        ("publish → received, p99", "p99", "ms"),
        ("events that a reader missed, at most", "missed", ""),
        ("memory per reader", "kb", "kB"),
        ("CPU time of the process, of one core", "cpu", "%"),
    ]
    return "\n".join(
        [
            f"| {CLIENTS:,} readers, {PER_SECOND} events/s, {SECONDS} s | feeds | bare | ratio |",
            "| --- | --- | --- | --- |",
            *(row(name, ours[key], theirs[key], unit) for name, key, unit in rows),
            "",
        ]
    )


def row(name: str, ours: float, theirs: float, unit: str) -> str:
    """A row of the table."""
    ratio = f"{ours / theirs:.2f}" if theirs else ""
    return f"| {name} | {ours:,.0f} {unit} | {theirs:,.0f} {unit} | {ratio} |"


def measured(pid: int, url: str, send: Send, load: Load) -> dict[str, float]:
    """What the readers of a stream met, and what it cost the process."""
    # What the process keeps of events, however many read, is there before.
    for number in range(load.warming):
        send(event(number))
    before = settled_kb(pid)
    command = [sys.executable, HERE / "stream_clients.py", url, str(load.clients)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        if clients.stdout.readline() != "open\n":
            raise SystemExit("the readers did not all get in")
        began, cpu = time.monotonic(), cpu_seconds(pid)
        most, sent = 0, int(load.per_second * load.seconds)
        for number in range(sent):
            time.sleep(max(0.0, began + number / load.per_second - time.monotonic()))
            send(event(load.warming + number))
            most = max(most, resident_kb(pid))
        time.sleep(2)
        used, took = cpu_seconds(pid) - cpu, time.monotonic() - began
        clients.stdin.close()
        met = json.loads(clients.stdout.read())
    if met["ended"]:
        raise SystemExit(f"{met['ended']} readers were let go")
    return {
        **met,
        "missed": sent - met["least"],
        "kb": (most - before) / load.clients,
        "cpu": used / took * 100,
        "cpu_us": used / met["frames"] * 1e6,
    }


def event(number: int) -> ArticlePublished:
    """An article of 3 kB that comes to readers, and says when."""
    article = enriched(
        number, NAMES, headline=f"Number {number} at {time.monotonic_ns()}", body=BODY
    )
    return ArticlePublished(
        event_id=f"{article.id}-1",
        occurred_at=article.version_created,
        action="published",
        revision=1,
        article_id=article.id,
        source="bench",
        uri=article.uri,
        version=1,
        article=article,
    )


@contextmanager
def bare() -> Iterator[tuple[Process, str]]:
    """The bare application, and its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ended(subprocess.Popen([sys.executable, HERE / "bare_stream.py", str(port)])) as process:
        wait_for(lambda: answers(f"{url}/"))
        yield process, url


@contextmanager
def onto_the_log(broker: Broker, namespace: str = NAMESPACE) -> Iterator[Send]:
    """Sends events onto article-published."""
    topic = ARTICLE_PUBLISHED.full_name(namespace)
    producer = build_producer(broker.bootstrap, client_id="bench")

    def send(found: ArticlePublished) -> None:
        record = encode(found)
        producer.send(topic, key=record.key, value=record.value, headers=record.headers)

    yield send
    producer.close()


@contextmanager
def onto_the_wire(url: str) -> Iterator[Send]:
    """Sends the frames of events to the bare application, as feeds would make them."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    site = Site(url, "Bench", None)

    def send(found: ArticlePublished) -> None:
        position = encode_id(dict.fromkeys(PARTS, 1_000))
        connection.request("POST", "/", position + article_frame(found, TOPIC, 0, 0, site).payload)
        connection.getresponse().read()

    yield send
    connection.close()


def settled_kb(pid: int) -> int:
    """Resident memory once it has stopped growing."""
    sizes = [0]
    while len(sizes) < 3 or sizes[-1] - sizes[-3] > 100:
        time.sleep(1)
        sizes.append(resident_kb(pid))
    return sizes[-1]


def resident_kb(pid: int) -> int:
    """Resident memory of a process now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
