"""The counting scripts on a real server, against counts made in the plainest way."""

import random
from collections import defaultdict

import pytest
import redis

from newsman.popularity.core import View
from newsman.popularity.store import Counted, CountStore, Moved
from newsman.redis.keys import RESET, PopularityKeys
from newsman_schemas.popularity import WINDOW_SECONDS

NOW = 1_772_452_800
WINDOW = 1_800
ARTICLE = "a" * 16


@pytest.fixture
def client(redis_url: str):
    with redis.Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def store(client, namespace: str) -> CountStore:
    return CountStore(client, namespace, window_seconds=WINDOW)


def view(article=ARTICLE, reader="r1", at=NOW, logged=NOW, resend_id="") -> View:
    return View(article, reader, at, logged, resend_id)


def count(store: CountStore, views, *, expected=None, next_offset=None, clock=NOW):
    start = expected or 0
    return store.count(
        0,
        views,
        expected=expected,
        next_offset=start + len(views) if next_offset is None else next_offset,
        clock_seconds=clock,
    )


def numbers(client, namespace: str, window: str) -> dict[str, tuple[int, int]]:
    keys = PopularityKeys(namespace, 0)
    readers = dict(client.zrange(keys.readers(window), 0, -1, withscores=True))
    return {
        member.decode(): (int(views), int(readers.get(member, 0)))
        for member, views in client.zrange(keys.views(window), 0, -1, withscores=True)
    }


def plain_counts(views: list[View], *, now: int) -> dict[str, dict[str, tuple[int, int]]]:
    """The rules in the plainest words: a view counts unless the same reader has a counted view
    of the same article less than the window away."""
    counted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for v in views:
        times = counted[(v.article_id, v.reader)]
        if all(abs(v.at_seconds - t) >= WINDOW for t in times):
            times.append(v.at_seconds)
    result: dict[str, dict[str, tuple[int, int]]] = {}
    for name, seconds in WINDOW_SECONDS.items():
        rows: dict[str, tuple[int, int]] = {}
        for (article, _), times in counted.items():
            inside = sum(t > now - seconds for t in times)
            if inside:
                views_so_far, readers_so_far = rows.get(article, (0, 0))
                rows[article] = (views_so_far + inside, readers_so_far + 1)
        result[name] = rows
    return result


def test_a_reader_counts_once_within_the_window_and_again_after_it(store, client, namespace):
    views = [view(at=NOW), view(at=NOW + WINDOW - 1), view(at=NOW + WINDOW)]
    assert count(store, views) == Counted(counted=2, duplicates=1, late=0)
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 1)}


def test_the_same_offsets_twice_count_once(store, client, namespace):
    assert count(store, [view()]) == Counted(1, 0, 0)
    assert count(store, [view(reader="r2")]) == Moved(1)
    assert numbers(client, namespace, "1h") == {ARTICLE: (1, 1)}
    assert store.offset(0) == 1


def test_a_resend_with_the_same_id_counts_once_however_late(store, client, namespace):
    first = view(at=NOW, resend_id="abc")
    again = view(at=NOW + 7_200, logged=NOW + 7_200, resend_id="abc")
    assert count(store, [first, again]) == Counted(1, 1, 0)


def test_views_leave_each_window_to_the_second(store, client, namespace):
    count(store, [view(at=NOW - 100), view(reader="r2", at=NOW)])
    assert store.advance(0, expected=2, clock_seconds=NOW - 100 + 3_599)
    assert numbers(client, namespace, "1h") == {ARTICLE: (2, 2)}
    assert store.advance(0, expected=2, clock_seconds=NOW - 100 + 3_600)
    assert numbers(client, namespace, "1h") == {ARTICLE: (1, 1)}
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 2)}


def test_a_late_view_lands_in_the_windows_of_its_own_time(store, client, namespace):
    assert count(store, [view(at=NOW - 7_200)]) == Counted(1, 0, 0)
    assert numbers(client, namespace, "1h") == {}
    assert numbers(client, namespace, "24h") == {ARTICLE: (1, 1)}
    assert count(store, [view(reader="r9", at=NOW - 8 * 86_400)], expected=1) == Counted(0, 0, 1)


def test_nothing_is_left_behind_when_everything_has_left_the_windows(store, client, namespace):
    count(store, [view(reader=f"r{n}", at=NOW - n, resend_id=f"id{n}") for n in range(500)])
    assert store.advance(0, expected=500, clock_seconds=NOW + 9 * 86_400)
    keys = PopularityKeys(namespace, 0)
    left = {key.decode().removeprefix(keys.prefix) for key in client.scan_iter(f"{keys.prefix}*")}
    assert left == {":offset", ":edge:1h", ":edge:24h", ":edge:7d"}


def test_every_view_counts_when_the_window_is_zero(client, namespace):
    every = CountStore(client, namespace, window_seconds=0)
    assert count(every, [view(), view(), view(at=NOW + 1)]) == Counted(3, 0, 0)
    assert numbers(client, namespace, "1h") == {ARTICLE: (3, 1)}
    assert every.advance(0, expected=3, clock_seconds=NOW + 3_601)
    assert numbers(client, namespace, "1h") == {}


def test_another_view_window_starts_the_count_again(store, client, namespace):
    assert store.offset(0) is None
    count(store, [view()])
    assert CountStore(client, namespace, window_seconds=600).offset(0) is None
    assert numbers(client, namespace, "1h") == {}


def test_an_operators_reset_starts_the_count_again(store, client, namespace):
    count(store, [view()])
    client.set(PopularityKeys(namespace, 0).offset, RESET)
    assert count(store, [view(reader="r2")], expected=1) == Moved(None)
    assert store.offset(0) is None
    assert count(store, [view()]) == Counted(1, 0, 0)


def test_counts_that_somebody_else_made_or_lost_are_not_moved(store, client, namespace):
    count(store, [view()])
    assert not store.advance(0, expected=7, clock_seconds=NOW)
    client.delete(PopularityKeys(namespace, 0).offset)
    assert not store.advance(0, expected=1, clock_seconds=NOW)
    assert store.advance(0, expected=None, clock_seconds=NOW)


@pytest.mark.parametrize("seed", range(5))
def test_any_stream_of_views_ends_in_the_plainly_counted_numbers(store, client, namespace, seed):
    rng = random.Random(seed)
    clock, offset, views = NOW, None, []
    for _ in range(40):
        batch = [
            view(
                article=rng.choice("abcde") * 16,
                reader=f"r{rng.randrange(12)}",
                at=clock - int(rng.expovariate(1 / 2_500)),
                logged=clock,
            )
            for _ in range(rng.randrange(1, 30))
        ]
        count(store, batch, expected=offset, clock=clock)
        offset = (offset or 0) + len(batch)
        views += batch
        clock += rng.randrange(1, 9_000)
        if rng.random() < 0.6:
            assert store.advance(0, expected=offset, clock_seconds=clock)
    assert store.advance(0, expected=offset, clock_seconds=clock)
    truth = plain_counts(views, now=clock)
    assert {window: numbers(client, namespace, window) for window in truth} == truth
