"""Each of three brokers lost in turn, and a rolling restart of all services, under load.

`python tests/bench/brokers.py [--rate 5] [--seconds 15]`. Every topic has three copies, of which
two are in sync before a push is acknowledged. It prints what was acknowledged and what was
published as sets, what clients were refused, and how long each service took to end on SIGTERM; a
row that must not be so is marked, and the command ends with 1.
"""

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from stack import JARS, MARK, answers, free_port, machine, wait_for

from newsman.kafka.log import open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.topics import PlannedTopic, create_missing
from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker, find_java
from newsman.tools.local.processes import service_ops_url, service_url, start_service
from newsman.tools.local.valkey import Valkey
from newsman_schemas.topics import ARTICLE_PUBLISHED, TOPICS

KEY = "bench-key"
ENDS_WITHIN_SECONDS = 10.0
SETTLE_SECONDS = 180.0
SERVICES = ("ingest", "ingest", "enrich", "popularity", "publish", "feeds", "deliver")


@dataclass
class Member(Broker):
    """A broker of three, each of them a controller too."""

    number: int = 1
    voters: str = ""
    cluster: str = ""

    def prepare(self) -> tuple[str, Path]:
        """As a single broker's, with the others named."""
        self.folder.mkdir(parents=True, exist_ok=True)
        java, properties = find_java(), self.folder / "server.properties"
        text = properties.read_text() if properties.exists() else self._properties()
        properties.write_text(text)
        if not (self.data / "meta.properties").exists():
            words = [java, "-Xmx128m", "-cp", f"{self.jars}/*", "kafka.tools.StorageTool", "format"]
            words += ["-t", self.cluster, "-c", str(properties)]
            subprocess.run(words, check=True, capture_output=True)
        return java, properties

    def _properties(self) -> str:
        lone = Broker(self.folder, self.port, self.controller_port, self.jars)
        lone.data.mkdir(parents=True)
        (lone.data / "meta.properties").touch()  # so that it is not formatted as a single one
        text = lone.prepare()[1].read_text()
        (lone.data / "meta.properties").unlink()
        # Of a property that is there twice the last one counts.
        return (
            text + f"node.id={self.number}\ncontroller.quorum.voters={self.voters}\n"
            "offsets.topic.replication.factor=3\noffsets.topic.min.insync.replicas=2\n"
            "transaction.state.log.replication.factor=3\ntransaction.state.log.min.isr=2\n"
        )


@dataclass
class Client:
    """A newsroom that sends each article until it is taken, to whichever ingest is there."""

    urls: list[str]
    rate: float
    acknowledged: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        number = 0
        while not self.stopping.is_set():
            began = time.monotonic()
            self._push(number)
            number += 1
            self.stopping.wait(max(0.0, 1 / self.rate - (time.monotonic() - began)))

    def _push(self, number: int) -> None:
        article = {"uri": f"urn:bench:{number}", "headline": f"Lock {number} of Ghent opens"}
        article["body_text"] = f"The lock number {number} was opened in Ghent on Monday."
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        for attempt in range(1_000):
            url = f"{self.urls[attempt % len(self.urls)]}/v1/articles"
            asked = urllib.request.Request(url, json.dumps(article).encode(), headers)
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:
                    self.acknowledged.add(json.loads(answer.read())["id"])
                    return
            except urllib.error.HTTPError as refusal:
                self._count(str(refusal.code))
                if refusal.code != 503:
                    self.failed.append(f"{number}: {refusal.code}")
                    return
            except (OSError, HTTPException) as problem:
                self._count(type(problem).__name__)
            time.sleep(0.2)
        self.failed.append(f"{number}: never taken")

    def _count(self, what: str) -> None:
        self.refused[what] = self.refused.get(what, 0) + 1


@dataclass
class Running:
    """A service as a process, started again under the same name and port."""

    name: str
    env: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = start_service(self.name, self.env, self.log)

    def stop(self) -> float:
        """Ends it in order; how long that took."""
        began = time.monotonic()
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return time.monotonic() - began

    def is_ready(self) -> bool:
        return answers(f"{service_ops_url(self.name, self.env)}/readyz")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=5, help="articles a second")
    parser.add_argument("--seconds", type=float, default=15, help="between two losses")
    asked = parser.parse_args()
    sys.stdout.write(machine())
    ensure_jars(JARS)
    folder = Path(tempfile.mkdtemp(prefix="newsman-brokers-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        brokers = _brokers(folder)
        for each in brokers:
            stack.callback(each.kill)
            each.start()
        for each in brokers:
            each.wait_ready(180)
        valkey = Valkey(folder / "valkey", free_port())
        stack.callback(valkey.kill)
        valkey.start()
        valkey.wait_ready()
        bootstrap = ",".join(each.bootstrap for each in brokers)
        config = {"min.insync.replicas": "2"}
        plan = [PlannedTopic(t, t.partitions, 3, {**t.config(), **config}) for t in TOPICS]
        create_missing(bootstrap, "newsman", plan)
        services = _services(folder, bootstrap, valkey.url)
        for one in services:
            stack.callback(one.stop)
            one.start()
        wait_for(lambda: all(one.is_ready() for one in services), 180)
        return 1 if _trial(brokers, services, bootstrap, asked) else 0


def _trial(
    brokers: list[Member], services: list[Running], bootstrap: str, asked: argparse.Namespace
) -> int:
    client = Client([service_url(one.env) for one in services[:2]], asked.rate)
    thread = threading.Thread(target=client.run)
    thread.start()
    took: dict[str, float] = {}
    try:
        for each in brokers:
            time.sleep(asked.seconds)
            each.kill()
            time.sleep(asked.seconds)
            each.start()
            each.wait_ready(180)
        for number, one in enumerate(services):
            took[f"{one.name} {number}"] = one.stop()
            one.start()
            wait_for(one.is_ready, 180)
    finally:
        client.stopping.set()
        thread.join()
    until = time.monotonic() + SETTLE_SECONDS
    while (published := _published(bootstrap)) < client.acknowledged and time.monotonic() < until:
        time.sleep(1)
    slowest = max(took.values())
    rows = [
        ("articles acknowledged", len(client.acknowledged), False),
        ("… and not published", len(client.acknowledged - published), True),
        ("published and not acknowledged", len(published - client.acknowledged), True),
        ("pushes that were not taken in the end", len(client.failed), True),
        ("answers and errors that were tried again", str(client.refused), False),
        ("longest from SIGTERM to the end of a service, s", round(slowest, 1), False),
    ]
    wrong = 0
    for what, value, must_be_nothing in rows:
        is_wrong = bool(must_be_nothing and value)
        wrong += is_wrong
        sys.stdout.write(f"| {MARK + ' ' if is_wrong else ''}{what} | {value} |\n")
    if slowest > ENDS_WITHIN_SECONDS:
        wrong += 1
        sys.stdout.write(f"| {MARK} ended later than {ENDS_WITHIN_SECONDS:.0f} s | {took} |\n")
    return wrong


def _published(bootstrap: str) -> set[str]:
    found = set()
    name = ARTICLE_PUBLISHED.full_name("newsman")
    with open_log(bootstrap, client_id="bench-brokers", gone=warn_gone) as log:
        for record in log.read_all(name):
            found.add(record.key.decode())
    return found


def _brokers(folder: Path) -> list[Member]:
    ports = [(free_port(), free_port()) for _ in range(3)]
    voters = ",".join(f"{n}@127.0.0.1:{port}" for n, (_, port) in enumerate(ports, 1))
    cluster = "newsman" + base64.urlsafe_b64encode(os.urandom(11)).decode().rstrip("=")
    return [
        Member(folder / f"kafka-{n}", port, controller, JARS, number=n, voters=voters,
               cluster=cluster)
        for n, (port, controller) in enumerate(ports, 1)
    ]  # fmt: skip


def _services(folder: Path, bootstrap: str, redis_url: str) -> list[Running]:
    sources = folder / "sources.toml"
    sources.touch(0o600)
    sources.write_text(f'[sources.bench]\nkeys = ["{_digest()}"]\n')
    found = []
    for number, name in enumerate(SERVICES):
        env = {
            **os.environ,
            "NEWSMAN_KAFKA_BOOTSTRAP": bootstrap,
            "NEWSMAN_REDIS_URL": redis_url,
            "NEWSMAN_SOURCES_FILE": str(sources),
            "NEWSMAN_ASSETS_URL": (folder / "assets").as_uri(),
            "NEWSMAN_INSTANCE": f"bench-{number}",
            "NEWSMAN_PORT": str(free_port()),
            "NEWSMAN_OPS_PORT": str(free_port()),
        }
        found.append(Running(name, env, folder / f"{name}-{number}.log"))
    return found


def _digest() -> str:
    return "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
