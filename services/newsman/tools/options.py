"""Command-line options of `newsman contracts`, `newsman completion` and `newsman local`."""

import argparse


def configure_contracts(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on the contracts."""
    parser.add_argument(
        "what",
        choices=("write", "check", "release"),
        help="write: generate the files; check: they are current and break nothing that was "
        "released; release: take the current schemas as released",
    )


def configure_completion(parser: argparse.ArgumentParser) -> None:
    """Adds the shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def configure_local(parser: argparse.ArgumentParser) -> None:
    """Adds the actions on the stack."""
    parser.add_argument("what", choices=("demo", "up", "stop", "status", "env", "clean"))
    parser.epilog = (
        "Data lies in .newsman (NEWSMAN_HOME moves it). NEWSMAN_PORT_OFFSET is added to every "
        "port: those that docs/reference.md lists for the services, Kafka's 9092, Valkey's 6379."
    )
