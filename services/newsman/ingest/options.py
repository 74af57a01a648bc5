"""Command-line options of `newsman ingest`."""

import argparse


def configure_ingest(parser: argparse.ArgumentParser) -> None:
    """The service takes all from the environment; a worker gets its links from its keeper."""
    parser.add_argument("--worker", metavar="LINKS", help=argparse.SUPPRESS)
