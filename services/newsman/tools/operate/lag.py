"""`newsman lag`: how far behind each service is, by partition; once, or again and again."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from newsman.terminal.output import print_json
from newsman.terminal.tables import table
from newsman.tools.operate.installation import Installation, open_installation
from newsman.tools.operate.lags import PartitionLag, lags
from newsman.tools.operate.status import age_in_words

COLUMNS = ("service", "topic", "partition", "offset", "end", "behind", "oldest")
CLEAR = "\x1b[H\x1b[J"


def run(arguments: argparse.Namespace) -> int:
    """Shows it until it is interrupted, or once."""
    with open_installation() as there:
        _show(there, arguments)
        while arguments.watch:
            time.sleep(arguments.every)
            _show(there, arguments)
    return 0


def _show(there: Installation, arguments: argparse.Namespace) -> None:
    found = lags(there.log, there.redis, there.settings.kafka_bootstrap, there.namespace)
    if arguments.json:
        partitions = [{**asdict(each), "events": each.events} for each in found]
        print_json({"at": datetime.now(UTC).isoformat(), "partitions": partitions})
        return
    if arguments.watch and sys.stdout.isatty():
        sys.stdout.write(CLEAR)
    if arguments.watch:
        sys.stdout.write(f"{datetime.now():%H:%M:%S}\n")  # noqa: DTZ005
    sys.stdout.write(_text(found))
    sys.stdout.flush()


def _text(found: Sequence[PartitionLag]) -> str:
    rows = [
        {**asdict(each), "behind": each.events, "oldest": age_in_words(each.oldest_seconds)}
        for each in found
    ]
    return table(rows, COLUMNS)
