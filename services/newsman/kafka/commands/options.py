"""Command-line options of `newsman topics` and `newsman rejected`."""

import argparse
from pathlib import Path

from newsman.terminal.numbers import amount, count


def configure_topics(parser: argparse.ArgumentParser) -> None:
    """Adds the file of partitions and copies, and the time to wait for the broker."""
    parser.add_argument("--replication", type=count, default=1, help="copies of each partition")
    parser.add_argument(
        "--file", type=Path, help="TOML of partitions, replication and config by topic"
    )
    parser.add_argument(
        "--check", action="store_true", help="create nothing; 1 if something differs"
    )
    parser.add_argument("--wait", type=amount, default=60.0, help="seconds to wait for Kafka")


def configure_rejected(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on rejected messages."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="the newest, one line each")
    listing.add_argument("--limit", type=count, default=50, help="how many (default 50)")
    listing.add_argument("--all", action="store_true", help="replayed and dropped ones as well")
    showing = actions.add_parser("show", help="headers and original bytes of one")
    showing.add_argument("offset", type=int, help="as the list names it")
    showing.add_argument("--raw", action="store_true", help="the original bytes alone, for a file")
    replaying = actions.add_parser(
        "replay", help="send back to its topic, or read a push again under its source"
    )
    which = replaying.add_mutually_exclusive_group(required=True)
    which.add_argument("offset", type=int, nargs="?", help="as the list names it")
    which.add_argument(
        "--all", action="store_true", help="all that can be sent and was not replayed or dropped"
    )
    replaying.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    replaying.add_argument("--topic", help="send to this topic instead; its full name")
    replaying.add_argument(
        "--file", type=Path, help="with an offset: this, mended, instead of the original bytes"
    )
    editing = actions.add_parser("edit", help="mend one in $EDITOR, and replay it")
    editing.add_argument("offset", type=int, help="as the list names it")
    editing.add_argument("--topic", help="send to this topic instead; its full name")
    editing.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    dropping = actions.add_parser("drop", help="note that messages are given up; without --yes dry")
    dropped = dropping.add_mutually_exclusive_group(required=True)
    dropped.add_argument("offset", type=int, nargs="?", help="as the list names it")
    dropped.add_argument("--all", action="store_true", help="all that are not replayed or dropped")
    dropping.add_argument("--reason", default="", help="why")
    dropping.add_argument("--yes", action="store_true", help="do it, instead of listing them")
