"""An installation as the operator's commands reach it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from newsman.kafka.commands.command_errors import require_kafka
from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.redis.client import build_client
from newsman.redis.ready import require_redis
from newsman.settings import read_settings
from newsman.terminal.endings import CommandFailed
from newsman.tools.operate.settings import OperatorSettings
from newsman_schemas.topics import TOPICS, Topic

CLIENT_ID = "newsman-operate"
BOOTSTRAP_TIMEOUT_MS = 5_000


@dataclass(frozen=True)
class Installation:
    """Settings, the log, and Redis."""

    settings: OperatorSettings
    log: TopicLog
    redis: "redis.Redis"

    @property
    def namespace(self) -> str:
        """The first part of all names."""
        return self.settings.namespace


@contextmanager
def open_installation(*, needs_redis: bool = True) -> Iterator[Installation]:
    """Raises SettingsError, or CommandFailed or RedisError where Kafka or Redis do not answer."""
    settings = read_settings(OperatorSettings)
    require_kafka(settings.kafka_bootstrap)
    if needs_redis:
        require_redis(settings.redis_url)
    with (
        build_client(settings.redis_url) as client,
        open_log(
            settings.kafka_bootstrap,
            client_id=CLIENT_ID,
            gone=warn_gone,
            bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        ) as log,
    ):
        yield Installation(settings, log, client)


def topic_named(word: str, namespace: str) -> Topic:
    """The topic of a full name, or one without its namespace or version; raises CommandFailed."""
    name = word.removeprefix(f"{namespace}.")
    found = [topic for topic in TOPICS if name in (topic.name, topic.name.rpartition(".")[0])]
    if not found:
        known = ", ".join(topic.name for topic in TOPICS)
        raise CommandFailed(f"there is no topic {word}; there are {known}")
    return found[-1]
