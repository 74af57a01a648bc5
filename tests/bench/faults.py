"""The table of faults: what came of everything that was accepted, compared from outside.

`tests/bench/run.py --only faults`. A fault is one entry in `fault_list.py`.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis
from fault_list import Fault
from fault_list import faults as all_faults
from fault_load import Load
from fault_stack import NAMESPACE, FaultStack, fault_stack
from stack import MARK

from newsman.kafka.log import open_log
from newsman.redis.keys import PopularityKeys, row
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey
from newsman_schemas.topics import ARTICLE_PUBLISHED, ARTICLE_VIEWED

FREEZE_SECONDS = 45.0
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 3.0
CATCH_UP_LIMIT_SECONDS = 90.0
LOOK_SECONDS = 0.25
HEAD = (
    "| fault | accepted | refused | lost | twice | webhooks repeated | views accepted / counted | "
    "wrong counts | restarts | caught up, s |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


@dataclass(frozen=True)
class Row:
    """What came of one fault; `lost` and `wrong_counts` are numbers of articles."""

    fault: str
    accepted: int
    refused: int
    lost: int
    twice: int
    repeated: int
    views: int
    counted: int
    wrong_counts: int
    restarts: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        """Something was lost, or came twice, or was counted wrongly."""
        return bool(self.lost or self.twice or self.wrong_counts)


def faults(
    broker: Broker,
    valkey: Valkey,
    folder: Path,
    *,
    named: str = "",
    freeze_seconds: float = FREEZE_SECONDS,
) -> str:
    """Every fault whose name has `named` in it; bad rows are marked."""
    chosen = [fault for fault in all_faults(freeze_seconds) if named in fault.name]
    with fault_stack(broker, valkey, folder / "faults") as stack:
        return HEAD + "".join(line(measured(fault, stack)) for fault in chosen)


def measured(fault: Fault, stack: FaultStack) -> Row:
    """One fault under load, and the time from the end of the load until all of it is there."""
    restarts = stack.restarts
    load = Load(stack["ingest"].url, f"{fault.name.replace(' ', '-')}-{time.time_ns()}")
    time.sleep(BEFORE_SECONDS)
    fault.strike(stack)
    time.sleep(AFTER_SECONDS)
    load.end()
    began = time.monotonic()
    seen = Seen(stack, load)
    while not seen.is_whole() and time.monotonic() - began < CATCH_UP_LIMIT_SECONDS:
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    found = seen.row(fault.name, stack.restarts - restarts, seconds)
    print(line(found), end="", file=sys.stderr, flush=True)
    stack.wait_ready()
    return found


def line(found: Row) -> str:
    """The row in Markdown, marked if it is bad."""
    mark = f"{MARK} " if found.is_bad else ""
    cells = (
        f"{mark}{found.fault}",
        f"{found.accepted:,}",
        f"{found.refused:,}",
        f"{found.lost:,}",
        f"{found.twice:,}",
        f"{found.repeated:,}",
        f"{found.views:,} / {found.counted:,}",
        f"{found.wrong_counts:,}",
        f"{found.restarts}",
        f"{found.seconds:.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


class Seen:
    """What of a load is at every exit."""

    def __init__(self, stack: FaultStack, load: Load) -> None:
        self._stack = stack
        self._load = load
        self._accepted = frozenset(load.accepted)
        self._on_pages: set[str] = set()

    def is_whole(self) -> bool:
        """All of it is on the API and with the subscriber, and all views are counted."""
        return (
            self._accepted <= self._at_the_subscriber().keys()
            and self._accepted <= self._at_the_api()
            and self._counts() == self._load.views
        )

    def row(self, fault: str, restarts: int, seconds: float) -> Row:
        """What is there and what is not, on the topic too."""
        webhooks, events = self._at_the_subscriber(), self._on_the_topic()
        everywhere = self._at_the_api() & webhooks.keys() & events.keys()
        counts, views = self._counts(), self._load.views
        twice = {a for a in self._accepted if max(len(webhooks[a]), len(events[a])) > 1}
        return Row(
            fault=fault,
            accepted=len(self._accepted),
            refused=self._load.refusals,
            lost=len(self._accepted - everywhere),
            twice=len(twice),
            repeated=sum(webhooks[a].total() - len(webhooks[a]) for a in self._accepted),
            views=views.total(),
            counted=counts.total(),
            wrong_counts=sum(counts[a] != views[a] for a in self._accepted),
            restarts=restarts,
            seconds=seconds,
        )

    def _at_the_api(self) -> set[str]:
        """Articles that feeds has served once."""
        url = self._stack["feeds"].url
        with httpx.Client(base_url=url, timeout=10) as client:
            for article in sorted(self._accepted - self._on_pages):
                try:
                    if client.get(f"/v1/articles/{article}").status_code != 200:
                        break
                except httpx.TransportError:
                    break
                self._on_pages.add(article)
        return self._on_pages

    def _at_the_subscriber(self) -> dict[str, Counter[str]]:
        """The webhooks about each article, by id."""
        found: dict[str, Counter[str]] = {}
        for (webhook, body), times in tuple(self._stack.subscriber.came.items()):
            article = json.loads(body)["data"]["id"]
            found.setdefault(article, Counter())[webhook] += times
        return _defaulting(found)

    def _on_the_topic(self) -> dict[str, Counter[str]]:
        """The events about each article, by revision: more than one revision is more than one
        publication."""
        topic = ARTICLE_PUBLISHED.full_name(NAMESPACE)
        found: dict[str, Counter[str]] = {}
        with open_log(self._stack.broker.bootstrap, client_id="bench") as log:
            for record in log.read_all(topic):
                event = json.loads(record.value)
                revision = str(event["revision"])
                found.setdefault(event["article_id"], Counter())[revision] += 1
        return _defaulting(found)

    def _counts(self) -> Counter[str]:
        """The counted views of the load's articles."""
        found: Counter[str] = Counter()
        try:
            with redis.Redis.from_url(self._stack.valkey.url) as client:
                for number in range(ARTICLE_VIEWED.partitions):
                    key = PopularityKeys(NAMESPACE, number).count("all")
                    for member, score in client.zrange(key, 0, -1, withscores=True):
                        if (article := member.decode()) in self._accepted:
                            found[article] = row(score)[0]
        except redis.RedisError:
            return Counter()
        return found


class _Found(dict[str, "Counter[str]"]):
    def __missing__(self, _: str) -> "Counter[str]":
        return Counter()


def _defaulting(found: dict[str, "Counter[str]"]) -> "_Found":
    return _Found(found)
