"""A producer is closed for good with its broker away, and what a service does next is done."""

import time

import pytest

from newsman.kafka.clients import build_producer, close_producer
from newsman.kafka.topics import ensure_topics
from newsman_schemas.topics import REJECTED


@pytest.mark.parametrize("timeout_seconds", [0, 1.0])
def test_a_producer_ends_although_its_last_record_went_nowhere(own_broker, timeout_seconds):
    ensure_topics(own_broker.bootstrap, "closing", replication=1)
    topic = REJECTED.full_name("closing")
    producer = build_producer(own_broker.bootstrap, client_id="test", max_block_ms=5_000)
    producer.send(topic, value=b"1").get(timeout=30)
    own_broker.stop()
    unsent = producer.send(topic, value=b"2")
    began_at = time.monotonic()
    close_producer(producer, timeout_seconds)
    assert time.monotonic() - began_at < 10  # not the two minutes of a record's delivery
    producer._sender.join(10)
    assert not producer._sender.is_alive()
    assert unsent.failed()
