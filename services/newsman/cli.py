"""The one `newsman` command: a subcommand per service and per operator task."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import resolve_name

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
"""Subcommand -> module with `run(arguments) -> exit status` and, unless the command stands in
OPTIONS, `configure(parser)`; help."""

OPTIONS: dict[str, str | None] = {
    "ingest": "newsman.ingest.options:configure_ingest",
    "enrich": "newsman.enrich.commands.options:configure_enrich",
    "popularity": "newsman.popularity.operator.options:configure_popularity",
    "publish": None,
    "feeds": None,
    "deliver": "newsman.deliver.options:configure_deliver",
    "source": "newsman.ingest.sources.options:configure_source",
    "override": "newsman.enrich.commands.options:configure_override",
    "reenrich": "newsman.enrich.commands.options:configure_reenrich",
    "sections": "newsman.enrich.commands.options:configure_sections",
    "topics": "newsman.kafka.commands.options:configure_topics",
    "rebuild": "newsman.publish.rebuild.options:configure_rebuild",
    "rejected": "newsman.kafka.commands.options:configure_rejected",
    "poll": "newsman.tools.push.options:configure_poll",
    "contracts": "newsman.tools.options:configure_contracts",
    "webhooks": "newsman.deliver.options:configure_webhooks",
    "local": "newsman.tools.options:configure_local",
}
"""Subcommand -> function that adds its options, None where it has none. Their modules import
nothing that takes long, so that help and a wrong option are told at once."""


def build_parser() -> argparse.ArgumentParser:
    """The parser with every subcommand named; a command's own options come with its module."""
    parser = argparse.ArgumentParser(
        prog="newsman", description="Takes news in, and serves it out tagged, ranked and live."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    return parser


def build_command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one subcommand, with its options."""
    module, summary = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"newsman {name}", description=summary)
    options = OPTIONS.get(name, f"{module}:configure")
    if options is not None:
        resolve_name(options)(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit status (2 for a wrong call or setting)."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen, rest = build_parser().parse_known_args(words[:1])[0].command, words[1:]
    arguments = build_command_parser(chosen).parse_args(rest)
    try:
        return int(import_module(COMMANDS[chosen][0]).run(arguments))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
