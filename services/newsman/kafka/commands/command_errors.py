"""Commands that ask Kafka: where it is, and what they say when it is away."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps

from kafka.errors import KafkaError

from newsman.settings import KafkaSettings, read_settings


def asks_kafka(
    command: Callable[[argparse.Namespace, KafkaSettings], int],
) -> Callable[[argparse.Namespace], int]:
    """The command with its settings read; ends with 1 when Kafka is away, and says so."""

    @wraps(command)
    def run(arguments: argparse.Namespace) -> int:
        settings = read_settings(KafkaSettings)
        try:
            return command(arguments, settings)
        except KafkaError as error:
            print(f"Kafka at {settings.kafka_bootstrap}: {error}", file=sys.stderr)
            return 1

    return run
