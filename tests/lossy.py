"""Clients that are broken: one loses what it had fetched and goes on, one hands nothing over."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

LOSSY = """
from kafka import KafkaConsumer
poll, polls = KafkaConsumer.poll, 0
def lossy(self, *args, **named):
    global polls
    polled = poll(self, *args, **named)
    polls += any(len(records) >= 10 for records in polled.values())
    if polls == 2:
        polls += 1
        return {part: records[len(records) // 2:] for part, records in polled.items()}
    return polled
KafkaConsumer.poll = lossy
"""
SERVICE = "import sys\nfrom newsman.cli import main\nsys.exit(main(sys.argv[1:]))"
STANDING = """
from kafka import KafkaConsumer
from newsman.kafka.progress.log_end_watch import PartitionWatch
poll = KafkaConsumer.poll
def standing(self, *args, **named):
    poll(self, *args, **named)
    return {}
KafkaConsumer.poll = standing
PartitionWatch.__init__.__kwdefaults__["limit_seconds"] = 40
"""


@contextmanager
def broken(
    name: str, breakage: str, env: Mapping[str, str], log_file: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A running service whose client is broken in one of these ways."""
    with log_file.open("ab") as log:
        command = [sys.executable, "-c", breakage + SERVICE, name]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=dict(env))
    try:
        yield process
    finally:
        process.kill()
        process.wait()
