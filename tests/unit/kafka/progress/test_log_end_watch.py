"""A reader that stands still is noticed per partition, by the ends of the log alone."""

from types import SimpleNamespace

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from newsman.kafka.progress.contiguity import FetchPositions, PositionMoved
from newsman.kafka.progress.log_end_watch import LOOK_SECONDS, PartitionWatch, ReaderStalled

ONE, TWO = TopicPartition("n.article-viewed.v1", 1), TopicPartition("n.article-viewed.v1", 2)
LIMIT = 30 * LOOK_SECONDS


class Log:
    """The ends of the partitions, and whether Kafka and Redis are there."""

    def __init__(self):
        self.ends = {ONE: 100, TWO: 100}
        self.is_away = False
        self.redis = None

    def __call__(self, parts):
        if self.is_away:
            raise KafkaTimeoutError
        return {part: self.ends[part] for part in parts}


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def watch(log):
    return PartitionWatch(log, limit_seconds=LIMIT, needs=[lambda: log.redis])


def look(watch, times):
    for _ in range(times):
        watch.look()


def test_one_partition_that_stands_is_named_while_the_other_goes_on(watch):
    watch.take({ONE: 40, TWO: 0})
    for offset in range(1, 13):
        watch.finish(TWO, offset)
        watch.look()
    problem = watch.problem()
    assert problem == (
        "n.article-viewed.v1[1] has stood still for 22 s at offset 40; 60 messages wait"
    )
    with pytest.raises(ReaderStalled, match=r"article-viewed.v1\[1\]"):
        look(watch, 32)


def test_who_has_done_everything_stands_for_no_reason(watch):
    watch.take({ONE: 100, TWO: 100})
    look(watch, 90)
    assert watch.problem() is None


def test_what_is_held_back_behind_another_partition_stands_once_its_turn_has_come(watch):
    watch.take({ONE: 40, TWO: 100})
    watch.hold_back({ONE})
    look(watch, 40)
    assert watch.problem() is None
    watch.hold_back(())
    look(watch, 30)
    with pytest.raises(ReaderStalled):
        look(watch, 2)


def test_a_reader_that_pauses_has_all_its_time_when_it_reads_again(watch):
    watch.take({ONE: 40, TWO: 100})
    look(watch, 25)
    with watch.pausing():
        look(watch, 40)
    look(watch, 30)
    with pytest.raises(ReaderStalled):
        look(watch, 2)


def test_time_does_not_count_while_kafka_or_redis_is_away(watch, log):
    watch.take({ONE: 40, TWO: 100})
    look(watch, 25)
    log.is_away = True
    look(watch, 40)
    log.is_away, log.redis = False, "Redis does not answer"
    look(watch, 40)
    log.redis = None
    watch.look()
    with pytest.raises(ReaderStalled):
        look(watch, 9)


def test_being_given_a_partition_again_is_no_progress(watch):
    with pytest.raises(ReaderStalled):
        for _ in range(40):
            watch.let_go([ONE, TWO])
            watch.take({ONE: 40, TWO: 100})
            watch.look()


def test_beginning_again_after_a_flush_is_progress(watch):
    watch.take({ONE: 90, TWO: 100})
    look(watch, 25)
    watch.take({ONE: None})
    for offset in range(1, 40):
        watch.finish(ONE, offset)
        watch.look()


def test_who_has_no_place_in_the_group_ends_too(watch):
    watch.take({ONE: 100, TWO: 100})
    watch.let_go([ONE, TWO])
    assert watch.problem() == "no partitions are assigned yet"
    with pytest.raises(ReaderStalled, match="no partitions"):
        look(watch, 40)


def test_what_is_finished_without_a_place_counts_for_nothing(watch):
    watch.take({ONE: 40, TWO: 100})
    watch.let_go([ONE, TWO])
    watch.finish(ONE, 100)
    watch.take({ONE: 40, TWO: 100})
    watch.look()
    with pytest.raises(ReaderStalled, match="at offset 40"):
        look(watch, 40)


def positions(state):
    consumer = SimpleNamespace(_subscription=SimpleNamespace(assignment=state))
    return FetchPositions(consumer)


def at(offset):
    return SimpleNamespace(position=None if offset is None else SimpleNamespace(offset=offset))


def test_a_consumer_that_would_go_on_from_elsewhere_is_noticed():
    state = {ONE: at(5)}
    left = positions(state)
    left.leave({ONE: None})
    left.check()
    state[ONE] = at(7)
    with pytest.raises(PositionMoved, match="left at 5 and would go on at 7"):
        left.check()


def test_who_was_sent_elsewhere_has_not_moved():
    state = {ONE: at(5)}
    left = positions(state)
    left.leave({ONE: None})
    left.forget(ONE)
    state[ONE] = at(0)
    left.check()


def test_a_partition_without_a_position_yet_is_none_that_was_left():
    left = positions({ONE: at(None)})
    left.leave({ONE: None})
    left.check()
