"""`make bench-peers`: Newsman beside what one would pick instead, in turns on one broker."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from stack import JARS, free_port, machine

from newsman.tools.local.jars import ensure_jars
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

from .eventgate import beside_eventgate, beside_express
from .goatcounter import page_views
from .mercure import live_stream
from .nginx import kept_feed
from .sides import Asked, Row, Stand, table, told
from .taking import MissingPeer

PARTS: dict[str, Callable[[Stand, Asked], Iterator[Row]]] = {
    "eventgate": beside_eventgate,
    "express": beside_express,
    "nginx": kept_feed,
    "goatcounter": page_views,
    "mercure": live_stream,
}
SECONDS, READERS = 12, 1_000


def main() -> int:
    """Prints one table of all rows, once those that can be measured have been."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="this peer")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="how long either side works for a row"
    )
    parser.add_argument(
        "--readers", type=int, default=READERS, help="how many readers a stream has"
    )
    arguments = parser.parse_args()
    # Else it would end at once, and leave running what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    folder = Path(tempfile.mkdtemp(prefix="newsman-peers-"))
    ensure_jars(JARS)
    broker = Broker(folder / "kafka", free_port(), free_port(), JARS)
    valkey = Valkey(folder / "valkey", free_port())
    broker.start()
    valkey.start()
    try:
        broker.wait_ready()
        valkey.wait_ready()
        print(machine())
        stand, asked = Stand(broker, valkey, folder), Asked(arguments.seconds, arguments.readers)
        print(table(measured(arguments.only or list(PARTS), stand, asked)))
    finally:
        broker.kill()
        valkey.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def measured(names: list[str], stand: Stand, asked: Asked) -> Iterator[Row]:
    """All rows of these parts; a peer that is missing is told of and left out."""
    for name in names:
        told(name)
        try:
            yield from PARTS[name](stand, asked)
        except MissingPeer as missing:
            told(f"skipped: {missing}")


if __name__ == "__main__":
    raise SystemExit(main())
