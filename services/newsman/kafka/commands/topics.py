"""`newsman topics`: creates what is missing of the topics, and says what is not as it is wanted."""

import argparse
import sys

from newsman.kafka.commands.topic_plan import read_plan
from newsman.kafka.topics import create_missing, differences, wait_for_broker
from newsman.settings import KafkaSettings, read_settings
from newsman.terminal.output import show


def run(arguments: argparse.Namespace) -> int:
    """Creates the topics; 1 when no broker answers, or with --check when something differs."""
    settings = read_settings(KafkaSettings)
    bootstrap, namespace = settings.kafka_bootstrap, settings.namespace
    plan = read_plan(arguments.file, replication=arguments.replication)
    if problem := wait_for_broker(bootstrap, limit_seconds=arguments.wait):
        print(problem, file=sys.stderr)
        return 1
    created = [] if arguments.check else create_missing(bootstrap, namespace, plan)
    differ = differences(bootstrap, namespace, plan)
    for each in plan:
        name, is_new = each.topic.full_name(namespace), each.topic in created
        unlike = differ.get(name, [])
        state = "created" if is_new else "; ".join(unlike) or "there already"
        show(
            arguments,
            {"topic": name, "created": is_new, "differs": unlike},
            f"{name}: {state}",
        )
    return 1 if arguments.check and differ else 0
