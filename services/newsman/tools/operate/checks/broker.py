"""The broker, its topics and their settings, and that what lies on them can be read."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from newsman.kafka.clients import build_admin
from newsman.kafka.log import TopicLog, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.ready import kafka_check, refusal
from newsman.kafka.records import Unprocessable, decode
from newsman.tools.operate.checks.diagnosis import Diagnosis, good, unwise, wrong
from newsman.tools.operate.settings import OperatorSettings
from newsman_schemas.topics import TOPICS, Topic

ANSWER_MS = 10_000
CLIENT_ID = "newsman-doctor"


def broker_findings(settings: OperatorSettings) -> Iterator[Diagnosis]:
    """The brokers take connections, and know who leads them."""
    if problem := kafka_check(settings.kafka_bootstrap)():
        yield wrong("broker", problem, "start Kafka, or set NEWSMAN_KAFKA_BOOTSTRAP to where it is")
        return
    if problem := refusal(settings.kafka_bootstrap):
        remedy = "see that it runs; for TLS and SASL set NEWSMAN_KAFKA_SECURITY and the like"
        yield wrong("broker", f"it lets no client in: {problem}", remedy)
        return
    with closing(_admin(settings)) as admin:
        cluster = admin.describe_cluster()
    number = len(cluster["brokers"])
    yield good("broker", f"{number} brokers answer at {settings.kafka_bootstrap}")


def topic_findings(settings: OperatorSettings) -> Iterator[Diagnosis]:
    """Every topic is there as Newsman wants it, and its newest record can be read."""
    with closing(_admin(settings)) as admin:
        names = [topic.full_name(settings.namespace) for topic in TOPICS]
        there = {each["name"]: each for each in admin.describe_topics() if each["name"] in names}
        brokers_there = len(admin.describe_cluster()["brokers"])
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in there]
        told = admin.describe_configs(asked, config_filter="all") if asked else {}
    configs = _configs(told)
    before = 0
    for topic in TOPICS:
        name = topic.full_name(settings.namespace)
        if name not in there:
            yield wrong("topics", f"{name} is missing", "newsman topics")
            before += 1
            continue
        for finding in _differences(topic, name, there[name], configs.get(name, {}), brokers_there):
            yield finding
            before += 1
    if not before:
        yield good("topics", f"{len(TOPICS)} topics are there, set as they should be")
    with open_log(settings.kafka_bootstrap, client_id=CLIENT_ID, gone=warn_gone) as log:
        yield from _readable(log, settings.namespace, set(there))


def _admin(settings: OperatorSettings) -> KafkaAdminClient:
    return build_admin(
        settings.kafka_bootstrap,
        client_id=CLIENT_ID,
        bootstrap_timeout_ms=ANSWER_MS,
        request_timeout_ms=ANSWER_MS,
    )


def _configs(told: Any) -> dict[str, dict[str, str]]:
    """The settings of each topic by name."""
    found: dict[str, dict[str, str]] = {}
    for by_name in told.values():
        for name, settings in by_name.items():
            found[name] = {key: value["value"] for key, value in settings.items()}
    return found


def _differences(
    topic: Topic, name: str, there: Mapping[str, Any], config: Mapping[str, str], number: int
) -> Iterator[Diagnosis]:
    partitions = there["partitions"]
    if len(partitions) < topic.partitions:
        text = f"{name} has {len(partitions)} partitions, fewer than {topic.partitions}"
        yield wrong("topics", text, "kafka-topics --alter --partitions, while no service runs")
    copies = min(len(each["replica_nodes"]) for each in partitions)
    if number > 1 and copies < 2:
        text = f"{name} has one copy of each record although there are {number} brokers"
        yield unwise("topics", text, "kafka-reassign-partitions, with a replication factor of 3")
    short = [each for each in partitions if len(each["isr_nodes"]) < len(each["replica_nodes"])]
    if short:
        text = f"{len(short)} partitions of {name} have copies that are behind"
        yield unwise("topics", text, "see that every broker is up")
    for key, value in topic.config().items():
        if key in config and config[key] != value:
            text = f"{name}: {key} is {config[key]}, not {value}"
            remedy = f"kafka-configs --alter --topic {name} --add-config {key}={value}"
            is_harmful = key in ("cleanup.policy", "max.message.bytes")
            yield (wrong if is_harmful else unwise)("topics", text, remedy)


def _readable(log: TopicLog, namespace: str, there: set[str]) -> Iterator[Diagnosis]:
    """The newest record of each partition is an event that this version can read."""
    unread = 0
    for topic in TOPICS:
        name = topic.full_name(namespace)
        if name not in there or topic.event is None:
            continue
        bounds = log.bounds(log.partitions(name))
        last = {p: max(bounds.start[p], end - 1) for p, end in bounds.end.items()}
        for record in log.read(last, bounds.end):
            try:
                if record.value is not None:
                    decode(topic.event, record.value)
            except Unprocessable as problem:
                place = f"{name}[{record.partition}]@{record.offset}"
                remedy = "a newer version wrote it, or another program: run the newest version"
                yield wrong("schemas", f"{place} cannot be read: {problem}", remedy)
                unread += 1
    if not unread:
        yield good("schemas", "the newest record of each partition can be read")
