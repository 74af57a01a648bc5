"""Kafka is there as soon as one of its brokers takes a connection."""

import socket

from newsman.kafka.ready import kafka_check


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
