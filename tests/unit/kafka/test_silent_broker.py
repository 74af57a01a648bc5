"""A broker or a Redis that takes connections and never answers, as a frozen one does."""

import socket

import pytest
from redis.exceptions import RedisError

from newsman.kafka import ready
from newsman.kafka.commands.command_errors import require_kafka
from newsman.redis.ready import require_redis
from newsman.terminal.endings import CommandFailed


@pytest.fixture
def silent():
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_command_does_not_wait_for_a_broker_that_says_nothing(silent, monkeypatch):
    monkeypatch.setattr(ready, "REFUSED_MS", 300)
    with pytest.raises(CommandFailed, match=f"^Kafka at {silent} lets no client in: "):
        require_kafka(silent)


def test_a_command_does_not_wait_for_a_redis_that_says_nothing(silent, monkeypatch):
    monkeypatch.setattr("newsman.redis.ready.ANSWER_SECONDS", 0.3)
    with pytest.raises(RedisError, match="Timeout"):
        require_redis(f"redis://{silent}/0")
