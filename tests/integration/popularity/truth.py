"""A stream of views for tests of exactness, put on the log, and what it must end in."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tests.log import records_on

from newsman.kafka.clients import build_producer
from newsman_schemas.articles import article_id
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import Numbers, View, plain_numbers

ARTICLES, READERS = 500, 4_000
DUPLICATES = 0.2
BAD_EVERY = 997
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
    """The views on the log, each under the time at which it was logged."""
    producer = build_producer(bootstrap, client_id="exact", linger_ms=20)
    topic = ARTICLE_VIEWED.full_name(namespace)
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


def truth_of_the_log(
    bootstrap: str, namespace: str, *, now: int, view_window: int
) -> tuple[Numbers, int]:
    """What the log as it stands must end in, counted in the plainest way, and its events."""
    views = read_log(bootstrap, ARTICLE_VIEWED.full_name(namespace))
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


def read_log(bootstrap: str, topic: str) -> list[View]:
    """Every view of the log; of one partition in its order."""
    views: list[View] = []
    for record in records_on(bootstrap, topic):
        told = json.loads(record.value)
        views.append(
            View(
                told["article_id"],
                told["reader"],
                told["occurred_at"],
                record.timestamp // 1000,
                told["resend_id"],
            )
        )
    return views
