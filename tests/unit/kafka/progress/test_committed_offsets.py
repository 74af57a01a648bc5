"""A member whose offsets Kafka keeps begins where the group is, by its own asking."""

from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaTimeoutError

from newsman.kafka.progress.committed_offsets import CommittedPlaces

A, B = TopicPartition("t", 0), TopicPartition("t", 1)


def records(*offsets):
    return [SimpleNamespace(offset=offset) for offset in offsets]


class Group:
    """A consumer in a group: what is committed, where logs end, and what each poll brings."""

    def __init__(self):
        self.committed_at = {A: 5, B: None}
        self.ends = {A: 9, B: 3}
        self.polls = []
        self.commits = []
        self.sought = {}
        self.problem = None

    def subscribe(self, topics, *, listener):
        self.topics, self.listener = topics, listener

    def give(self, *parts):
        self.listener.on_partitions_assigned(list(parts))

    def take_away(self, *parts):
        self.listener.on_partitions_revoked(list(parts))

    def poll(self, *, timeout_ms):
        return self.polls.pop(0) if self.polls else {}

    def committed(self, part, *, timeout_ms):
        if self.problem:
            raise self.problem
        return self.committed_at[part]

    def end_offsets(self, parts, *, timeout_ms):
        return {part: self.ends[part] for part in parts}

    def seek(self, part, offset):
        self.sought[part] = offset

    def commit(self, offsets, *, timeout_ms):
        if self.problem:
            raise self.problem
        self.commits.append({part: told.offset for part, told in offsets.items()})


class Watch:
    """Notes what the member says of its partitions."""

    def __init__(self):
        self.held = {}

    def take(self, places):
        self.held |= places

    def finish(self, part, next_offset):
        self.held[part] = next_offset

    def let_go(self, parts):
        for part in parts:
            self.held.pop(part, None)


@pytest.fixture
def group() -> Group:
    return Group()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def places(group, watch) -> CommittedPlaces:
    places = CommittedPlaces(group, watch)
    places.subscribe("t")
    return places


def test_it_begins_where_the_group_has_committed_and_else_at_the_end_which_it_commits(
    group, places, watch
):
    group.give(A, B)
    assert places.poll(1) == {}
    assert group.sought == watch.held == {A: 5, B: 3}
    assert group.commits == [{B: 3}]


def test_what_came_with_the_poll_that_gave_partitions_is_left_aside(group, places):
    group.give(A)
    group.polls = [{A: records(0, 1)}, {A: records(5, 6)}]
    assert places.poll(1) == {}
    assert [record.offset for record in places.poll(1)[A]] == [5, 6]


def test_what_is_finished_is_committed_as_the_next_offset_and_told_to_the_watch(
    group, places, watch
):
    group.give(A)
    places.poll(1)
    places.finish({A: records(5, 6)})
    assert group.commits == [{A: 7}]
    assert watch.held == {A: 7}
    places.finish({})
    assert len(group.commits) == 1


def test_records_of_a_partition_that_was_taken_away_are_left_out(group, places, watch):
    group.give(A, B)
    places.poll(1)
    group.take_away(A)
    group.polls = [{A: records(5), B: records(3)}]
    assert list(places.poll(1)) == [B]
    assert watch.held == {B: 3}


def test_a_partition_that_comes_back_is_begun_where_the_group_is_by_now(group, places):
    group.give(A)
    places.poll(1)
    group.take_away(A)
    group.committed_at[A] = 42
    group.give(A)
    places.poll(1)
    assert group.sought[A] == 42


def test_a_kafka_that_does_not_say_where_the_group_is_is_asked_with_the_next_poll(
    group, places, caplog
):
    group.give(A)
    group.problem = KafkaTimeoutError("no answer")
    group.polls = [{A: records(5)}]
    assert places.poll(1) == {}
    assert group.sought == {}
    assert "where the group is could not be asked" in caplog.text
    group.problem = None
    places.poll(1)
    assert group.sought == {A: 5}


def test_a_commit_that_fails_is_said_again_with_the_next_one(group, places):
    group.give(A)
    places.poll(1)
    group.problem = CommitFailedError()
    places.finish({A: records(5)})
    group.problem = None
    places.finish({A: records(6)})
    assert group.commits == [{A: 7}]


def test_partitions_that_change_while_it_asks_are_asked_for_once_more(group, places):
    group.give(A)
    ask = group.committed

    def changes_meanwhile(part, *, timeout_ms):
        group.committed = ask
        group.take_away(A)
        group.give(B)
        return ask(part, timeout_ms=timeout_ms)

    group.committed = changes_meanwhile
    places.poll(1)
    assert group.sought == {}
    places.poll(1)
    assert group.sought == {B: 3}


def test_a_partition_is_held_once_its_end_is_committed(group, places, watch, monkeypatch):
    """The next member would begin at a later end, and pass over what came meanwhile."""

    def refuse(offsets, *, timeout_ms):
        raise KafkaTimeoutError

    group.give(A, B)
    with monkeypatch.context() as patched:
        patched.setattr(group, "commit", refuse)
        assert places.poll(1) == {}
        assert watch.held == {}
    group.ends[B] = 4
    assert places.poll(1) == {}
    assert watch.held == {A: 5, B: 4}
    assert group.commits == [{B: 4}]
