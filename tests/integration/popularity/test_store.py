"""The counting scripts on a real server, against counts made in the plainest way."""

import random

import pytest

from newsman.kafka.offset_in_store import OffsetMoved
from newsman.popularity.counting.batch import CountedBatch
from newsman.popularity.counting.count_store import CountStore
from newsman.popularity.counting.judging import CountedViews
from newsman.redis.keys import RESET, PopularityKeys, row
from newsman_schemas.popularity import ArticleViewed

from .conftest import (
    WINDOW,
    View,
    batch_of,
    counted_times,
    plain_numbers,
    stored_numbers,
)

NOW = 1_772_452_800
DAY = 86_400
ARTICLE = "a" * 16


@pytest.fixture
def store(client, namespace: str) -> CountStore:
    store = CountStore(client, namespace, window_seconds=WINDOW)
    assert store.offset(0) is None
    return store


def view(article=ARTICLE, reader="r1", at=NOW, logged=NOW, resend_id=None) -> View:
    return View(article, reader, at, logged, resend_id)


def count(store: CountStore, views, *, expected=None, clock=NOW):
    next_offset = (expected or 0) + len(views)
    return store.count(
        0, batch_of(views), expected=expected, next_offset=next_offset, clock_seconds=clock
    )


def numbers(client, namespace: str, window: str) -> dict[str, tuple[int, int]]:
    return stored_numbers(client, namespace, [0])[window]


def keys_left(client, namespace: str) -> set[str]:
    prefix = PopularityKeys(namespace, 0).prefix
    return {key.decode().removeprefix(prefix) for key in client.scan_iter(f"{prefix}*")}


def test_a_reader_counts_once_within_the_window_and_again_after_it(store, client, namespace):
    views = [view(at=NOW), view(at=NOW + WINDOW - 1), view(at=NOW + WINDOW)]
    assert count(store, views) == CountedViews(counted=2, duplicates=1, past=0)
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 1)}


def test_an_earlier_view_that_comes_later_counts_by_the_same_rule(store, client, namespace):
    views = [view(at=NOW), view(at=NOW - WINDOW + 1), view(at=NOW - WINDOW), view(at=NOW - 1)]
    assert count(store, views) == CountedViews(counted=2, duplicates=2, past=0)
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 1)}


def test_the_same_offsets_twice_count_once(store, client, namespace):
    assert count(store, [view()]) == CountedViews(1, 0, 0)
    assert count(store, [view(reader="r2")]) == OffsetMoved()
    assert numbers(client, namespace, "1h") == {ARTICLE: (1, 1)}
    assert store.offset(0) == 1


def test_another_process_knows_who_has_seen_what(store, client, namespace):
    assert count(store, [view(resend_id="abc"), view(reader="r2")]) == CountedViews(2, 0, 0)
    other = CountStore(client, namespace, window_seconds=WINDOW)
    assert other.offset(0) == 2
    again = [view(at=NOW + 60), view(reader="r2", at=NOW + WINDOW), view(resend_id="abc")]
    assert count(other, again, expected=2) == CountedViews(1, 2, 0)
    assert count(store, [view(reader="r3")], expected=2) == OffsetMoved()
    assert store.offset(0) == 5
    assert count(store, [view(reader="r2", at=NOW + WINDOW + 60)], expected=5) == CountedViews(
        0, 1, 0
    )
    assert numbers(client, namespace, "24h") == {ARTICLE: (3, 2)}


def test_what_an_older_state_of_redis_does_not_know_counts_again(store, client, namespace):
    key = PopularityKeys(namespace, 0).prefix
    count(store, [view()])
    older = {k: client.dump(k) for k in client.scan_iter(f"{key}*")}
    count(store, [view(reader="r2")], expected=1)
    client.delete(*client.scan_iter(f"{key}*"))
    for name, value in older.items():
        client.restore(name, 0, value)
    assert count(store, [view(reader="r3")], expected=2) == OffsetMoved()
    assert store.offset(0) == 1
    assert count(store, [view(reader="r2"), view()], expected=1) == CountedViews(1, 1, 0)
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 2)}


def test_a_large_run_reaches_the_rows_step_by_step_whoever_makes_the_steps(
    store, client, namespace
):
    rng = random.Random(1)
    views = [
        view(f"{rng.randrange(2_000):016x}", f"r{n}", NOW - rng.randrange(DAY))
        for n in range(20_000)
    ]
    judged = store.state(0, None).judge(batch_of(views), clock_seconds=NOW)
    assert judged.counted == CountedViews(20_000, 0, 0)
    assert store.begin(0, judged, next_offset=20_000, real_seconds=NOW)()
    assert store.waiting(0) > 10
    assert store.go_on(0, real_seconds=NOW)()
    other = CountStore(client, namespace, window_seconds=WINDOW)
    assert other.offset(0) == 20_000
    assert other.advance(0, expected=20_000, clock_seconds=NOW)
    assert other.waiting(0) == 0
    assert stored_numbers(client, namespace, [0]) == plain_numbers(views, now=NOW)


def test_a_resend_with_the_same_id_counts_once_however_late(store):
    first = view(at=NOW, resend_id="abc")
    again = view(at=NOW + 7_200, logged=NOW + 7_200, resend_id="abc")
    much_later = view(at=NOW + 5 * DAY, logged=NOW + 5 * DAY, resend_id="abc")
    assert count(store, [first, again]) == CountedViews(1, 1, 0)
    assert count(store, [much_later], expected=2) == CountedViews(0, 1, 0)


def test_views_leave_each_window_to_the_minute(store, client, namespace):
    count(store, [view(at=NOW - 120), view(reader="r2", at=NOW)])
    assert store.advance(0, expected=2, clock_seconds=NOW - 120 + 3_599)
    assert numbers(client, namespace, "1h") == {ARTICLE: (2, 2)}
    assert store.advance(0, expected=2, clock_seconds=NOW - 120 + 3_600)
    assert numbers(client, namespace, "1h") == {ARTICLE: (1, 1)}
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 2)}


def test_a_reader_leaves_a_window_with_the_last_of_the_readers_views(store, client, namespace):
    count(store, [view(at=NOW), view(at=NOW + 3_000)])
    assert numbers(client, namespace, "1h") == {ARTICLE: (2, 1)}
    assert store.advance(0, expected=2, clock_seconds=NOW + 3_600)
    assert numbers(client, namespace, "1h") == {ARTICLE: (1, 1)}
    assert store.advance(0, expected=2, clock_seconds=NOW + 6_600)
    assert numbers(client, namespace, "1h") == {}
    assert numbers(client, namespace, "24h") == {ARTICLE: (2, 1)}


def test_a_late_view_lands_in_the_windows_of_its_own_time(store, client, namespace):
    assert count(store, [view(at=NOW - 7_200)]) == CountedViews(1, 0, 0)
    assert numbers(client, namespace, "1h") == {}
    assert numbers(client, namespace, "24h") == {ARTICLE: (1, 1)}
    assert count(store, [view(reader="r9", at=NOW - 31 * DAY)], expected=1) == CountedViews(0, 0, 1)


def test_nothing_is_left_behind_when_everything_has_left_the_windows(store, client, namespace):
    count(store, [view(reader=f"r{n}", at=NOW - n, resend_id=f"id{n}") for n in range(500)])
    store.count(
        0, filtered_batch("crawler"), expected=500, next_offset=501, clock_seconds=NOW + DAY
    )
    for days in (40, 42):
        assert store.advance(0, expected=501, clock_seconds=NOW + days * DAY)
    spans = {f":day:{NOW // DAY}", f":day:{NOW // DAY - 1}", f":filtered:day:{NOW // DAY}"}
    assert keys_left(client, namespace) - spans == {":offset", ":state", ":count:all"}
    assert store.advance(0, expected=501, clock_seconds=NOW + 402 * DAY)
    assert keys_left(client, namespace) == {":offset", ":state", ":count:all"}
    client.set(PopularityKeys(namespace, 0).offset, RESET)
    assert store.offset(0) is None
    assert keys_left(client, namespace) == {":state"}


def filtered_batch(*verdicts: str, at: int = NOW) -> CountedBatch:
    batch = CountedBatch()
    for verdict in verdicts:
        batch.add_filtered(ARTICLE, verdict, at)
    return batch


def test_what_does_not_count_is_kept_by_reason_hour_and_day(store, client, namespace):
    batch = filtered_batch("crawler", "rate", "crawler", "datacentre", "prefetch")
    told = {"expected": None, "next_offset": 5, "clock_seconds": NOW}
    assert store.count(0, batch, **told) == CountedViews(0, 0, 0)
    keys = PopularityKeys(namespace, 0)
    expected = {b"c": b"2", b"r": b"1", b"d": b"1", b"p": b"1"}
    for key in (keys.filtered("hour", NOW // 3_600), keys.filtered("day", NOW // DAY)):
        assert client.hgetall(key) == {ARTICLE.encode() + k: v for k, v in expected.items()}
    client.set(keys.offset, RESET)
    assert store.offset(0) is None
    assert keys_left(client, namespace) == {":state"}


def told(seconds: float, *, ended: bool = False, resend_id: str | None = None) -> ArticleViewed:
    fields = {"event_id": "1", "occurred_at": NOW, "article_id": ARTICLE, "reader": "r"}
    return ArticleViewed.model_validate(
        {**fields, "seconds": seconds, "read_to_end": ended, "resend_id": resend_id}
    )


def test_how_an_article_is_read_is_summed_by_day_and_a_resend_tells_nothing(
    store, client, namespace
):
    batch = batch_of([view(resend_id="a")])
    batch.add_attention(told(10.4), NOW, "count")
    batch.add_attention(told(86_000, ended=True), NOW, "leaving")
    place = {"expected": None, "next_offset": 2, "clock_seconds": NOW}
    assert store.count(0, batch, **place) == CountedViews(1, 0, 0)
    again = batch_of([view(resend_id="a")])
    again.add_attention(told(10.4), NOW, "count")
    place = {"expected": 2, "next_offset": 3, "clock_seconds": NOW}
    assert store.count(0, again, **place) == CountedViews(0, 1, 0)
    key, id_ = PopularityKeys(namespace, 0).attention(NOW // DAY), ARTICLE.encode()
    assert client.hgetall(key) == {id_ + b"n": b"2", id_ + b"s": b"1810", id_ + b"e": b"1"}
    assert store.advance(0, expected=3, clock_seconds=NOW + 402 * DAY)
    assert not client.exists(key)


def test_one_who_comes_back_after_the_longest_window_is_a_new_reader_of_all_time(
    store, client, namespace
):
    views = [view(at=NOW), view(at=NOW + DAY), view(at=NOW + 31 * DAY)]
    for number, one in enumerate(views):
        count(store, [one], expected=number or None, clock=one.at)
    assert store.advance(0, expected=3, clock_seconds=NOW + 31 * DAY)
    assert numbers(client, namespace, "all") == {ARTICLE: (3, 2)}
    assert numbers(client, namespace, "30d") == {ARTICLE: (1, 1)}


def test_the_decayed_score_halves_with_every_half_life(client, namespace):
    store = CountStore(client, namespace, window_seconds=0, half_life_seconds=3_600)
    other = "b" * 16
    views = [view(), view(at=NOW - 3_600), view(at=NOW - 7_200), view(article=other)]
    count(store, views, clock=NOW)
    count(store, [view(article=other, at=NOW - 3_600)], expected=4, clock=NOW + 60)
    scores = dict(client.zrange(PopularityKeys(namespace, 0).decayed, 0, -1, withscores=True))
    worth = {key.decode(): 2 ** (score - NOW / 3_600) for key, score in scores.items()}
    assert worth == pytest.approx({ARTICLE: 1.75, other: 1.5}, rel=1e-6)


def plain_spans(views: list[View], seconds: int) -> dict[int, dict[str, tuple[int, int]]]:
    found: dict[int, dict[str, tuple[int, int]]] = {}
    for (article, _), times in counted_times(views, WINDOW).items():
        for t in times:
            rows = found.setdefault(t // seconds, {})
            views_so_far, readers = rows.get(article, (0, 0))
            rows[article] = (views_so_far + 1, readers + (t == max(times)))
    return found


def stored_spans(client, namespace: str, span: str) -> dict[int, dict[str, tuple[int, int]]]:
    found = {}
    for key in client.scan_iter(f"{PopularityKeys(namespace, 0).prefix}:{span}:*"):
        rows = {k.decode(): row(float(v)) for k, v in client.hgetall(key).items()}
        found[int(key.rpartition(b":")[2])] = rows
    return found


@pytest.mark.parametrize("hours", [0.5, 8])
def test_the_view_window_may_be_half_an_hour_or_eight(client, namespace, hours):
    seconds = int(hours * 3_600)
    store = CountStore(client, namespace, window_seconds=seconds)
    views = [view(at=NOW - seconds), view(at=NOW - 1), view(at=NOW)]
    assert count(store, views) == CountedViews(2, 1, 0)


def test_every_view_counts_when_the_window_is_zero(client, namespace):
    every = CountStore(client, namespace, window_seconds=0)
    assert count(every, [view(), view(), view(at=NOW + 1)]) == CountedViews(3, 0, 0)
    assert numbers(client, namespace, "1h") == {ARTICLE: (3, 1)}
    assert every.advance(0, expected=3, clock_seconds=NOW + 3_661)
    assert numbers(client, namespace, "1h") == {}


def test_another_view_window_starts_the_count_again(store, client, namespace):
    count(store, [view()])
    assert store.offset(0) == 1
    assert CountStore(client, namespace, window_seconds=600).offset(0) is None
    assert keys_left(client, namespace) == {":state"}


def test_nothing_is_counted_that_nobody_can_tell_the_rule_of(store, client, namespace):
    client.delete(PopularityKeys(namespace, 0).state)  # emptied, between opening and counting
    assert count(store, [view()]) == OffsetMoved()
    assert store.offset(0) is None
    assert count(store, [view()]) == CountedViews(1, 0, 0)
    assert CountStore(client, namespace, window_seconds=WINDOW).offset(0) == 1


def test_an_operators_reset_starts_the_count_again(store, client, namespace):
    count(store, [view(), view(reader="r2", at=NOW - 3 * DAY)])
    client.set(PopularityKeys(namespace, 0).offset, RESET)
    assert count(store, [view(reader="r3")], expected=2) == OffsetMoved()
    assert store.offset(0) is None
    assert keys_left(client, namespace) == {":state"}
    assert count(store, [view()]) == CountedViews(1, 0, 0)


def test_counts_that_somebody_else_made_or_lost_are_not_moved(store, client, namespace):
    count(store, [view()])
    assert not store.advance(0, expected=7, clock_seconds=NOW)
    client.delete(PopularityKeys(namespace, 0).offset)
    assert not store.advance(0, expected=1, clock_seconds=NOW)
    assert store.advance(0, expected=None, clock_seconds=NOW)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("view_window", [0, WINDOW, 8 * 3_600])
def test_any_stream_of_views_ends_in_the_plainly_counted_numbers(
    client, namespace, seed, view_window
):
    store = CountStore(client, namespace, window_seconds=view_window)
    rng = random.Random(seed)
    clock, offset, views, batches = NOW, None, [], []
    for _ in range(60):
        batch = [
            view(
                article=rng.choice("abcde") * 16,
                reader=f"r{rng.randrange(12)}",
                at=clock - int(rng.expovariate(1 / rng.choice([60, 2_500, 90_000]))),
                logged=clock,
            )
            for _ in range(rng.randrange(1, 30))
        ]
        count(store, batch, expected=offset, clock=clock)
        offset = (offset or 0) + len(batch)
        batches.append((batch, clock))
        views += batch
        if rng.random() < 0.2:  # as after a restart, or when another process takes over
            store = CountStore(client, namespace, window_seconds=view_window)
        clock += rng.randrange(1, 20_000)
        if rng.random() < 0.6:
            assert store.advance(0, expected=offset, clock_seconds=clock)
    assert store.advance(0, expected=offset, clock_seconds=clock)
    truth = plain_numbers(views, now=clock, view_window=view_window)
    assert stored_numbers(client, namespace, [0]) == truth
    if view_window == WINDOW:
        for span, seconds in (("minute", 60), ("hour", 3_600), ("day", DAY)):
            assert stored_spans(client, namespace, span) == plain_spans(views, seconds)
    recount_ends_the_same(client, f"{namespace}:again", batches, clock, view_window, truth)


def recount_ends_the_same(client, namespace, batches, now: int, view_window: int, truth) -> None:
    """Counted again in one go, at the log's time, while the windows are where they are now."""
    store = CountStore(client, namespace, window_seconds=view_window)
    offset = store.offset(0)
    for batch, clock in batches:
        told = {"expected": offset, "next_offset": (offset or 0) + len(batch)}
        store.count(0, batch_of(batch), clock_seconds=clock, real_seconds=now, **told)
        offset = told["next_offset"]
    assert store.advance(0, expected=offset, clock_seconds=now)
    assert stored_numbers(client, namespace, [0]) == truth
