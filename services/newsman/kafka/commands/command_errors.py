"""Commands that ask Kafka: where it is, and what they say when it is away."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps

from kafka.errors import KafkaError

from newsman.kafka.ready import kafka_check, refusal
from newsman.settings import KafkaSettings, read_settings
from newsman.terminal.endings import CommandFailed


def require_kafka(bootstrap: str) -> None:
    """Raises CommandFailed unless a broker lets clients in; they would wait for one that does."""
    if problem := kafka_check(bootstrap)():
        raise CommandFailed(
            f"Kafka at {bootstrap}: {problem}; NEWSMAN_KAFKA_BOOTSTRAP says where it is"
        )
    if problem := refusal(bootstrap):
        raise CommandFailed(f"Kafka at {bootstrap} lets no client in: {problem}")


def asks_kafka(
    command: Callable[[argparse.Namespace, KafkaSettings], int],
) -> Callable[[argparse.Namespace], int]:
    """The command with its settings read; ends with 1 when Kafka is away, and says so."""

    @wraps(command)
    def run(arguments: argparse.Namespace) -> int:
        settings = read_settings(KafkaSettings)
        require_kafka(settings.kafka_bootstrap)
        try:
            return command(arguments, settings)
        except KafkaError as error:
            print(f"Kafka at {settings.kafka_bootstrap}: {error}", file=sys.stderr)
            return 1

    return run
