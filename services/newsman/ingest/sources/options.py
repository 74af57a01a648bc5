"""Command-line options of `newsman source`."""

import argparse

from newsman.terminal.numbers import count


def configure_source(parser: argparse.ArgumentParser) -> None:
    """The actions on NEWSMAN_SOURCES_FILE; ingest reads the file again by itself."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="a new source; prints its key")
    add.add_argument("name", help="a-z, 0-9, - and _; part of every article id of this source")
    add.add_argument("--title", help="its name in words")
    add.add_argument("--hmac", action="store_true", help="a signing secret instead of a key")
    add.add_argument(
        "--superdesk",
        action="store_true",
        help="a signing secret, and Superdesk may ask unsigned which files are here",
    )
    add.add_argument(
        "--embargo-keeps-earlier",
        action="store_true",
        help="a version under embargo leaves the one before it public until its time",
    )
    add.add_argument("--language", help="default language, for example en")
    add.add_argument("--section", help="default section")
    add.add_argument("--timezone", help="zone of dates that name none, for example Europe/Oslo")
    add.add_argument(
        "--canonical-at-source",
        action="store_true",
        help="search engines are pointed to the canonical_url of its articles",
    )
    actions.add_parser("list", help="every source, its keys' digests, formats and limits")
    rotate = actions.add_parser("rotate", help="another key beside the old ones; prints it")
    rotate.add_argument("name")
    rotate.add_argument("--hmac", action="store_true", help="another signing secret")
    revoke = actions.add_parser("revoke", help="take a source's keys and secrets back")
    revoke.add_argument("name")
    revoke.add_argument(
        "--key", help="only the key whose digest begins with this (newsman source list)"
    )
    problems = actions.add_parser("problems", help="what sources keep sending wrong")
    problems.add_argument("name", nargs="?", help="of this source only")
    problems.add_argument("--days", type=count, default=7, help="how far back (default 7)")
    parser.set_defaults(parser=parser)
