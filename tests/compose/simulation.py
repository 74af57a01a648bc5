"""`newsman simulate` in a container beside a stack, from a beginning to an end."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker.models.containers import Container
from tests.compose.conftest import Compose
from tests.conftest import wait_until

KEY = "demo-key"
SETTLE_SECONDS = 240
VERIFIED_WITHIN_SECONDS = SETTLE_SECONDS + 240
"""Senders wait up to three minutes for an answer before the comparison begins."""
ADDRESSES = {
    "NEWSMAN_PUSH_KEY": KEY,
    "NEWSMAN_PUSH_URL": "http://ingest:8080",
    "NEWSMAN_PUBLIC_URL": "http://feeds:8081",
    "NEWSMAN_KAFKA_BOOTSTRAP": "kafka:9092",
    "NEWSMAN_REDIS_URL": "redis://redis:6379/0",
}


def agreed(document: dict) -> dict:
    """What was verified; fails unless every exit agrees."""
    verified = document["verified"]
    assert verified["agrees"], verified
    assert document["surprises"] == []
    return verified


def conserved(document: dict) -> dict:
    """What was verified; fails unless every push was answered and nothing was left uncompared."""
    verified = agreed(document)
    assert (document["unknown"], verified["unsure"], verified["unsure_views"]) == (0, 0, 0)
    assert document["views"] == verified["views"] > 0
    assert "lost" not in verified["fates"]
    assert verified["fates"]["published"] > 0
    return verified


@dataclass
class Simulation:
    """A simulator that runs."""

    container: Container

    def end(self) -> dict:
        """Sends no more, compares, and answers the document."""
        self.container.kill("SIGTERM")
        self.container.wait(timeout=VERIFIED_WITHIN_SECONDS)
        said = self.container.logs(stdout=True, stderr=False).decode()
        assert said, self.container.logs().decode()[-3_000:]
        return json.loads(said.splitlines()[-1])


@contextmanager
def simulating(compose: Compose, image: str, *words: str) -> Iterator[Simulation]:
    """A simulator beside the stack, that verifies when it is ended."""
    container = compose.engine.client.containers.run(
        image,
        ["simulate", *words, "--seconds", "3600", "--verify", "--json"]
        + ["--settle", str(SETTLE_SECONDS)],
        network=f"{compose.project}_default",
        environment=ADDRESSES,
        detach=True,
    )
    try:
        yield Simulation(container)
    finally:
        container.remove(force=True)


Told = tuple[int, str]
"""A revision and what is told of it: `published`, `killed`, …"""


@dataclass
class Deliveries:
    """Webhooks that a receiver was sent, by article."""

    last: dict[str, Told] = field(default_factory=dict)
    ids: defaultdict[tuple[str, Told], set[str]] = field(default_factory=lambda: defaultdict(set))
    disorder: list[str] = field(default_factory=list)

    def take(self, rows: Iterable[dict[str, Any]]) -> "Deliveries":
        """Takes webhooks in the order in which they came."""
        seen = set()
        for row in rows:
            if not row["type"].startswith("article."):
                continue
            article, told = row["article"], (row["revision"], row["type"].partition(".")[2])
            if row["id"] in seen:
                continue  # The same delivery may come twice.
            seen.add(row["id"])
            self.ids[article, told].add(row["id"])
            if told[0] < self.last.get(article, (0, ""))[0]:
                self.disorder.append(f"{article}: {told} after {self.last[article]}")
            self.last[article] = told
        return self


def deliveries_agree(compose: Compose, *, but: str) -> None:
    """Fails unless the receiver has the last of every article, in order, each under one id.

    One (its uri) is left out: a receiver of before, which is gone, was told of it.
    """

    def missing() -> list[str]:
        published, received = _published(compose, but=but), Deliveries().take(_received(compose))
        return [
            f"{article}: {told} is the last, and {received.last.get(article)} was received"
            for article, told in published.items()
            if received.last.get(article, (0, ""))[0] != told[0]
            and (told[1] not in WITHDRAWALS or article in received.last)
        ]

    wait_until(lambda: not missing(), timeout=SETTLE_SECONDS, what=lambda: "\n".join(missing()))
    received = Deliveries().take(_received(compose))
    assert received.disorder == []
    assert {key: ids for key, ids in received.ids.items() if len(ids) > 1} == {}


WITHDRAWALS = ("killed", "withdrawn")
"""Only who was sent an article hears of these."""


def _received(compose: Compose) -> Iterable[dict[str, Any]]:
    (receiver,) = [
        c for c in compose.containers() if c.labels["com.docker.compose.service"] == "receiver"
    ]
    return [json.loads(line) for line in receiver.logs(stderr=False).decode().splitlines()]


def _published(compose: Compose, *, but: str) -> dict[str, Told]:
    words = ("tail", "article-published", "--since", "1d", "--until-end", "--json")
    said = compose("run", "--rm", "--no-deps", "-T", "cli", *words)
    events = [json.loads(line)["event"] for line in said.splitlines()]
    last: dict[str, Told] = {}
    for event in filter(None, events):
        if event["uri"] == but:
            continue
        told = (event["revision"], event["action"])
        last[event["article_id"]] = max(told, last.get(event["article_id"], (0, "")))
    return last
