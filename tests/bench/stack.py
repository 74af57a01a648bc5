"""What every benchmark stands on: a machine, a Kafka, a Valkey and services of its own."""

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path

from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import PORTS, Layout
from newsman.tools.local.processes import start_service
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import EnrichedArticle, Enrichment, Entity, article_id

REPOSITORY = Path(__file__).resolve().parents[2]
JARS = REPOSITORY / ".newsman" / "kafka-jars"
STOP_LIMIT_SECONDS = 30
MARK = "✗"
"""Marks a row that must not be so; a run that printed one ends with 1."""
Process = subprocess.Popen[bytes]
SERVICES = ("ingest", "enrich", "popularity", "publish", "feeds")


def mark(is_bad: bool) -> str:
    """Nothing, or what marks a figure that must not be so."""
    return f" {MARK}" if is_bad else ""


def machine() -> str:
    """What it ran on."""
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.processor(),
    )  # fmt: skip
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({model}), "
        f"Python {platform.python_version()}\n"
    )


@contextmanager
def own_stack() -> Iterator[tuple[Broker, Valkey, Path]]:
    """A broker, a Valkey and a folder that are gone afterwards, also when SIGTERM ends all."""
    # Else it would end at once, and leave running what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="newsman-bench-"))
    ensure_jars(JARS)
    broker = Broker(folder / "kafka", free_port(), free_port(), JARS)
    valkey = Valkey(folder / "valkey", free_port())
    broker.start()
    valkey.start()
    try:
        broker.wait_ready()
        valkey.wait_ready()
        yield broker, valkey, folder
    finally:
        broker.kill()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(broker: Broker, valkey: Valkey, layout: Layout) -> Iterator[dict[str, str]]:
    """All services, ready; their addresses by name."""
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(
                started_service(
                    name, broker, valkey, layout.logs, NEWSMAN_SOURCES_FILE=str(layout.sources)
                )
            )
            for name in SERVICES
        }
        urls = {name: url for name, (_, url) in started.items()}
        wait_for(lambda: all(answers(f"{ops_url(name, url)}/readyz") for name, url in urls.items()))
        yield urls


@contextmanager
def service(
    name: str, broker: Broker, valkey: Valkey, logs: Path, **settings: str
) -> Iterator[tuple[Process, str]]:
    """One service, ready, and its address."""
    with started_service(name, broker, valkey, logs, **settings) as (process, url):
        wait_for(lambda: answers(f"{ops_url(name, url)}/readyz"))
        yield process, url


@contextmanager
def started_service(
    name: str, broker: Broker, valkey: Valkey, logs: Path, **settings: str
) -> Iterator[tuple[Process, str]]:
    """The same, perhaps not ready yet."""
    port = free_port()
    env = {**os.environ, **environment(broker, valkey, port), **settings}
    with ended(start_service(name, env, logs / f"{name}.log")) as process:
        yield process, f"http://127.0.0.1:{port}"


def environment(broker: Broker, valkey: Valkey, port: int) -> dict[str, str]:
    """Where a service finds the others, and they it; health and metrics are one port further on."""
    return {
        "NEWSMAN_KAFKA_BOOTSTRAP": broker.bootstrap,
        "NEWSMAN_REDIS_URL": valkey.url,
        "NEWSMAN_PORT": str(port),
        "NEWSMAN_OPS_PORT": str(port + 1),
    }


def ops_url(name: str, url: str) -> str:
    """Where health and metrics of a service are that was started here."""
    base, _, port = url.rpartition(":")
    return f"{base}:{int(port) + 1}" if f"{name}-ops" in PORTS else url


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    """The process, which is ended afterwards."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def enriched(number: int, names: Iterable[str], *, headline: str, body: str) -> EnrichedArticle:
    """An article as enrich leaves it, with these names in it."""
    entities = tuple(
        Entity(name=name, slug=name.lower().replace(" ", "-"), type="place", mentions=1,
               confidence=0.9, method="bench")
        for name in names
    )  # fmt: skip
    return EnrichedArticle(
        id=article_id("bench", str(number)),
        source="bench",
        uri=str(number),
        version_created=datetime.now(UTC),
        headline=headline,
        slug="council-meeting",
        section="Bench",
        language="en",
        body_text=body,
        body_html=f"<p>{body}</p>",
        entities=entities,
        enrichment=Enrichment(status="done", method="bench", duration_ms=1),
    )


def cpu_by_process() -> dict[str, float]:
    """Seconds of processors that the broker, Valkey and each service have used, by name."""
    found: dict[str, float] = {}
    for pid in _children("self"):
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        name = words[words.index("newsman.cli") + 1] if "newsman.cli" in words else words[0]
        name = Path(name.split()[0]).name
        waiting = [pid]
        while waiting:
            pid = waiting.pop()
            waiting += _children(pid)
            found[name] = found.get(name, 0.0) + cpu_seconds(pid)
    return found


def cpu_seconds(pid: int | str) -> float:
    """What a process has used of processors, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def used_seconds(pid: int | str) -> float:
    """What a process, its children and those of them that have ended have used of processors."""
    ticks = 0
    for each in tree(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def tree(pid: int | str) -> list[str]:
    """A process, its children, and theirs."""
    found, waiting = [], [str(pid)]
    while waiting:
        found.append(waiting.pop())
        with suppress(OSError):  # it has ended meanwhile
            waiting += _children(found[-1])
    return found


def _children(pid: int | str) -> list[str]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [child for found in lists for child in found.read_text().split()]


def seconds(work: Callable[[], None]) -> float:
    """How long it takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def wait_for(
    condition: Callable[[], bool], limit_seconds: float = 90, *, every_seconds: float = 0.05
) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit("the services did not become ready")
        time.sleep(every_seconds)


def answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (OSError, HTTPException):  # a connection to a free port may meet itself
        return False


def free_port() -> int:
    """A port that nobody listens on, nor on the next one."""
    while True:
        with socket.socket() as probe, socket.socket() as beside:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            with suppress(OSError, OverflowError):
                beside.bind(("127.0.0.1", port + 1))
                return port
