"""Creating the topics that topics.py lists."""

import time

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError

from newsman.kafka.clients import brokers
from newsman.kafka.ready import kafka_check
from newsman_schemas.topics import TOPICS, Topic

KNOWN_SECONDS, LOOK_SECONDS = 10.0, 0.05
POLL_SECONDS = 0.5


def ensure_topics(bootstrap: str, namespace: str, *, replication: int) -> list[Topic]:
    """Creates whatever is missing in the namespace, and returns once a broker knows it; answers
    what it created."""
    admin = KafkaAdminClient(bootstrap_servers=brokers(bootstrap))
    try:
        existing = set(admin.list_topics())
        missing = [topic for topic in TOPICS if topic.full_name(namespace) not in existing]
        if missing:
            admin.create_topics([_new(topic, namespace, replication) for topic in missing])
            _wait_until_known(admin, {topic.full_name(namespace) for topic in missing})
        return missing
    finally:
        admin.close()


def _wait_until_known(admin: KafkaAdminClient, names: set[str]) -> None:
    """Waits a while for a broker to hear from the controller of what was created."""
    deadline = time.monotonic() + KNOWN_SECONDS
    while not names <= set(admin.list_topics()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def wait_for_broker(bootstrap: str, *, limit_seconds: float) -> bool:
    """True if a broker answered within the limit."""
    deadline, connects = time.monotonic() + limit_seconds, kafka_check(bootstrap)
    while time.monotonic() < deadline:
        # A plain connection first: clients are loud about a port where nobody listens yet.
        if connects():
            time.sleep(POLL_SECONDS)
            continue
        try:
            KafkaAdminClient(
                bootstrap_servers=brokers(bootstrap), bootstrap_timeout_ms=2_000
            ).close()
        except KafkaError:
            time.sleep(POLL_SECONDS)
        else:
            return True
    return False


def _new(topic: Topic, namespace: str, replication: int) -> NewTopic:
    return NewTopic(
        name=topic.full_name(namespace),
        num_partitions=topic.partitions,
        replication_factor=replication,
        topic_configs=topic.config(),
    )
