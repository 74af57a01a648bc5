"""`make bench-peers`: Newsman beside what one would pick instead, in turns on one broker."""

import argparse
from collections.abc import Callable, Iterator

from stack import machine, own_stack

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
    with own_stack() as stack:
        print(machine())
        stand, asked = Stand(*stack), Asked(arguments.seconds, arguments.readers)
        print(table(measured(arguments.only or list(PARTS), stand, asked)))
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
