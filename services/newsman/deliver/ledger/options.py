"""Command-line options of `newsman ledger`."""

import argparse


def configure_ledger(parser: argparse.ArgumentParser) -> None:
    """Adds the article, and the forms of the answer."""
    parser.add_argument("article", help="the article's id, 16 characters")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the answer as JSON")
    form.add_argument(
        "--entries", action="store_true", help="print everything that was done, the oldest first"
    )
