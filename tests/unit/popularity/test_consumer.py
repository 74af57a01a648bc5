"""What the consumer does with what it polls, over a log and a store in memory."""

from collections import Counter
from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from newsman.kafka.progress.contiguity import LogTruncated, RecordGap
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import decode
from newsman.kafka.rejects import RejectionGuard, TooManyRejected
from newsman.popularity import consumer as counting
from newsman.popularity.consumer import RUN_EVENTS, ViewCounter
from newsman.popularity.counting.judging import CountedViews, PendingBatch
from newsman.runtime.health import Pulse
from newsman_schemas.popularity import ArticlesViewed, ArticleViewed

PART, SECOND = (TopicPartition(f"n.article-viewed.v{version}", 0) for version in (1, 2))
NOW_MS = 1_772_452_800_000


class FakeConsumer:
    """The log of one partition, in the first version and in the second."""

    def __init__(self, records, second=()):
        self.logs = {PART: records, SECOND: list(second)}
        self.position, self.second_position, self.seeks = 0, 0, []
        self.begins = 0
        self.held_back = set()
        self._fetcher = SimpleNamespace()

    @property
    def _subscription(self):
        at = {PART: self.position, SECOND: self.second_position}
        states = {p: SimpleNamespace(position=SimpleNamespace(offset=n)) for p, n in at.items()}
        return SimpleNamespace(assignment=states)

    def close(self, *, autocommit, timeout_ms):
        self.logs = {}

    def poll(self, *, timeout_ms, max_records):
        found = {}
        for part, at in ((PART, self.position), (SECOND, self.second_position)):
            records = [r for r in self.logs[part] if r.offset >= at][:max_records]
            if records and part not in self.held_back:
                found[part] = records
                self._go_to(part, records[-1].offset + 1)
        return found

    def _go_to(self, part, offset):
        if part == PART:
            self.position = offset
        else:
            self.second_position = offset

    def seek(self, part, offset):
        self.seeks.append(offset)
        self._go_to(part, offset)

    def seek_to_beginning(self, part):
        self.seek(part, 0)

    def beginning_offsets(self, parts):
        return dict.fromkeys(parts, self.begins)

    def assignment(self):
        return {PART, SECOND}

    def paused(self):
        return set(self.held_back)

    def pause(self, part):
        self.held_back.add(part)

    def resume(self, part):
        self.held_back.discard(part)

    def highwater(self, part):
        return len(self.logs[part])


class FakeStore:
    """Keeps what was counted if it follows on the offset, and puts it into rows step by step."""

    def __init__(self, offset=None, steps=0):
        self.stored, self.counted, self.filtered, self.kept = offset, 0, Counter(), set()
        self.steps, self.left = steps, 0

    def offset(self, partition, *, version):
        return self.stored

    def keep(self, partitions):
        self.kept = partitions

    def pairs(self, partition):
        return self.counted

    def waiting(self, partition):
        return self.left

    def state(self, partition, expected, *, version):
        def judge(batch, *, clock_seconds):
            counted = CountedViews(len(batch), 0, 0)
            return SimpleNamespace(counted=counted, batch=batch, expected=expected)

        return SimpleNamespace(judge=judge)

    def begin(self, partition, judged, *, next_offset, real_seconds, version):
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

    def advance(self, partition, *, expected, clock_seconds, version):
        return expected == self.stored


def record(offset: int, value: bytes | None = None) -> SimpleNamespace:
    event = ArticleViewed(
        event_id=str(offset), occurred_at=NOW_MS / 1000, article_id="a" * 16, reader="r"
    )
    value = event.model_dump_json().encode() if value is None else value
    return SimpleNamespace(offset=offset, timestamp=NOW_MS, key=None, value=value, headers=[])


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
    state, store.state = store.state, lambda *_, **__: None
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
    del made._consumer.logs[PART][10:13]
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


def together(offset: int, views: int, *, ahead: int = 0) -> SimpleNamespace:
    """Views of one push, the last of them dated after they were logged."""
    view = {"article_id": "a" * 16, "reader": "r"}
    late = {**view, "at": NOW_MS / 1000 + 301}
    event = {
        "event_id": "1",
        "occurred_at": NOW_MS / 1000,
        "views": [view] * views + [late] * ahead,
    }
    return record(offset, ArticlesViewed.model_validate(event).model_dump_json().encode())


class StoreOfBoth(FakeStore):
    """Keeps the order in which the versions of one partition were counted."""

    def __init__(self):
        super().__init__()
        self.offsets, self.order = {1: None, 2: None}, []

    def offset(self, partition, *, version):
        return self.offsets[version]

    def state(self, partition, expected, *, version):
        there = self.offsets[version] == expected
        return super().state(partition, expected, version=version) if there else None

    def begin(self, partition, judged, *, next_offset, real_seconds, version):
        self.offsets[version] = next_offset
        self.order.append((version, len(judged.batch)))
        return lambda: True


def test_the_second_version_is_counted_once_nothing_of_the_first_waits(monkeypatch):
    monkeypatch.setattr(counting, "POLL_EVENTS", 5)
    pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    log = FakeConsumer([record(n) for n in range(12)], [together(0, 3), together(1, 2)])
    store = StoreOfBoth()
    made = ViewCounter(log, store, pytest.fail, pulse, watch)
    made.take_over([PART, SECOND])
    for _ in range(8):
        made.turn()
    made.close()
    assert [version for version, _ in store.order] == sorted(v for v, _ in store.order)
    counted = {of: sum(n for version, n in store.order if version == of) for of in (1, 2)}
    assert (counted, store.offsets, made.events) == ({1: 12, 2: 5}, {1: 12, 2: 2}, 17)


def test_after_a_flush_of_redis_the_first_version_is_counted_again_before_the_second():
    pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    log = FakeConsumer([record(n) for n in range(12)], [together(0, 3)])
    store = StoreOfBoth()
    made = ViewCounter(log, store, pytest.fail, pulse, watch)
    made.take_over([PART, SECOND])
    for _ in range(4):
        made.turn()
    store.offsets, before = {1: None, 2: None}, len(store.order)
    log.logs[SECOND].append(together(1, 2))
    for _ in range(4):
        made.turn()
    assert store.order[before:] == [(1, 12), (2, 5)]


def test_the_end_of_the_first_version_is_asked_for_where_the_client_does_not_learn_it(monkeypatch):
    """A partition that cannot be fetched has none, and the second version would wait for ever."""
    monkeypatch.setattr(counting, "ASK_SECONDS", 0)
    pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    log, store = FakeConsumer([record(n) for n in range(3)], [together(0, 3)]), StoreOfBoth()
    store.offsets[1] = 2
    asked = []

    def end_offsets(parts, *, timeout_ms):
        asked.append(timeout_ms)
        if len(asked) == 1:
            raise KafkaTimeoutError
        return {part: len(log.logs[part]) for part in parts}

    monkeypatch.setattr(log, "highwater", lambda part: None if part == PART else 1)
    monkeypatch.setattr(log, "end_offsets", end_offsets, raising=False)
    made = ViewCounter(log, store, pytest.fail, pulse, watch)
    made.take_over([PART, SECOND])
    for _ in range(8):
        made.turn()
    assert store.order == [(1, 1), (2, 3)]
    assert log.held_back == set()


def test_the_second_version_waits_for_whoever_has_the_first():
    pulse, watch = Pulse(limit_seconds=60), PartitionWatch(lambda _: {})
    log, store = FakeConsumer([], [together(0, 3)]), StoreOfBoth()
    made = ViewCounter(log, store, pytest.fail, pulse, watch)
    made.take_over([SECOND])
    for _ in range(3):
        made.turn()
    assert (log.held_back, store.order) == ({SECOND}, [])


def test_of_views_that_were_pushed_together_those_from_the_future_are_parked_alone():
    batch = PendingBatch(0.0)
    batch.add(SECOND, [together(0, 3, ahead=2)], RejectionGuard())
    (parked,) = batch.parked
    assert len(decode(ArticlesViewed, parked.value).views) == 2
    assert (len(batch.batch), batch.noted["future"], batch.events) == (3, 2, 5)
    whole = together(1, 0, ahead=1)
    batch.add(SECOND, [whole], RejectionGuard())
    assert batch.parked[1].value == whole.value


def test_a_log_of_which_most_is_unreadable_is_not_drained():
    made, _ = counter([record(n, b"{}" if n % 3 else None) for n in range(900)], FakeStore())
    with pytest.raises(TooManyRejected):
        made.turn()
