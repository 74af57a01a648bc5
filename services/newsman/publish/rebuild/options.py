"""Command-line options of `newsman rebuild`."""

import argparse


def configure_rebuild(parser: argparse.ArgumentParser) -> None:
    """Adds the choice between the store and the counts."""
    parser.add_argument(
        "what",
        choices=("store", "feeds", "popularity"),
        help="store: the articles and their lists; feeds: the catalogue behind search, "
        "combinations and changes, in every process of feeds; popularity: the counts",
    )
