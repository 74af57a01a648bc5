"""Topics read without a group, on a real broker: to the end as it stood, or an error that says why.

The broker is away, the log is deleted or compacted under the reader, a transaction ends it.
"""

import random
import threading

import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import NewTopic

from newsman.kafka.clients import build_producer
from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import ReadStalled, RecordsGone, TopicMissing, warn_gone
from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED

PARTS = range(ARTICLE_ENRICHED.partitions)
LITTLE = {"max_partition_fetch_bytes": 4_000, "fetch_max_bytes": 4_000, "max_poll_records": 5}
"""So that what is read at once is little, and the broker is needed to the end."""


@pytest.fixture
def topic(topics) -> str:
    return ARTICLE_ENRICHED.full_name(topics)


@pytest.fixture
def send(kafka_bootstrap):
    return lambda topic, records: put(kafka_bootstrap, topic, records)


def put(bootstrap: str, topic: str, records: list[tuple[int, bytes]]) -> None:
    """Sends keys and values by their partitions."""
    producer = build_producer(bootstrap, client_id="test")
    for partition, value in records:
        producer.send(topic, key=value[:4], value=value, partition=partition)
    producer.close(timeout=30)


def values(records) -> list[bytes]:
    return sorted(record.value for record in records)


def large(number: int) -> bytes:
    """A value that does not compress, so that a batch holds some thirty of them."""
    return b"%06d" % number + random.Random(number).randbytes(500)


def numbered(count: int) -> list[tuple[int, bytes]]:
    return [(n % len(PARTS), large(n)) for n in range(count)]


def test_a_topic_without_records_ends_at_once(kafka_bootstrap, topic):
    with open_log(kafka_bootstrap, client_id="test", silence_seconds=1) as log:
        assert list(log.read_all(topic)) == []


def test_a_topic_that_is_not_there_is_named(kafka_bootstrap, topics):
    with (
        open_log(kafka_bootstrap, client_id="test") as log,
        pytest.raises(TopicMissing, match=f"the topic {topics}.nothing is not there"),
    ):
        list(log.read_all(f"{topics}.nothing"))


def test_every_record_of_every_partition_comes_once_and_in_order(kafka_bootstrap, topic, send):
    sent = numbered(1_003)
    send(topic, sent)
    with open_log(kafka_bootstrap, client_id="test", max_poll_records=37) as log:
        records = list(log.read_all(topic))
    assert values(records) == sorted(value for _, value in sent)
    for number in PARTS:
        offsets = [record.offset for record in records if record.partition == number]
        assert offsets == list(range(len(offsets)))


def test_what_is_appended_while_it_is_read_is_not_among_it(kafka_bootstrap, topic, send):
    send(topic, numbered(40))
    with open_log(kafka_bootstrap, client_id="test", **LITTLE) as log:
        records = log.read_all(topic)
        first = next(records)
        send(topic, numbered(400))
        assert len([first, *records]) == 40


def test_a_moment_leads_to_what_came_after_it(kafka_bootstrap, topic):
    producer = build_producer(kafka_bootstrap, client_id="test")
    for moment in (1_000, 2_000, 3_000):
        producer.send(topic, value=b"%d" % moment, partition=1, timestamp_ms=moment)
    producer.close(timeout=30)
    with open_log(kafka_bootstrap, client_id="test") as log:
        parts = log.partitions(topic)
        start, end = log.at_times(dict.fromkeys(parts, 1_500)), log.ends(parts)
        assert [start[part] for part in parts] == [0, 1, 0, 0]
        assert [record.value for record in log.read(start, end)] == [b"2000", b"3000"]
        assert log.at_times(dict.fromkeys(parts, 9_000)) == end


def test_deleted_records_are_refused_or_left_out_as_the_reader_wants(
    kafka_bootstrap, topic, send, caplog
):
    send(topic, [(0, b"%d" % n) for n in range(10)])
    part = TopicPartition(topic, 0)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.delete_records({part: 6})
    admin.close()
    with open_log(kafka_bootstrap, client_id="test") as log:
        assert values(log.read_all(topic)) == [b"6", b"7", b"8", b"9"]
        with pytest.raises(RecordsGone, match=r"begins at 6: 4 records from 2 on"):
            list(log.read({part: 2}, {part: 10}))
    with open_log(kafka_bootstrap, client_id="test", gone=warn_gone) as log:
        assert values(log.read({part: 2}, {part: 10})) == [b"6", b"7", b"8", b"9"]
        assert values(log.read({part: 2}, {part: 5})) == []
    assert f"{topic}[0] begins at 6: what lay behind 2 is gone" in caplog.text


def test_records_that_are_deleted_under_the_reader_are_said(kafka_bootstrap, topic, send, caplog):
    send(topic, [(0, large(n)) for n in range(100)])
    part = TopicPartition(topic, 0)
    with open_log(kafka_bootstrap, client_id="test", gone=warn_gone, **LITTLE) as log:
        records = log.read_all(topic)
        came = [next(records)]
        admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        admin.delete_records({part: 90})
        admin.close()
        came += records
    offsets = [record.offset for record in came]
    assert offsets[0] == 0
    assert offsets[-10:] == list(range(90, 100))
    assert len(offsets) < 100
    assert "begins at 90: what lay behind" in caplog.text


def test_a_transactions_marker_at_the_end_is_no_missing_record(kafka_bootstrap, topic):
    producer = build_producer(kafka_bootstrap, client_id="test", transactional_id=topic)
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(topic, value=b"only", partition=2).get(timeout=30)
    producer.commit_transaction()
    producer.close(timeout=30)
    with open_log(kafka_bootstrap, client_id="test", silence_seconds=5) as log:
        assert log.ends(log.partitions(topic))[TopicPartition(topic, 2)] == 2
        assert values(log.read_all(topic)) == [b"only"]


def test_what_compaction_left_is_read_to_its_end(kafka_bootstrap, namespace, eventually):
    topic = ARTICLE_PUBLISHED.full_name(namespace)
    rolling = {"segment.ms": "50", "min.cleanable.dirty.ratio": "0.001"}
    config = ARTICLE_PUBLISHED.config() | rolling
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    admin.create_topics([NewTopic(topic, 1, 1, topic_configs=config)])
    sent = [(0, b"%04d" % (n % 3)) for n in range(60)]
    with open_log(kafka_bootstrap, client_id="test", silence_seconds=10) as log:

        def is_compacted() -> bool:
            # A segment is compacted once another one follows it.
            put(kafka_bootstrap, topic, sent)
            offsets = [record.offset for record in log.read_all(topic)]
            end = log.ends(log.partitions(topic))[TopicPartition(topic, 0)]
            assert offsets[-1] == end - 1
            return len(offsets) < end

        eventually(is_compacted, timeout=90)
        assert set(values(log.read_all(topic))) == {b"0000", b"0001", b"0002"}
    admin.delete_topics([topic])
    admin.close()


def test_a_broker_that_stops_in_the_middle_ends_the_reading_with_what_is_missing(
    own_broker, namespace
):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    topic = ARTICLE_ENRICHED.full_name(namespace)
    put(own_broker.bootstrap, topic, numbered(400))
    with open_log(own_broker.bootstrap, client_id="test", silence_seconds=3, **LITTLE) as log:
        records = log.read_all(topic)
        came = [next(records)]
        own_broker.stop()
        with pytest.raises(ReadStalled) as stalled:
            came.extend(records)
        missing = sum(100 - log.next[part] for part in log.next)
        assert 0 < missing == 400 - len(came)
        for part, offset in log.next.items():
            if offset < 100:
                where = f"{topic}[{part.partition}] stands at {offset}, {100 - offset} are missing"
                assert f"{where} up to 100" in str(stalled.value)
        # The same reader goes on where it was once the broker is back.
        own_broker.start()
        own_broker.wait_ready()
        for batches in log.read_to(dict.fromkeys(log.next, 100)):
            came += [record for batch in batches.values() for record in batch]
    assert values(came) == sorted(value for _, value in numbered(400))


@pytest.mark.parametrize("end", ["stop", "kill", "pause"])
def test_a_broker_that_comes_back_in_time_costs_no_record(own_broker, namespace, end):
    ensure_topics(own_broker.bootstrap, namespace, replication=1)
    topic = ARTICLE_ENRICHED.full_name(namespace)
    put(own_broker.bootstrap, topic, numbered(400))
    with open_log(own_broker.bootstrap, client_id="test", **LITTLE) as log:
        records = log.read_all(topic)
        came = [next(records)]
        getattr(own_broker, end)()
        back = threading.Timer(2, own_broker.resume if end == "pause" else own_broker.start)
        back.start()
        came.extend(records)
        back.join()
    assert values(came) == sorted(value for _, value in numbered(400))


def test_the_reader_closes_its_consumer(kafka_bootstrap, topic):
    with open_log(kafka_bootstrap, client_id="test") as log:
        assert isinstance(log, TopicLog)
        log.start(log.bounds(log.partitions(topic)).start)
        consumer = log._consumer
    assert consumer._closed
