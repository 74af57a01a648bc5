"""The one `newsman` command: a subcommand per service and per operator task."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pkgutil import resolve_name
from typing import NamedTuple

from newsman.runtime.settings_error import SettingsError


class Command(NamedTuple):
    """A subcommand: the module with its `run(arguments) -> exit status`, its help, and the function
    that adds its options, "" where it has none.

    Functions of options lie in modules that import nothing that takes long, so that help and a
    wrong option are told at once.
    """

    module: str
    summary: str
    options: str = ""


COMMANDS = {
    "ingest": Command(
        "newsman.ingest.main",
        "serve the HTTP intake of articles and views",
        "newsman.ingest.options:configure_ingest",
    ),
    "enrich": Command(
        "newsman.enrich.main",
        "run enrichment: tags and entities",
        "newsman.enrich.commands.options:configure_enrich",
    ),
    "popularity": Command(
        "newsman.popularity.main",
        "run the counts and rankings",
        "newsman.popularity.operator.options:configure_popularity",
    ),
    "publish": Command("newsman.publish.main", "run the gate for order, embargo and kill"),
    "feeds": Command("newsman.feeds.main", "serve feeds, pages, the live stream and the API"),
    "deliver": Command(
        "newsman.deliver.main",
        "send subscribers what is published",
    ),
    "subscriber": Command(
        "newsman.deliver.commands.subscriber",
        "say who may subscribe: add, list, rotate, revoke, remove",
        "newsman.deliver.commands.options:configure_subscriber",
    ),
    "subscription": Command(
        "newsman.deliver.commands.subscription",
        "subscribe, and see and change subscriptions",
        "newsman.deliver.commands.options:configure_subscription",
    ),
    "push": Command(
        "newsman.tools.push.push_command",
        "send files, folders or standard input to ingest",
        "newsman.tools.push.push_command:configure",
    ),
    "watch": Command(
        "newsman.tools.push.watch_command",
        "send what is put in a folder to ingest",
        "newsman.tools.push.watch_command:configure",
    ),
    "poll": Command(
        "newsman.tools.push.poll.poll_command",
        "fetch feeds and send what is new to ingest",
        "newsman.tools.push.options:configure_poll",
    ),
    "source": Command(
        "newsman.ingest.sources.source_command",
        "say who may push: add, list, rotate, revoke",
        "newsman.ingest.sources.options:configure_source",
    ),
    "override": Command(
        "newsman.enrich.overrides.command",
        "add or remove an article's tags, for good",
        "newsman.enrich.commands.options:configure_override",
    ),
    "reenrich": Command(
        "newsman.enrich.commands.reenrich",
        "enrich articles again that went without",
        "newsman.enrich.commands.options:configure_reenrich",
    ),
    "sections": Command(
        "newsman.enrich.commands.sections",
        "learn a newsroom's own sections",
        "newsman.enrich.commands.options:configure_sections",
    ),
    "topics": Command(
        "newsman.kafka.commands.topics",
        "create the topics on the broker",
        "newsman.kafka.commands.options:configure_topics",
    ),
    "rebuild": Command(
        "newsman.publish.rebuild.command",
        "rebuild the article store or the counts",
        "newsman.publish.rebuild.options:configure_rebuild",
    ),
    "rejected": Command(
        "newsman.ingest.rejected.command",
        "list, show and replay rejected messages",
        "newsman.kafka.commands.options:configure_rejected",
    ),
    "contracts": Command(
        "newsman.tools.contracts_command",
        "write or check JSON Schemas and AsyncAPI",
        "newsman.tools.options:configure_contracts",
    ),
    "ledger": Command(
        "newsman.deliver.commands.ledger",
        "show who was sent an article, and who has a wrong version",
        "newsman.deliver.commands.options:configure_ledger",
    ),
    "webhooks": Command(
        "newsman.deliver.listen",
        "listen for signed webhooks and print them",
        "newsman.deliver.options:configure_webhooks",
    ),
    "local": Command(
        "newsman.tools.local.command",
        "run the embedded stack: demo, up, stop, status, clean",
        "newsman.tools.options:configure_local",
    ),
}


def build_parser() -> argparse.ArgumentParser:
    """The parser with every subcommand named; a command's own options come with its module."""
    parser = argparse.ArgumentParser(
        prog="newsman", description="Takes news in, and serves it out tagged, ranked and live."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.summary, add_help=False)
    return parser


def build_command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one subcommand, with its options."""
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(prog=f"newsman {name}", description=command.summary)
    if command.options:
        resolve_name(command.options)(parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit status (2 for a wrong call or setting)."""
    words = list(sys.argv[1:] if argv is None else argv)
    chosen, rest = build_parser().parse_known_args(words[:1])[0].command, words[1:]
    arguments = build_command_parser(chosen).parse_args(rest)
    try:
        return int(import_module(COMMANDS[chosen].module).run(arguments))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
