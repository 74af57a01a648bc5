"""What the consumer does with what it polls, over a log and a store in memory."""

from collections import Counter
from types import SimpleNamespace

import pytest
from kafka import TopicPartition

from newsman.kafka.progress.contiguity import LogTruncated, RecordGap
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.rejects import TooManyRejected
from newsman.popularity import consumer as counting
from newsman.popularity.consumer import RUN_EVENTS, ViewCounter
from newsman.popularity.counting.judging import CountedViews, PendingBatch
from newsman.runtime.health import Pulse
from newsman_schemas.popularity import ArticleViewed

PART = TopicPartition("n.article-viewed.v1", 0)
NOW_MS = 1_772_452_800_000


class FakeConsumer:
    """A log of one partition."""

    def __init__(self, records):
        self.records, self.position, self.seeks = records, 0, []
        self.begins = 0
        self._fetcher = SimpleNamespace()
        self._subscription = SimpleNamespace(assignment={})

    def close(self, *, autocommit, timeout_ms):
        self.records = []

    def poll(self, *, timeout_ms, max_records):
        found = [r for r in self.records if r.offset >= self.position][:max_records]
        if found:
            self.position = found[-1].offset + 1
        return {PART: found} if found else {}

    def seek(self, part, offset):
        self.seeks.append(offset)
        self.position = offset

    def seek_to_beginning(self, part):
        self.seek(part, 0)

    def beginning_offsets(self, parts):
        return dict.fromkeys(parts, self.begins)

    def assignment(self):
        return {PART}

    def highwater(self, part):
        return len(self.records)


class FakeStore:
    """Keeps what was counted if it follows on the offset, and puts it into rows step by step."""

    def __init__(self, offset=None, steps=0):
        self.stored, self.counted, self.filtered, self.kept = offset, 0, Counter(), set()
        self.steps, self.left = steps, 0

    def offset(self, partition):
        return self.stored

    def keep(self, partitions):
        self.kept = partitions

    def pairs(self, partition):
        return self.counted

    def waiting(self, partition):
        return self.left

    def state(self, partition, expected):
        def judge(batch, *, clock_seconds):
            counted = CountedViews(len(batch), 0, 0)
            return SimpleNamespace(counted=counted, batch=batch, expected=expected)

        return SimpleNamespace(judge=judge)

    def begin(self, partition, judged, *, next_offset, real_seconds):
        def end():
            if judged.expected != self.stored:
                return False
            self.stored, self.counted = next_offset, self.counted + len(judged.batch)
            self.left += self.steps
            self.filtered += judged.batch.filtered
            return True

        return end

    def go_on(self, partition, *, real_seconds):
        def end():
            self.left -= 1
            return True

        return end

    def advance(self, partition, *, expected, clock_seconds):
        return expected == self.stored


def record(offset: int, value: bytes | None = None) -> SimpleNamespace:
    event = ArticleViewed(
        event_id=str(offset), occurred_at=NOW_MS / 1000, article_id="a" * 16, reader="r"
    )
    value = event.model_dump_json().encode() if value is None else value
    return SimpleNamespace(offset=offset, timestamp=NOW_MS, key=None, value=value)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(counting, "COMMIT_SECONDS", 0)


def counter(records, store):
    parked = []
    pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    made = ViewCounter(FakeConsumer(records), store, parked.extend, pulse, watch)
    made.take_over([PART])
    return made, parked


def test_every_event_is_counted_once_and_all_of_it_reaches_the_rows():
    store = FakeStore(steps=3)
    made, _ = counter([record(n) for n in range(RUN_EVENTS * 3 + 1)], store)
    for _ in range(3):
        made.turn()
    assert (store.counted, store.stored, made.events) == (RUN_EVENTS * 3 + 1,) * 3
    assert (store.left, store.kept) == (0, {0})


def test_what_is_behind_is_gathered_before_it_is_counted(monkeypatch):
    monkeypatch.setattr(counting, "COMMIT_EVENTS", RUN_EVENTS * 3)
    monkeypatch.setattr(counting, "POLL_EVENTS", RUN_EVENTS)
    store = FakeStore()
    made, _ = counter([record(n) for n in range(RUN_EVENTS * 8)], store)
    stored = []
    for _ in range(5):
        made.turn()
        stored.append(store.stored)
    assert stored == [None, None, RUN_EVENTS * 3, RUN_EVENTS * 3, RUN_EVENTS * 3]


def test_what_is_gathered_is_counted_when_the_process_ends(monkeypatch):
    monkeypatch.setattr(counting, "COMMIT_SECONDS", 60)
    store = FakeStore()
    made, _ = counter([record(n) for n in range(10)], store)
    made.turn()
    assert store.stored is None
    made.close()
    assert store.stored == 10


def test_at_the_end_each_partition_is_counted_after_the_other(monkeypatch):
    monkeypatch.setattr(counting, "COMMIT_SECONDS", 60)
    store, ended = FakeStore(), []
    begin = store.begin
    store.begin = lambda partition, judged, **place: (
        lambda: ended.append(partition) or begin(partition, judged, **place)()
    )
    made, _ = counter([record(n) for n in range(10)], store)
    other = TopicPartition(PART.topic, 1)
    made.turn()
    made._gathered[other], made._offsets.expected[other] = PendingBatch(0.0), None
    made.close()
    assert ended == [0, 1]


def test_nothing_is_added_while_too_much_waits(monkeypatch):
    monkeypatch.setattr(counting, "MOST_WAITING", 5)
    monkeypatch.setattr(counting, "POLL_EVENTS", RUN_EVENTS)
    monkeypatch.setattr(counting, "COMMIT_EVENTS", RUN_EVENTS)
    store = FakeStore(steps=9)
    made, _ = counter([record(n) for n in range(RUN_EVENTS * 8)], store)
    for _ in range(9):
        made.turn()
        assert store.left <= 5 + 9
    assert store.counted == RUN_EVENTS * 8


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_counting_goes_on_where_redis_says_when_it_fell_back(monkeypatch, turns):
    monkeypatch.setattr(counting, "ADVANCE_SECONDS", 0)
    monkeypatch.setattr(counting, "COMMIT_EVENTS", RUN_EVENTS)
    monkeypatch.setattr(counting, "POLL_EVENTS", RUN_EVENTS * 3)
    store = FakeStore(offset=0)
    made, _ = counter([record(n) for n in range(RUN_EVENTS * 8)], store)
    for _ in range(turns):
        made.turn()
    store.stored, store.counted = 10, 10
    for _ in range(8):
        made.turn()
    assert (store.stored, store.counted) == (RUN_EVENTS * 8,) * 2


def test_counting_goes_on_where_redis_says_when_nobody_knows_who_has_seen_what():
    store = FakeStore()
    made, _ = counter([record(n) for n in range(10)], store)
    state, store.state = store.state, lambda partition, expected: None
    made.turn()
    assert (store.stored, made._consumer.seeks) == (None, [0, 0])
    store.state = state
    made.turn()
    assert (store.stored, store.counted) == (10, 10)


def test_a_log_that_goes_on_before_the_counts_ends_the_process():
    made, _ = counter([record(n) for n in range(5)], FakeStore(offset=90))
    made._consumer.position = 0  # as after a reset: the offset 90 is not there
    with pytest.raises(LogTruncated, match="newsman rebuild popularity"):
        made.turn()


def without(*gone: int) -> list[SimpleNamespace]:
    return [record(n) for n in range(20) if n not in gone]


@pytest.mark.parametrize("gone", [(5,), (0,), tuple(range(7))])
def test_a_hole_in_what_comes_ends_the_process_before_anything_is_counted(gone):
    store = FakeStore(offset=0)
    made, _ = counter(without(*gone), store)
    with pytest.raises(RecordGap):
        made.turn()
    assert (store.stored, store.counted) == (0, 0)


def test_a_hole_between_two_polls_ends_the_process_before_anything_behind_it_is_counted(
    monkeypatch,
):
    monkeypatch.setattr(counting, "POLL_EVENTS", 5)
    store = FakeStore(offset=0)
    made, _ = counter(without(), store)
    made.turn()
    made.turn()
    made._consumer.position += 3
    with pytest.raises(RecordGap):
        made.turn()
    assert store.stored <= 10


def test_what_the_log_no_longer_holds_is_left_out():
    store = FakeStore(offset=0)
    made, _ = counter(without(0, 1, 2), store)
    made._consumer.begins = 3
    made.turn()
    made.turn()
    assert (store.stored, store.counted) == (20, 17)


def test_a_share_of_unreadable_events_is_parked_and_the_others_count():
    store = FakeStore()
    records = [record(n, b"{}" if n % 3 == 0 else None) for n in range(900)]
    made, parked = counter(records, store)
    made.turn()
    made.turn()
    assert (len(parked), store.counted, store.stored) == (300, 600, 900)


def test_what_is_no_readers_is_handed_on_by_its_reason_and_not_counted():
    store = FakeStore()
    told = [{"agent": "crawler"}, {"agent": "prefetch"}, {"agent": "crawler", "filtered": "rate"}]
    values = [
        ArticleViewed.model_validate(
            {"event_id": "1", "occurred_at": NOW_MS / 1000, "article_id": "a" * 16, "reader": "r"}
            | fields
        ).model_dump_json()
        for fields in told
    ]
    made, parked = counter([record(n, v.encode()) for n, v in enumerate(values)], store)
    made.turn()
    made.turn()
    assert (store.counted, store.stored, parked) == (0, 3, [])
    assert sorted(letter for _, _, letter in store.filtered) == ["c", "p", "r"]


def test_a_log_of_which_most_is_unreadable_is_not_drained():
    made, _ = counter([record(n, b"{}" if n % 3 else None) for n in range(900)], FakeStore())
    with pytest.raises(TooManyRejected):
        made.turn()
