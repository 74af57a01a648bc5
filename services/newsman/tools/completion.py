"""`newsman completion`: a script that completes commands and options in a shell."""

import argparse

import shtab

from newsman.cli import add_options, build_parser
from newsman.terminal.output import show


def run(arguments: argparse.Namespace) -> int:
    """Prints the script."""
    script = shtab.complete(build_parser(add_options), arguments.shell)
    show(arguments, {"shell": arguments.shell, "script": script}, script)
    return 0
