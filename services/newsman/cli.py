"""The one `newsman` command: a subcommand per service and per operator task."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pkgutil import resolve_name
from typing import Any, NamedTuple

from newsman.services import SERVICES
from newsman.terminal.endings import ended, served
from newsman.terminal.streams import prepare_streams


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
    "names": Command(
        "newsman.enrich.own_names.command",
        "the newsroom's own names: add, list, show, remove, import",
        "newsman.enrich.commands.options:configure_names",
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
        "list, show, edit, replay and drop rejected messages",
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
    "status": Command(
        "newsman.tools.operate.status",
        "show services, lag, rejected messages, deliveries and Redis in one table",
        "newsman.tools.operate.options:configure_status",
    ),
    "lag": Command(
        "newsman.tools.operate.lag",
        "show how far behind each partition is",
        "newsman.tools.operate.options:configure_lag",
    ),
    "trace": Command(
        "newsman.tools.operate.trace",
        "show where a story is: each hop, and who got it",
        "newsman.tools.operate.options:configure_trace",
    ),
    "tail": Command(
        "newsman.tools.operate.tail",
        "print a topic's events as they come",
        "newsman.tools.operate.options:configure_tail",
    ),
    "size": Command(
        "newsman.tools.sizing.size_command",
        "what an installation of a load needs, computed from measured costs",
        "newsman.tools.sizing.options:configure",
    ),
    "doctor": Command(
        "newsman.tools.operate.doctor",
        "look for what is wrong, and say what to do",
        "newsman.tools.operate.options:configure_doctor",
    ),
    "config": Command(
        "newsman.tools.operate.config",
        "check or print the settings",
        "newsman.tools.operate.options:configure_config",
    ),
    "backup": Command(
        "newsman.tools.operate.backup",
        "copy log, secrets, sources and assets into a folder",
        "newsman.tools.operate.options:configure_backup",
    ),
    "restore": Command(
        "newsman.tools.operate.restore",
        "put a backup into an empty installation",
        "newsman.tools.operate.options:configure_restore",
    ),
    "observe": Command(
        "newsman.tools.observe.observe_command",
        "watch an installation and its sources, for Prometheus",
        "newsman.tools.operate.options:configure_observe",
    ),
    "simulate": Command(
        "newsman.tools.simulate.simulate_command",
        "push and read as newsrooms and readers do, and check what became of it",
        "newsman.tools.simulate.options:configure_simulate",
    ),
    "provenance": Command(
        "newsman.tools.provenance.provenance_command",
        "make, list and revoke the keys of statements",
        "newsman.tools.provenance.options:configure_provenance",
    ),
    "verify": Command(
        "newsman.tools.provenance.verify_command",
        "check a site's signed statements about an article",
        "newsman.tools.provenance.options:configure_verify",
    ),
    "completion": Command(
        "newsman.tools.completion",
        "print completion for a shell",
        "newsman.tools.options:configure_completion",
    ),
    "local": Command(
        "newsman.tools.local.command",
        "run the embedded stack: demo, up, stop, status, env, clean",
        "newsman.tools.options:configure_local",
    ),
}


STANDS_ALONE = frozenset({"contracts", "completion", "local", "webhooks"})
"""Commands that reach no installation, or one that they are told of."""


class CommandParser(argparse.ArgumentParser):
    """A parser that knows the actions below it."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.groups: list[Any] = []
        super().__init__(*args, **named)

    def add_subparsers(self, **named: Any) -> Any:
        """As the standard library has it."""
        self.groups.append(super().add_subparsers(**named))
        return self.groups[-1]


class _Version(argparse.Action):
    """Prints the version of the distribution."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from importlib.metadata import version

        print(f"newsman {version('newsman')}")
        parser.exit()


def build_parser(configure: Callable[[str, CommandParser], None]) -> CommandParser:
    """The parser with every subcommand named, to each of which its options are added so."""
    parser = CommandParser(
        prog="newsman", description="Takes news in, and serves it out tagged, ranked and live."
    )
    _add_version(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        configure(name, commands.add_parser(name, help=command.summary, add_help=False))
    return parser


def build_command_parser(name: str) -> CommandParser:
    """The parser of one subcommand, with its options."""
    parser = CommandParser(prog=f"newsman {name}", description=COMMANDS[name].summary)
    add_options(name, parser)
    return parser


def add_options(name: str, parser: CommandParser) -> None:
    """Adds a subcommand's options, and to it and each of its actions those that all have."""
    if COMMANDS[name].options:
        resolve_name(COMMANDS[name].options)(parser)
    _add_version(parser)
    for leaf in leaves(parser):
        if leaf is not parser:
            _add_version(leaf)
        # Some have it already.
        with contextlib.suppress(argparse.ArgumentError):
            if not (name in SERVICES and leaf is parser):
                leaf.add_argument("--json", action="store_true", help="print the result as JSON")


def leaves(parser: "CommandParser") -> "list[CommandParser]":
    """The parsers of a command's actions, with its own where it can do without one."""
    below = [
        leaf for group in parser.groups for each in group.choices.values() for leaf in leaves(each)
    ]
    return below if any(group.required for group in parser.groups) else [parser, *below]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit status (`newsman.terminal.endings`)."""
    prepare_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser(lambda *_: None)
    chosen, rest = parser.parse_known_args(words[:1])[0].command, words[1:]
    arguments = build_command_parser(chosen).parse_args(rest)

    def command() -> int:
        if not is_process(chosen, arguments) and chosen not in STANDS_ALONE:
            resolve_name("newsman.tools.local.defaults:set_defaults")()
        return int(import_module(COMMANDS[chosen].module).run(arguments))

    return served(command) if is_process(chosen, arguments) else ended(command)


def is_process(name: str, arguments: argparse.Namespace) -> bool:
    """True if a service is to run, which takes nothing from an installation that runs here."""
    return name in SERVICES and not getattr(arguments, "action", None)


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and end")


if __name__ == "__main__":
    sys.exit(main())
