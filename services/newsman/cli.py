"""The one `newsman` command: a subcommand per service and per operator task."""

import argparse
import importlib
import sys
from collections.abc import Sequence

from newsman.runtime.settings_error import SettingsError

COMMANDS: dict[str, tuple[str, str]] = {
    "ingest": ("newsman.ingest.main", "serve the HTTP intake of articles and views"),
    "enrich": ("newsman.enrich.main", "run enrichment: tags and entities"),
    "popularity": ("newsman.popularity.main", "run the counts and rankings"),
    "publish": ("newsman.publish.main", "run the gate for order, embargo and kill"),
    "feeds": ("newsman.feeds.main", "serve feeds, pages, the live stream and the API"),
    "deliver": ("newsman.deliver.main", "push what is published to webhooks"),
    "push": ("newsman.tools.push.push_command", "send files, folders or standard input to ingest"),
    "watch": ("newsman.tools.push.watch_command", "send what is put in a folder to ingest"),
    "poll": ("newsman.tools.push.poll_command", "fetch feeds and send what is new to ingest"),
    "source": (
        "newsman.ingest.sources.source_command",
        "say who may push: add, list, rotate, revoke",
    ),
    "override": ("newsman.enrich.overrides.command", "add or remove an article's tags, for good"),
    "reenrich": ("newsman.enrich.commands.reenrich", "enrich articles again that went without"),
    "sections": ("newsman.enrich.commands.sections", "learn a newsroom's own sections"),
    "topics": ("newsman.kafka.commands.topics", "create the topics on the broker"),
    "rebuild": ("newsman.publish.rebuild.command", "rebuild the article store or the counts"),
    "rejected": ("newsman.kafka.commands.rejected", "list, show and replay rejected messages"),
    "contracts": ("newsman.tools.contracts_command", "write or check JSON Schemas and AsyncAPI"),
    "webhooks": ("newsman.deliver.listen", "listen for signed webhooks and print them"),
    "local": (
        "newsman.tools.local.command",
        "run the embedded stack: demo, up, stop, status, clean",
    ),
}
"""Subcommand -> module with `configure(parser)` and `run(arguments) -> exit status`, help."""


def build_parser() -> argparse.ArgumentParser:
    """The parser with every subcommand named; a command's own options come with its module."""
    parser = argparse.ArgumentParser(
        prog="newsman", description="Takes news in, and serves it out tagged, ranked and live."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit status (2 for a wrong call or setting)."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen, rest = build_parser().parse_known_args(words[:1])[0].command, words[1:]
    module = importlib.import_module(COMMANDS[chosen][0])
    parser = argparse.ArgumentParser(prog=f"newsman {chosen}", description=COMMANDS[chosen][1])
    module.configure(parser)
    try:
        return int(module.run(parser.parse_args(rest)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
