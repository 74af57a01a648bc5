"""What a run of views becomes: who counts, what is kept of it, what changes in the rows."""

import json
import random
from collections import Counter

import numpy as np
import pytest

from newsman.popularity.counting.batch import CountedBatch
from newsman.popularity.counting.judging import RECORD, CountedViews, PartitionState
from newsman.popularity.counting.rows import (
    MOST_ARTICLES,
    MOST_FIELDS,
    MOST_ROWS,
    CountableViews,
    pieces_of_views,
)
from newsman.popularity.counting.seen_pairs import SeenPairs
from newsman.redis.keys import READ
from newsman_schemas.popularity import ArticleViewed

NOW = 1_772_452_800
WINDOW, NEAR = 1_800, 9 * 86_400
A, B = "a" * 16, "b" * 16
HOUR = 3_600


def fingerprint(number: int) -> int:
    return number * 0x9E3779B97F4A7C15 % 2**64 | 1


@pytest.mark.parametrize("view_window", [0, WINDOW, 8 * HOUR])
@pytest.mark.parametrize("seed", range(3))
def test_views_count_by_the_rule_in_whatever_runs_they_come(view_window, seed):
    rng = random.Random(seed)
    seen, times = SeenPairs(view_window=view_window, near=NEAR), {}
    for _ in range(40):
        run = [
            (fingerprint(rng.randrange(1_200)), NOW + rng.randrange(200_000))
            for _ in range(rng.randrange(1, 300))
        ]
        found = seen.count(np.array([p for p, _ in run], np.uint64), np.array([t for _, t in run]))
        for place, (pair, at) in enumerate(run):
            before = times.setdefault(pair, [])
            counts = all(abs(at - t) >= view_window for t in before)
            assert found.counted[place] == counts
            if counts:
                last = max(before, default=0)
                assert found.late[place] == (last > at)
                assert found.left[place] == (0 if last > at else last)
                before.append(at)
        if rng.random() < 0.3:
            seen.forget(NOW)
    assert len(seen) == len(times)


def test_one_who_reloads_a_page_all_the_time_costs_no_more_turns_than_views_count(monkeypatch):
    seen, turns = SeenPairs(view_window=WINDOW, near=NEAR), []
    near_any = seen._near_any
    monkeypatch.setattr(seen, "_near_any", lambda *run: turns.append(run) or near_any(*run))
    at = np.arange(NOW, NOW + 20_000, dtype=np.int64)
    found = seen.count(np.full(len(at), fingerprint(7), np.uint64), at)
    assert found.counted.sum() == 12
    assert len(turns) == 12 + 1


def test_a_pair_takes_few_bytes_and_those_of_long_ago_none():
    seen = SeenPairs(view_window=WINDOW, near=NEAR)
    pairs = np.array([fingerprint(n) for n in range(100_000)], np.uint64)
    for start in range(0, len(pairs), 1_000):
        some = pairs[start : start + 1_000]
        seen.count(some, np.full(len(some), NOW + start))
    assert seen.nbytes / len(seen) < 60
    seen.forget(NOW + 90_000)
    assert len(seen) == 10_000
    assert not seen.last_of(pairs[:90_000]).any()
    assert seen.last_of(pairs[90_000:]).all()
    assert seen.nbytes / len(seen) < 60


def tally(view_window: int = WINDOW) -> PartitionState:
    return PartitionState(offset=None, told=None, view_window=view_window, half_life=HOUR)


def judged(counting: PartitionState, batch: CountedBatch):
    return counting.judge(batch, clock_seconds=NOW)


def batch_of(*views: tuple[str, str, int], resend_id: str | None = None) -> CountedBatch:
    batch = CountedBatch()
    for article, reader, at in views:
        batch.add(article, reader, at, NOW, resend_id)
    return batch


def test_what_is_kept_names_no_reader_and_tells_another_process_all():
    first = judged(tally(), batch_of((A, "ann", NOW), (B, "ann", NOW - HOUR), resend_id="x"))
    assert first.counted == CountedViews(1, 1, 0)
    first = judged(tally(), batch_of((A, "ann", NOW), (B, "ann", NOW - HOUR)))
    assert first.counted == CountedViews(2, 0, 0)
    assert sorted(first.journal) == [NOW // HOUR - 1, NOW // HOUR]
    kept = b"".join(first.journal.values())
    assert len(kept) == 2 * RECORD.itemsize
    assert b"ann" not in kept + "".join(first.pieces).encode()
    other = tally()
    other.read(kept)
    again = judged(other, batch_of((A, "ann", NOW + 60), (B, "ann", NOW), (A, "bob", NOW)))
    assert again.counted == CountedViews(2, 1, 0)


def test_the_clock_goes_on_with_the_log_and_not_before_it():
    counting = tally()
    counting.move(NOW)
    long_ago, at = CountedBatch(), NOW - 60 * 86_400
    long_ago.add(A, "ann", at, at)
    assert judged(counting, long_ago).counted == CountedViews(1, 0, 0)
    counting.offsets = {1: None, 2: 1}
    counting.move(NOW)
    assert judged(counting, batch_of((A, "bob", NOW - 31 * 86_400))).counted == CountedViews(
        0, 0, 1
    )


def test_readers_of_long_ago_are_forgotten_day_by_day():
    counting = tally()
    judged(counting, batch_of((A, "ann", NOW), (B, "ann", NOW)))
    counting.offsets = {1: 2, 2: None}
    counting.move(NOW)
    counting.move(NOW + 37 * 86_400)
    assert len(counting.seen) == 2
    counting.move(NOW + 38 * 86_400)
    assert len(counting.seen) == 0


def changes(pieces: list[str], span: str) -> Counter:
    found: Counter = Counter()
    for piece in map(json.loads, pieces):
        for number, rows in piece.get(span, {}).items():
            found.update({(int(number), article): change for article, change in rows.items()})
    return found


def test_a_reader_moves_to_the_minute_of_the_last_view():
    moved = judged(tally(), batch_of((A, "ann", NOW - HOUR), (A, "ann", NOW)))
    minute = NOW // 60
    assert changes(moved.pieces, "minute") == {(minute - 60, A): READ, (minute, A): READ + 1}
    assert changes(moved.pieces, "hour") == {
        (NOW // HOUR - 1, A): READ,
        (NOW // HOUR, A): READ + 1,
    }
    (piece,) = [one for one in map(json.loads, moved.pieces) if "worth" in one]
    assert (piece["worth"], piece["oldest"]) == ({A: 1.5}, minute - 60)


def test_pieces_are_small_and_add_up_to_the_views():
    rng = random.Random(5)
    number = np.array([rng.randrange(1_000) for _ in range(20_000)])
    at = np.array([NOW - rng.randrange(7_200) for _ in range(20_000)])
    none = np.zeros(20_000, np.int64)
    ids = [f"{n:016x}" for n in range(1_000)]
    views = CountableViews(number, at, none.astype(bool), none)
    pieces = list(pieces_of_views(views, ids, clock_seconds=NOW, half_life=HOUR, away=30 * 86_400))
    for piece in map(json.loads, pieces):
        assert sum(map(len, piece.get("minute", {}).values())) <= MOST_ROWS
        assert len(piece.get("worth", {})) <= MOST_ARTICLES
    truth = Counter((int(t) // 60, ids[n]) for n, t in zip(number, at, strict=True))
    assert changes(pieces, "minute") == {key: many * (READ + 1) for key, many in truth.items()}
    assert sum(changes(pieces, "hour").values()) == 20_000 * (READ + 1)
    worth = sum(sum(json.loads(piece).get("worth", {}).values()) for piece in pieces)
    assert worth == pytest.approx(np.exp2((at - NOW) / HOUR).sum())


def test_what_does_not_count_comes_in_small_pieces_too():
    batch = CountedBatch()
    for number in range(3 * MOST_FIELDS):
        batch.add_filtered(f"{number:016x}", "crawler", NOW)
        batch.add_filtered(f"{number:016x}", "crawler", NOW)
    pieces = [json.loads(piece)["filtered"] for piece in judged(tally(), batch).pieces]
    assert [len(piece["hour"][str(NOW // HOUR)]) for piece in pieces] == [MOST_FIELDS] * 3
    assert {many for piece in pieces for many in piece["day"][str(NOW // 86_400)].values()} == {2}


def arrivals_of(judged) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for piece in map(json.loads, judged.pieces):
        for minute, sums in piece.get("arrivals", {}).items():
            found.setdefault(minute, {}).update(sums)
    return found


def test_what_surges_are_judged_by_is_told_of_the_last_minutes_and_of_what_counts():
    article, other, clock = "a" * 16, "b" * 16, 1_000_000 * 60
    batch = CountedBatch()
    for reader, at, logged, is_page in (
        ("r1", clock, clock, True),
        ("r1", clock, clock, True),
        ("r2", clock, clock, False),
        ("r3", clock - 300, clock, False),
        ("r4", clock - 3_600, clock, False),
    ):
        batch.add(article, reader, at, logged)
        if is_page:
            batch.add_page(left(article), logged, "count")
    batch.add_page(left(other), clock, "leaving")
    tally = PartitionState(offset=0, told=None, view_window=1_800, half_life=21_600)
    judged = tally.judge(batch, clock_seconds=clock)
    assert judged.counted.counted == 4
    assert arrivals_of(judged) == {
        "1000000": {f"{article}p": 1, f"{other}l": 1},
        "999995": {f"{article}d": 1},
    }


def left(article: str) -> ArticleViewed:
    told = {"event_id": "1", "occurred_at": 0, "article_id": article, "reader": "r"}
    return ArticleViewed.model_validate({**told, "leaving": True, "token": "valid"})
