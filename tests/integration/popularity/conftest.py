"""A store of counts on a real server, and the rule in its plainest words."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import pytest
import redis

from newsman.popularity.counting.batch import CountedBatch
from newsman.redis.keys import PopularityKeys, row
from newsman_schemas.popularity import WINDOW_SECONDS, WINDOWS
from newsman_schemas.topics import ARTICLE_VIEWED

WINDOW = 1_800
AWAY = WINDOW_SECONDS["30d"]
Numbers = dict[str, dict[str, tuple[int, int]]]
"""Views and readers by article, by window."""


class View(NamedTuple):
    """A view that may count."""

    article: str
    reader: str
    at: int
    logged: int
    resend_id: str | None = None


def batch_of(views: Iterable[View]) -> CountedBatch:
    batch = CountedBatch()
    for v in views:
        batch.add(
            v.article, v.reader, at_seconds=v.at, logged_seconds=v.logged, resend_id=v.resend_id
        )
    return batch


def stored_numbers(
    client: redis.Redis,
    namespace: str,
    partitions: Iterable[int] = range(ARTICLE_VIEWED.partitions),
) -> Numbers:
    """What Redis holds, over all partitions."""
    found: Numbers = {window: {} for window in WINDOWS}
    for partition in partitions:
        keys = PopularityKeys(namespace, partition)
        for window, rows in found.items():
            stored = client.zrange(keys.count(window), 0, -1, withscores=True)
            rows |= {member.decode(): row(score) for member, score in stored}
    return found


def counted_times(views: Iterable[View], view_window: int) -> dict[tuple[str, str], list[int]]:
    """When the views of each article and reader were that count."""
    counted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for v in views:
        times = counted[(v.article, v.reader)]
        if all(abs(v.at - t) >= view_window for t in times):
            times.append(v.at)
    return counted


def plain_numbers(views: Iterable[View], *, now: int, view_window: int = WINDOW) -> Numbers:
    """A view counts unless the same reader has a counted view of the same article less than the
    view window away; a window of so many minutes holds the minute of `now` and those before. Of
    all time, a reader who was away for 30 days is a new one."""
    counted = counted_times(views, view_window)
    found: Numbers = {"all": {}}
    for (article, _), times in counted.items():
        came = sum(t - before >= AWAY for before, t in itertools.pairwise([-AWAY, *sorted(times)]))
        views_so_far, readers_so_far = found["all"].get(article, (0, 0))
        found["all"][article] = (views_so_far + len(times), readers_so_far + came)
    for window, seconds in WINDOW_SECONDS.items():
        rows: dict[str, tuple[int, int]] = {}
        for (article, _), times in counted.items():
            inside = sum(t // 60 > now // 60 - seconds // 60 for t in times)
            if inside:
                views_so_far, readers_so_far = rows.get(article, (0, 0))
                rows[article] = (views_so_far + inside, readers_so_far + 1)
        found[window] = rows
    return found


@pytest.fixture
def client(redis_url: str):
    with redis.Redis.from_url(redis_url) as client:
        yield client
