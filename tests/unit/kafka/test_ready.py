"""Kafka is there as soon as one of its brokers takes a connection; topics are asked for rarely."""

import socket

import pytest
from kafka.errors import KafkaConnectionError

from newsman.kafka import ready
from newsman.kafka.ready import ASK_AGAIN_SECONDS, TopicsCheck, kafka_check
from newsman_schemas.topics import ARTICLE_RECEIVED, REJECTED


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_one_broker_of_several_is_enough():
    with socket.create_server(("127.0.0.1", 0)) as broker:
        address = f"127.0.0.1:{broker.getsockname()[1]}"
        assert kafka_check(f"127.0.0.1:{closed_port()},{address}")() is None


def test_brokers_that_take_no_connection_are_named():
    ports = closed_port(), closed_port()
    problem = kafka_check(",".join(f"127.0.0.1:{port}" for port in ports))()
    assert all(f"127.0.0.1:{port} takes no connection" in problem for port in ports)


def test_a_broker_may_have_an_ipv6_address():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        assert kafka_check(f"[::1]:{server.getsockname()[1]}")() is None


def test_a_broker_without_a_port_is_asked_on_kafkas(monkeypatch):
    asked = []

    def connect(address, timeout):
        asked.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    assert kafka_check("kafka.example")() == "kafka.example takes no connection: refused"
    assert asked == [("kafka.example", 9092)]


@pytest.mark.parametrize("broker", ["127.0.0.1:kafka", "127.0.0.1:99999", "[::1:9092"])
def test_what_is_no_address_is_told_as_a_problem(broker):
    problem = kafka_check(broker)()
    assert problem is not None
    assert problem.startswith(f"{broker} takes no connection: ")


class Broker:
    """Takes connections, and has the topics that it is told; or the problem that it raises."""

    def __init__(self, monkeypatch):
        self.has: set[str] | Exception = set()
        self.asked = 0
        self.connects: str | None = None
        self.seconds = 50.0
        monkeypatch.setattr(ready, "kafka_check", lambda _: lambda: self.connects)
        monkeypatch.setattr(ready, "_topics", self._topics)
        wanted = (ARTICLE_RECEIVED, REJECTED)
        self.check = TopicsCheck("b:1", "ns", wanted, clock=lambda: self.seconds)

    def _topics(self, _):
        self.asked += 1
        if isinstance(self.has, Exception):
            raise self.has
        return self.has


@pytest.fixture
def broker(monkeypatch) -> Broker:
    return Broker(monkeypatch)


def test_topics_that_are_missing_are_named_with_what_creates_them(broker):
    broker.has = {"ns.rejected.v1", "other.article-received.v1"}
    problem = broker.check()
    assert problem == ("topics are missing: ns.article-received.v1; `newsman topics` creates them")


def test_topics_are_asked_for_once_a_second_until_they_were_there_and_then_never(broker):
    for seconds in (0, ASK_AGAIN_SECONDS / 2, ASK_AGAIN_SECONDS - 0.001):
        broker.seconds = 50.0 + seconds
        assert "topics are missing" in broker.check()
    assert broker.asked == 1
    broker.has = {"ns.rejected.v1", "ns.article-received.v1", "ns.more"}
    broker.seconds = 50.0 + ASK_AGAIN_SECONDS
    assert broker.check() is None
    broker.has, broker.seconds = set(), 999.0
    assert broker.check() is None
    assert broker.asked == 2


def test_a_broker_that_goes_away_is_a_problem_even_when_the_topics_were_there(broker):
    broker.has = {"ns.rejected.v1", "ns.article-received.v1"}
    assert broker.check() is None
    broker.connects = "b:1 takes no connection: refused"
    assert broker.check() == "b:1 takes no connection: refused"


@pytest.mark.parametrize("problem", [KafkaConnectionError("no answer"), OSError("no route")])
def test_a_broker_that_connects_and_does_not_answer_is_told_and_asked_again(broker, problem):
    broker.has = problem
    assert broker.check().startswith("b:1 does not answer: ")
    broker.has = {"ns.rejected.v1", "ns.article-received.v1"}
    broker.seconds += ASK_AGAIN_SECONDS
    assert broker.check() is None


def test_nobody_is_asked_for_topics_while_no_broker_takes_a_connection(broker):
    broker.connects = "away"
    assert broker.check() == "away"
    assert broker.asked == 0
