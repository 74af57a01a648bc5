"""Command-line options of `newsman contracts`."""

import argparse


def configure_contracts(parser: argparse.ArgumentParser) -> None:
    """What to do with the contracts."""
    parser.add_argument(
        "what",
        choices=("write", "check", "release"),
        help="write: generate the files; check: they are current and break nothing that was "
        "released; release: take the current schemas as released",
    )
