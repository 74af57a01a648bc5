"""A stream of views for tests of exactness, put on the log, and what it must end in."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tests.log import records_on

from newsman.kafka.clients import build_producer
from newsman.kafka.partitions import partition_of
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_VIEWED, ARTICLE_VIEWED_V1

from .conftest import Numbers, View, plain_numbers

ARTICLES, READERS = 500, 4_000
DUPLICATES = 0.2
BAD_EVERY = 997
TOGETHER = 9
MINUTE, HOUR = 60, 3_600


class Stream(NamedTuple):
    """Views in the order of the log, and how many stand among them that never count."""

    views: list[View]
    futures: int


def make_stream(events: int, *, now: int, seed: int) -> Stream:
    """Views of two days up to `now`: 20 % repeats, some hours late, some from the future."""
    rng = random.Random(seed)
    ids = [article_id("exact", str(n)) for n in range(ARTICLES)]
    weights = [1 / (rank + 1) for rank in range(ARTICLES)]
    views: list[View] = []
    futures = 0
    for number in range(events):
        logged = now - 48 * HOUR + 48 * HOUR * number // events
        if views and rng.random() < DUPLICATES:
            before = rng.choice(views[-2_000:])
            at = min(logged + 5 * MINUTE, before.at + rng.randrange(-29 * MINUTE, 29 * MINUTE))
            views.append(before._replace(at=at, logged=logged))
            continue
        at = logged
        if number % BAD_EVERY == 0:
            at, futures = logged + 5 * MINUTE + 1 + rng.randrange(HOUR), futures + 1
        elif rng.random() < 0.1:
            at -= rng.randrange(12 * HOUR)
        article = rng.choices(ids, weights)[0]
        resend_id = f"{article}-{rng.randrange(events)}" if rng.random() < 0.1 else None
        views.append(View(article, f"{rng.randrange(READERS):022x}", at, logged, resend_id))
    return Stream(views, futures)


def produce(bootstrap: str, namespace: str, views: Iterable[View]) -> None:
    """The views on the log of the first version, each under the time at which it was logged."""
    producer = build_producer(bootstrap, client_id="exact", linger_ms=20)
    topic = ARTICLE_VIEWED_V1.full_name(namespace)
    for number, view in enumerate(views):
        event = {
            "event_id": str(number),
            "occurred_at": view.at,
            "article_id": view.article,
            "reader": view.reader,
            "resend_id": view.resend_id,
        }
        value, key = json.dumps(event).encode(), view.article.encode()
        producer.send(topic, key=key, value=value, timestamp_ms=view.logged * 1000)
    producer.flush()
    producer.close()


def produce_together(bootstrap: str, namespace: str, views: Iterable[View]) -> None:
    """The views on the log of the second version: those that follow on one another in a partition
    together, under the time at which the first of them was logged."""
    producer = build_producer(bootstrap, client_id="exact", linger_ms=20)
    topic = ARTICLE_VIEWED.full_name(namespace)
    groups: dict[int, list[View]] = {}

    def send(partition: int) -> None:
        group = groups.pop(partition)
        told = [
            {"article_id": v.article, "reader": v.reader, "at": v.at, "resend_id": v.resend_id}
            for v in group
        ]
        event = {"event_id": "e", "occurred_at": group[0].logged, "views": told}
        producer.send(
            topic,
            partition=partition,
            value=json.dumps(event).encode(),
            timestamp_ms=group[0].logged * 1000,
        )

    for view in views:
        partition = partition_of(view.article, ARTICLE_VIEWED.partitions)
        groups.setdefault(partition, []).append(view)
        if len(groups[partition]) == TOGETHER:
            send(partition)
    for partition in list(groups):
        send(partition)
    producer.flush()
    producer.close()


def truth_of_the_log(
    bootstrap: str, namespace: str, *, now: int, view_window: int
) -> tuple[Numbers, int]:
    """What the log as it stands must end in, counted in the plainest way, and its events."""
    views = read_log(bootstrap, namespace)
    return plain_numbers(allowed(views), now=now, view_window=view_window), len(views)


def allowed(views: Sequence[View]) -> list[View]:
    """Without those from the future, and without repeated ids."""
    ids: set[str] = set()
    kept = []
    for view in views:
        if view.at > view.logged + 5 * MINUTE or view.resend_id in ids:
            continue
        if view.resend_id is not None:
            ids.add(view.resend_id)
        kept.append(view)
    return kept


def read_log(bootstrap: str, namespace: str) -> list[View]:
    """Every view of both logs, the first version's before; of one partition in its order."""
    views: list[View] = []
    for record in records_on(bootstrap, ARTICLE_VIEWED_V1.full_name(namespace)):
        told = json.loads(record.value)
        views.append(_view(told, told["occurred_at"], record))
    for record in records_on(bootstrap, ARTICLE_VIEWED.full_name(namespace)):
        views += [_view(told, told["at"], record) for told in json.loads(record.value)["views"]]
    return views


def _view(told: dict[str, str], at: int, record: Any) -> View:
    logged = record.timestamp // 1000
    return View(told["article_id"], told["reader"], at, logged, told["resend_id"])
