"""`newsman topics`: creates what is missing of the topics, as often as it is run."""

import argparse
import sys

from newsman.kafka.topics import ensure_topics, wait_for_broker
from newsman.settings import KafkaSettings, read_settings
from newsman.terminal.output import show
from newsman_schemas.topics import TOPICS


def run(arguments: argparse.Namespace) -> int:
    """Creates the topics; 1 when no broker answers."""
    settings = read_settings(KafkaSettings)
    if not wait_for_broker(settings.kafka_bootstrap, limit_seconds=arguments.wait):
        print(f"no broker answers at {settings.kafka_bootstrap}", file=sys.stderr)
        return 1
    created = ensure_topics(
        settings.kafka_bootstrap, settings.namespace, replication=arguments.replication
    )
    for topic in TOPICS:
        state, name = (
            "created" if topic in created else "there already",
            topic.full_name(settings.namespace),
        )
        show(arguments, {"topic": name, "created": topic in created}, f"{name}: {state}")
    return 0
