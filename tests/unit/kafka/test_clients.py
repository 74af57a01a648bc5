"""Kafka clients: brokers from one setting, nothing committed or created by itself."""

import selectors
import socket
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka import KafkaConsumer
from kafka.errors import KafkaConnectionError, TopicAuthorizationFailedError
from kafka.partitioner.default import DefaultPartitioner

from newsman.kafka import clients
from newsman.kafka.access.addresses import brokers
from newsman.kafka.clients import build_consumer, build_producer
from newsman.kafka.partitions import RememberingPartitioner, partition_of
from newsman_schemas.topics import MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("bootstrap", "each"),
    [
        ("a:9092", ["a:9092"]),
        ("a:9092,b:9093", ["a:9092", "b:9093"]),
        (" a:9092 , b:9093 ,", ["a:9092", "b:9093"]),
        ("[::1]:9092,a", ["[::1]:9092", "a"]),
        ("", []),
    ],
)
def test_brokers_are_separated_by_commas_with_any_space_around(bootstrap, each):
    assert brokers(bootstrap) == each


@pytest.fixture
def configs(monkeypatch) -> list[dict]:
    """What clients are built with, instead of clients that look for a broker."""
    built: list[dict] = []

    def note(*topics, **config):
        built.append({"topics": topics, **config})

    monkeypatch.setattr(clients, "KafkaProducer", note)
    monkeypatch.setattr(clients, "_Consumer", note)
    return built


def test_a_producer_loses_nothing_that_was_acknowledged_and_doubles_nothing(configs):
    build_producer("a:1", client_id="me")
    (config,) = configs
    assert config["acks"] == "all"
    assert config["enable_idempotence"] is True
    assert config["max_request_size"] == MAX_MESSAGE_BYTES


def test_a_consumer_begins_at_the_beginning_and_commits_and_creates_nothing_by_itself(configs):
    build_consumer("topic", bootstrap="a:1", group="g", client_id="me")
    (config,) = configs
    assert config["topics"] == ("topic",)
    assert config["auto_offset_reset"] == "earliest"
    assert config["enable_auto_commit"] is False
    assert config["allow_auto_create_topics"] is False
    assert config["max_partition_fetch_bytes"] == MAX_MESSAGE_BYTES
    assert config["heartbeat_interval_ms"] * 3 <= config["session_timeout_ms"]


def test_who_reads_without_a_group_has_no_session_to_keep(configs):
    build_consumer(bootstrap="a:1", group=None, client_id="me")
    (config,) = configs
    assert config["group_id"] is None
    assert not {"session_timeout_ms", "heartbeat_interval_ms"} & config.keys()


def test_what_is_said_otherwise_holds(configs):
    build_producer("a:1", client_id="me", acks=1)
    build_consumer(bootstrap="a:1", group="g", client_id="me", auto_offset_reset="latest")
    assert [configs[0]["acks"], configs[1]["auto_offset_reset"]] == [1, "latest"]


class Cluster:
    """A topic of some partitions, as a producer sees it."""

    def __init__(self, partitions: int) -> None:
        self.partitions = set(range(partitions))

    def topics(self):
        return {"t"}

    def partitions_for_topic(self, _):
        return self.partitions

    def available_partitions_for_topic(self, _):
        return self.partitions


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1), st.integers(1, 50))
def test_a_key_goes_where_a_producer_of_kafkas_sends_it(key, partitions):
    where = DefaultPartitioner().partition("t", key, key.encode(), b"", b"", Cluster(partitions))
    sent = ("t", key, key.encode(), b"", b"", Cluster(partitions))
    assert partition_of(key, partitions) == RememberingPartitioner().partition(*sent) == where


@pytest.mark.parametrize(
    ("key", "hashed"),
    [("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536)],
)
def test_keys_are_hashed_as_the_java_client_does(key, hashed):
    """The numbers of Kafka's own test, UtilsTest.testMurmur2."""
    for partitions in (1, 4, 7, 1_000):
        assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


def test_sockets_are_found_while_they_are_registered_and_never_asked_for_their_names():
    class Silent(socket.socket):
        def getsockname(self):
            raise AssertionError("this asks the system")

    with clients.Selector() as selector, Silent() as connection:
        with pytest.raises(KeyError):
            selector.get_key(connection)
        selector.register(connection, selectors.EVENT_READ, "reader")
        assert selector.get_key(connection).data == "reader"
        selector.modify(connection, selectors.EVENT_WRITE, "writer")
        assert selector.get_key(connection.fileno()).data == "writer"
        selector.unregister(connection)
        with pytest.raises(KeyError):
            selector.get_key(connection)


def test_a_socket_that_was_closed_while_it_was_registered_is_found_and_leaves():
    with clients.Selector() as selector:
        connection = socket.socket()
        number = connection.fileno()
        selector.register(connection, selectors.EVENT_READ, "reader")
        connection.close()
        assert selector.get_key(connection).data == "reader"
        selector.unregister(connection)
        with pytest.raises(KeyError):
            selector.get_key(number)


def test_a_member_of_a_group_waits_for_a_broker_that_is_away_and_other_errors_are_raised(
    monkeypatch,
):
    problems = [KafkaConnectionError("111 ECONNREFUSED"), TopicAuthorizationFailedError()]

    def poll(*_, **__):
        raise problems.pop(0)

    monkeypatch.setattr(KafkaConsumer, "poll", poll)
    for name in ("assignment", "subscription"):
        monkeypatch.setattr(KafkaConsumer, name, lambda _: set())
    consumer = clients._Consumer.__new__(clients._Consumer)
    consumer._coordinator = SimpleNamespace(rejoining=False)
    assert consumer.poll(timeout_ms=1) == {}
    with pytest.raises(TopicAuthorizationFailedError):
        consumer.poll(timeout_ms=1)
