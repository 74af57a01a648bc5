"""Clusters that are slow, many or away: whoever is sent to another one does not notice."""

import asyncio
import threading
from types import SimpleNamespace

import pytest
from tests.unit.deliver.channels.context import delivery, subscription

from newsman.deliver.channels import kafka
from newsman.deliver.channels.kafka import MOST_AT_A_CLUSTER, MOST_PRODUCERS, KafkaChannel
from newsman.deliver.channels.kafka_cluster import Cluster

SLOW = "slow:9092"


class Producer:
    """Acknowledges everything at once."""

    def send(self, topic, **record):
        place = SimpleNamespace(partition=0, offset=1)
        return SimpleNamespace(get=lambda timeout: place)


class Clusters:
    """Opens producers; SLOW takes until it is let go."""

    def __init__(self, monkeypatch):
        self.go_on = threading.Event()
        self.opened, self.closed = [], []
        monkeypatch.setattr(Cluster, "open", lambda cluster, *, seconds: self.open(cluster))
        monkeypatch.setattr(kafka, "close_producer", lambda closed, _: self.closed.append(closed))

    def open(self, cluster):
        if cluster.brokers == SLOW:
            assert self.go_on.wait(30)
        self.opened.append(Producer())
        return self.opened[-1]


@pytest.fixture
def clusters(monkeypatch) -> Clusters:
    return Clusters(monkeypatch)


def channel(timeout_seconds=30.0) -> KafkaChannel:
    settings = SimpleNamespace(namespace="newsman", webhook_timeout_seconds=timeout_seconds)
    return KafkaChannel(SimpleNamespace(settings=settings))


def to(brokers: str):
    return subscription("kafka", f"kafka://{brokers}/archive")


def test_a_cluster_that_is_being_opened_does_not_hold_up_another(clusters):
    async def scenario():
        sends = channel()
        slow = [asyncio.create_task(sends.send(to(SLOW), [delivery(b"{}")])) for _ in range(9)]
        (answer,) = await sends.send(to("quick:9092"), [delivery(b"{}")])
        assert answer.status == 200
        assert not any(task.done() for task in slow)
        clusters.go_on.set()
        answers = [answer for (answer,) in await asyncio.gather(*slow)]
        assert {answer.status for answer in answers} == {200}

    asyncio.run(scenario())
    assert len(clusters.opened) - len(clusters.closed) == 2


def test_who_finds_too_many_at_a_slow_cluster_comes_again_later(clusters):
    async def scenario():
        sends = channel(timeout_seconds=0.2)
        tasks = [asyncio.create_task(sends.send(to(SLOW), [delivery(b"{}")])) for _ in range(6)]
        done, under_way = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < len(tasks) - MOST_AT_A_CLUSTER:
            more, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert {task.result()[0].status for task in done} == {503}
        clusters.go_on.set()
        assert {answer.status for (answer,) in await asyncio.gather(*under_way)} == {200}

    asyncio.run(scenario())


def test_the_producer_that_was_idle_for_longest_makes_place(clusters):
    async def scenario():
        sends = channel()
        for number in (*range(MOST_PRODUCERS), 0, MOST_PRODUCERS):
            await sends.send(to(f"broker{number}:9092"), [delivery(b"{}")])

    asyncio.run(scenario())
    assert clusters.closed == [clusters.opened[1]]


def test_a_password_is_not_shown():
    shown = repr(Cluster("broker:9092", "sasl_ssl", "PLAIN", "desk", "of the desk", "a CA"))
    assert "of the desk" not in shown
