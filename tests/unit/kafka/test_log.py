"""A reader without a group, over a broker in memory that can be told to misbehave."""

import pytest
from kafka import TopicPartition
from tests.fake_log import FakeBroker

from newsman.kafka.log import TopicLog, is_compacted
from newsman.kafka.missing_records import ReadStalled, RecordsGone, TopicMissing, warn_gone
from newsman.kafka.progress.contiguity import LogTruncated, RecordGap
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED

PLAIN, COMPACTED = ARTICLE_ENRICHED.full_name("n"), ARTICLE_PUBLISHED.full_name("n")
P0, P1 = TopicPartition(PLAIN, 0), TopicPartition(PLAIN, 1)
C0 = TopicPartition(COMPACTED, 0)


def reader(broker: FakeBroker, **named) -> TopicLog:
    return TopicLog(broker, clock=lambda: broker.seconds, **named)


def offsets(records) -> list[int]:
    return [record.offset for record in records]


def test_everything_between_two_offsets_comes_and_nothing_else():
    log = reader(FakeBroker({P0: list(range(20)), P1: list(range(9))}, at_once=7))
    assert offsets(log.read({P0: 3, P1: 5}, {P0: 11, P1: 5})) == list(range(3, 11))
    assert log.next.keys() == {P0}


def test_a_reader_can_go_from_one_partition_to_another_and_back():
    log = reader(FakeBroker({P0: list(range(20)), P1: list(range(9))}, at_once=7))
    for part, start in ((P0, 3), (P1, 5), (P0, 12)):
        log.start({part: start})
        assert offsets(log.poll()[part])[0] == start


def test_an_empty_topic_is_read_at_once():
    broker = FakeBroker({P0: [], P1: []})
    assert list(reader(broker).read_all(PLAIN)) == []
    assert broker.seconds == 0


def test_a_topic_that_is_not_there_is_named():
    with pytest.raises(TopicMissing, match=r"n\.article-published\.v1 is not there"):
        list(reader(FakeBroker({P0: []})).read_all(COMPACTED))


@pytest.mark.parametrize("held", [[0, 1, 3, 4], [0, 1, 2, 5], [2, 3, 4, 5]])
def test_a_hole_in_a_plain_topic_is_no_end(held):
    broker = FakeBroker({P0: held})
    with pytest.raises(RecordGap):
        list(reader(broker).read_all(PLAIN))


@pytest.mark.parametrize("held", [[1, 3, 8], [8], [0, 1, 2, 3, 4, 5, 6, 7, 8]])
def test_holes_in_a_compacted_topic_are_normal(held):
    assert offsets(reader(FakeBroker({C0: held})).read_all(COMPACTED)) == held


def test_what_follows_the_last_record_without_being_one_ends_the_reading_too():
    broker = FakeBroker({P0: [0, 1, 2]})
    broker.ends[P0] = 4  # a marker
    assert offsets(reader(broker).read_all(PLAIN)) == [0, 1, 2]
    assert broker.seconds < 1


def test_the_error_of_a_reading_that_stalls_names_each_partition_and_what_it_lacks():
    broker = FakeBroker({P0: list(range(10)), P1: list(range(5))}, at_once=4)
    records = reader(broker, silence_seconds=30).read_all(PLAIN)
    came = offsets([next(records), next(records)])
    broker.silent = {P0}
    with pytest.raises(ReadStalled) as stalled:
        came += offsets(records)
    assert str(stalled.value).endswith(
        f"no records came for 30 s: {PLAIN}[0] stands at 4, 6 are missing up to 10"
    )
    assert 30 <= broker.seconds < 31


def test_records_beyond_the_end_of_one_partition_do_not_hide_that_another_stands():
    broker = FakeBroker({P0: [0], P1: list(range(5_000))}, at_once=1)
    broker.silent, broker.ends[P1] = {P0}, 5_000

    def clock() -> float:
        broker.seconds += 0.05  # each poll brings a record of the other partition
        return broker.seconds

    log = TopicLog(broker, silence_seconds=10, clock=clock)
    log.start({P0: 0, P1: 0})
    with pytest.raises(ReadStalled, match=r"\[0\] stands at 0, 1 are missing up to 1$"):
        for _ in log.read_to({P0: 1, P1: 2}):
            pass


def test_a_process_that_was_stopped_has_not_waited():
    broker = FakeBroker({P0: [0, 1]})
    broker.silent = {P0}
    log = reader(broker, silence_seconds=30)
    log.start({P0: 0})
    polls = log.read_to({P0: 2})
    poll = broker.poll
    for _ in range(3):
        next(polls)
    broker.poll = lambda **named: setattr(broker, "seconds", broker.seconds + 3_600) or {}
    next(polls)
    broker.poll, broker.silent = poll, set()
    assert [offsets(batches[P0]) for batches in polls] == [[0, 1]]


def test_records_that_are_no_longer_there_are_refused_or_left_out():
    broker = FakeBroker({P0: list(range(5, 9))})
    broker.begins[P0] = 5
    with pytest.raises(RecordsGone, match=r"begins at 5: 3 records from 2 on"):
        list(reader(broker).read({P0: 2}, {P0: 9}))
    assert offsets(reader(broker, gone=warn_gone).read({P0: 2}, {P0: 9})) == [5, 6, 7, 8]


def test_a_range_of_which_nothing_is_left_ends_without_records():
    broker = FakeBroker({P0: list(range(50, 60))})
    broker.begins[P0] = 50
    assert offsets(reader(broker, gone=warn_gone).read({P0: 2}, {P0: 40})) == []


def test_what_is_deleted_while_it_is_read_is_said(caplog):
    broker = FakeBroker({P0: list(range(10))}, at_once=2)
    records = reader(broker, gone=warn_gone).read_all(PLAIN)
    came = offsets([next(records), next(records)])
    broker.offsets[P0], broker.begins[P0] = [8, 9], 8
    assert came + offsets(records) == [0, 1, 8, 9]
    assert "begins at 8: what lay behind 2 is gone" in caplog.text


def test_an_offset_beyond_the_end_is_another_log():
    broker = FakeBroker({P0: [0, 1]})
    log = reader(broker)
    log.start({P0: 7})
    with pytest.raises(LogTruncated, match="ends at 2, but is to be read from 7"):
        log.poll()


def test_times_lead_to_the_first_record_after_them_or_to_the_end():
    log = reader(FakeBroker({P0: [0, 1, 2], P1: [0]}))
    assert log.at_times({P0: 1, P1: 1}) == {P0: 1, P1: 1}
    assert log.at_times({P0: 0, P1: 5}) == {P0: 0, P1: 1}


def test_what_is_followed_is_finished_once_the_next_is_asked_for():
    broker, watch = FakeBroker({P0: [0, 1, 2]}, at_once=2), PartitionWatch(lambda _: {})
    log, finished = reader(broker), []
    watch.finish = lambda part, offset: finished.append(offset)
    log.start({P0: 0})
    came = log.follow(watch)
    assert offsets(next(came)[P0]) == [0, 1]
    assert finished == []
    assert offsets(next(came)[P0]) == [2]
    assert finished == [2]
    assert next(came) == {}
    assert finished == [2, 3]


def test_compacted_topics_are_told_by_their_names():
    assert is_compacted(COMPACTED)
    assert not is_compacted(PLAIN)
    assert not is_compacted("article-published.v1.copy")
