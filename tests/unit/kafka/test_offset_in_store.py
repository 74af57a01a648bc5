"""A member goes on where its store says, when it is given partitions or a step is refused."""

from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from redis.exceptions import ConnectionError as RedisAway

from newsman.kafka.offset_in_store import OffsetInStore, gaps_allowed
from newsman.kafka.progress.contiguity import (
    LogTruncated,
    PositionMoved,
    RecordGap,
    check_contiguous,
)
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.redis import patience
from newsman.runtime.health import Pulse

P0, P1 = (TopicPartition("n.article-viewed.v1", number) for number in range(2))


class FakeConsumer:
    """A group's consumer; partitions come and go as the test says, in the middle of a poll."""

    def __init__(self, offsets):
        self.offsets, self.begins = offsets, 0
        self.rebalances = []
        self.is_closed = False
        self._subscription = SimpleNamespace(assignment={})

    def subscribe(self, topics, *, listener):
        self.listener = listener

    def assignment(self):
        return set(self._subscription.assignment)

    def seek(self, part, offset):
        position = SimpleNamespace(offset=offset)
        self._subscription.assignment[part] = SimpleNamespace(position=position)

    def seek_to_beginning(self, part):
        self.seek(part, self.begins)

    def beginning_offsets(self, parts):
        return dict.fromkeys(parts, self.begins)

    def highwater(self, part):
        return self.offsets[part][-1] + 1 if self.offsets[part] else None

    def position(self, part):
        return self._subscription.assignment[part].position.offset

    def poll(self, *, timeout_ms, max_records):
        while self.rebalances:
            given, lost = self.rebalances.pop(0)
            self.listener.on_partitions_revoked(lost)
            for part in lost:
                self._subscription.assignment.pop(part, None)
            self.listener.on_partitions_assigned(given)
        found = {}
        for part in self.assignment():
            offsets = [o for o in self.offsets[part] if o >= self.position(part)][:max_records]
            if offsets:
                self.seek(part, offsets[-1] + 1)
                found[part] = [SimpleNamespace(offset=offset) for offset in offsets]
        return found

    def close(self, *, autocommit, timeout_ms):
        assert not autocommit
        self.is_closed = True


class Member:
    """A member with its store, whose offsets the test may change."""

    def __init__(self, offsets, *, order=check_contiguous, stored=None):
        self.consumer = FakeConsumer(offsets)
        self.stored = dict(stored or {})
        self.changes = []
        self.watch = PartitionWatch(lambda _: dict.fromkeys(offsets, 10))
        self.offsets = OffsetInStore(
            self.consumer,
            lambda part: self.stored.get(part.partition),
            order,
            Pulse(limit_seconds=60),
            self.watch,
            before_change=lambda parts: self.changes.append((list(parts), self.held())),
        )
        self.offsets.subscribe(P0.topic)

    def held(self):
        return sorted(self.offsets.expected)

    def rebalance(self, given=(), lost=()):
        self.consumer.rebalances.append((list(given), list(lost)))

    def poll(self, max_records=100):
        polled = self.offsets.poll(timeout_ms=0, max_records=max_records)
        return {part: [record.offset for record in records] for part, records in polled.items()}


def test_a_partition_begins_where_the_store_says_or_at_its_beginning():
    member = Member({P0: list(range(5)), P1: list(range(5))}, stored={1: 3})
    member.rebalance(given=[P0, P1])
    assert member.poll() == {P0: [0, 1, 2, 3, 4], P1: [3, 4]}
    assert member.offsets.expected == {P0: None, P1: 3}
    assert member.offsets.lag() == {P0: 5, P1: 2}


def test_what_is_read_is_not_what_is_expected_until_a_step_has_begun():
    member = Member({P0: list(range(5))}, stored={0: 0})
    member.rebalance(given=[P0])
    assert member.poll(2) == {P0: [0, 1]}
    assert member.poll(2) == {P0: [2, 3]}
    assert member.offsets.expected == {P0: 0}
    member.offsets.expect(P0, 4)
    assert member.offsets.expected == {P0: 4}
    assert member.watch._progress.finished(P0) == 0
    member.offsets.finish(P0, 4)
    assert member.watch._progress.finished(P0) == 4


def test_a_refused_step_goes_on_where_the_store_says():
    member = Member({P0: list(range(9))}, stored={0: 0})
    member.rebalance(given=[P0])
    member.poll(6)
    member.offsets.finish(P0, 6)
    member.stored[0] = 2
    member.offsets.resume(P0)
    assert member.offsets.expected == {P0: 2}
    assert member.watch._progress.finished(P0) == 2
    assert member.poll() == {P0: [2, 3, 4, 5, 6, 7, 8]}


def test_a_step_of_a_partition_that_was_lost_changes_nothing():
    member = Member({P0: list(range(5)), P1: [0]}, stored={0: 0, 1: 0})
    member.rebalance(given=[P0, P1])
    member.poll()
    member.rebalance(lost=[P0])
    assert member.poll() == {}
    member.offsets.finish(P0, 5)
    member.offsets.resume(P0)
    assert member.offsets.expected == {P1: 0}
    assert member.watch._progress.place(P0) is None


def test_what_is_under_way_ends_before_partitions_come_and_go():
    member = Member({P0: [], P1: []})
    member.rebalance(given=[P0, P1])
    member.poll()
    member.rebalance(given=[P0], lost=[P0, P1])
    member.poll()
    assert member.changes == [
        ([], []),
        ([P0, P1], []),
        ([P0, P1], [P0, P1]),
        ([P0], []),
    ]


def test_a_partition_that_comes_back_begins_at_the_store_again():
    member = Member({P0: list(range(5))}, stored={0: 0})
    member.rebalance(given=[P0])
    assert member.poll() == {P0: [0, 1, 2, 3, 4]}
    member.stored[0] = 3
    member.rebalance(given=[P0], lost=[P0])
    assert member.poll() == {P0: [3, 4]}


def test_an_assignment_waits_for_a_store_that_is_away(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0)
    member = Member({P0: [0]}, stored={0: 0})
    answers = iter([RedisAway(), RedisAway(), 0])

    def stored(_):
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    member.offsets._stored = stored
    beats = member.offsets._pulse.beats
    member.rebalance(given=[P0])
    assert member.poll() == {P0: [0]}
    assert member.offsets._pulse.beats == beats + 2


@pytest.mark.parametrize(
    ("order", "offsets", "problem"),
    [
        (check_contiguous, [0, 1, 3], RecordGap),
        (check_contiguous, [2, 3], RecordGap),
        (gaps_allowed, [0, 1, 3], None),
        (gaps_allowed, [2, 9], None),
    ],
)
def test_gaps_are_normal_where_the_topic_is_compacted(order, offsets, problem):
    member = Member({P0: offsets}, order=order, stored={0: 0})
    member.rebalance(given=[P0])
    if problem is None:
        assert member.poll() == {P0: offsets}
        return
    with pytest.raises(problem):
        member.poll()


@pytest.mark.parametrize("order", [check_contiguous, gaps_allowed])
def test_a_record_that_comes_again_is_another_log(order):
    member = Member({P0: list(range(5))}, order=order, stored={0: 0})
    member.rebalance(given=[P0])
    member.poll(3)
    member.consumer.seek(P0, 1)
    member.offsets._positions.forget(P0)
    with pytest.raises(LogTruncated):
        member.poll()


def test_a_client_that_moved_by_itself_is_noticed_before_it_reads_on():
    member = Member({P0: list(range(9))}, order=gaps_allowed, stored={0: 0})
    member.rebalance(given=[P0])
    member.poll(3)
    member.consumer.seek(P0, 7)
    with pytest.raises(PositionMoved, match="was left at 3 and would go on at 7"):
        member.poll()


def test_leaving_commits_nothing():
    member = Member({P0: []})
    member.offsets.close()
    assert member.consumer.is_closed
