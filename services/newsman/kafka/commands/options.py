"""Command-line options of `newsman topics` and `newsman rejected`."""

import argparse
from pathlib import Path


def configure_topics(parser: argparse.ArgumentParser) -> None:
    """Adds the number of copies, and the time to wait for the broker."""
    parser.add_argument("--replication", type=int, default=1, help="copies of each partition")
    parser.add_argument("--wait", type=float, default=60.0, help="seconds to wait for Kafka")


def configure_rejected(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on rejected messages."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the newest, one line each")
    listing.add_argument("--limit", type=_count, default=50, help="how many (default 50)")
    showing = actions.add_parser("show", help="headers and original bytes of one")
    showing.add_argument("offset", type=int, help="as the list names it")
    showing.add_argument("--raw", action="store_true", help="the original bytes alone, for a file")
    replaying = actions.add_parser(
        "replay", help="send back to its topic, or read a push again under its source"
    )
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("offset", type=int, nargs="?", help="as the list names it")
    which.add_argument("--all", action="store_true", help="everything that can be sent")
    replaying.add_argument("--topic", help="send to this topic instead; its full name")
    replaying.add_argument(
        "--file", type=Path, help="with an offset: this, mended, instead of the original bytes"
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
