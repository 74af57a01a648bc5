"""Creating the topics that topics.py lists, and telling them from those that are there."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError

from newsman.kafka.access.explained import explanation, is_final
from newsman.kafka.clients import build_admin
from newsman.kafka.ready import kafka_check
from newsman_schemas.topics import TOPICS, Topic

CLIENT_ID = "newsman-topics"
KNOWN_SECONDS, LOOK_SECONDS = 10.0, 0.05
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class PlannedTopic:
    """A topic as an installation wants it: its partitions, copies and settings on the broker."""

    topic: Topic
    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)

    def new(self, namespace: str) -> NewTopic:
        """The request that creates it."""
        return NewTopic(
            name=self.topic.full_name(namespace),
            num_partitions=self.partitions,
            replication_factor=self.replication,
            topic_configs=dict(self.config),
        )


def planned(replication: int) -> tuple[PlannedTopic, ...]:
    """Every topic as topics.py has it, with so many copies."""
    return tuple(
        PlannedTopic(topic, topic.partitions, replication, topic.config()) for topic in TOPICS
    )


def ensure_topics(bootstrap: str, namespace: str, *, replication: int) -> list[Topic]:
    """Creates whatever is missing in the namespace, and returns once a broker knows it; answers
    what it created."""
    return create_missing(bootstrap, namespace, planned(replication))


def create_missing(bootstrap: str, namespace: str, plan: Sequence[PlannedTopic]) -> list[Topic]:
    """Creates those that are missing, as they are planned; answers which."""
    with closing(build_admin(bootstrap, client_id=CLIENT_ID)) as admin:
        existing = set(admin.list_topics())
        missing = [each for each in plan if each.topic.full_name(namespace) not in existing]
        if missing:
            admin.create_topics([each.new(namespace) for each in missing])
            _wait_until_known(admin, {each.topic.full_name(namespace) for each in missing})
        return [each.topic for each in missing]


def _wait_until_known(admin: KafkaAdminClient, names: set[str]) -> None:
    """Waits a while for a broker to hear from the controller of what was created."""
    deadline = time.monotonic() + KNOWN_SECONDS
    while not names <= set(admin.list_topics()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)


def differences(
    bootstrap: str, namespace: str, plan: Sequence[PlannedTopic]
) -> dict[str, list[str]]:
    """Each way in which a topic is not as it is planned, by its name; `is missing` for none."""
    names = {each.topic.full_name(namespace): each for each in plan}
    with closing(build_admin(bootstrap, client_id=CLIENT_ID)) as admin:
        there = {each["name"]: each for each in admin.describe_topics() if each["name"] in names}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
        told = admin.describe_configs(asked, config_filter="all") if asked else {}
    configs = _configs(told)
    found = {name: ["is missing"] for name in names if name not in there}
    for name, each in there.items():
        found[name] = list(_unlike(names[name], each["partitions"], configs.get(name, {})))
    return {name: texts for name, texts in found.items() if texts}


def _configs(told: Mapping[Any, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, str]]:
    """The settings of each topic by name."""
    return {
        name: {key: value["value"] for key, value in settings.items()}
        for by_name in told.values()
        for name, settings in by_name.items()
    }


def _unlike(
    plan: PlannedTopic, partitions: Sequence[Mapping[str, Any]], config: Mapping[str, str]
) -> Iterator[str]:
    if len(partitions) != plan.partitions:
        yield f"has {_count(len(partitions), 'partition')}, not {plan.partitions}"
    copies = min(len(each["replica_nodes"]) for each in partitions)
    if copies != plan.replication:
        yield f"has {_count(copies, 'copy', 'copies')} of each record, not {plan.replication}"
    for key, value in plan.config.items():
        if config.get(key, value) != value:
            yield f"has {key}={config[key]}, not {value}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def names_of(topics: Iterable[Topic]) -> str:
    """Names with commas between them."""
    return ", ".join(topic.name for topic in topics)


def wait_for_broker(bootstrap: str, *, limit_seconds: float) -> str | None:
    """None once a broker lets a client in, why none did within the limit otherwise."""
    deadline, connects = time.monotonic() + limit_seconds, kafka_check(bootstrap)
    problem: str | None = f"no broker answers at {bootstrap}"
    while time.monotonic() < deadline:
        # A plain connection first: clients are loud about a port where nobody listens yet.
        if connects():
            time.sleep(POLL_SECONDS)
            continue
        try:
            build_admin(bootstrap, client_id=CLIENT_ID, bootstrap_timeout_ms=2_000).close()
        except KafkaError as refused:
            problem = f"Kafka at {bootstrap} lets no client in: {explanation(refused)}"
            if is_final(refused):
                return problem
            time.sleep(POLL_SECONDS)
        else:
            return None
    return problem
