"""Command-line options of `newsman size`."""

import argparse

from newsman.terminal.numbers import amount


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the load that is expected."""
    for name, value, help_text in (
        ("--articles", 2_000, "articles a day"),
        ("--views", 100, "page views a second in the busiest minute"),
        ("--requests", 100, "pages and feeds a second in the busiest minute"),
        ("--streams", 100, "readers of the live stream at once"),
        ("--subscribers", 10, "subscriptions that are sent every article"),
        ("--days", 365, "days that articles are kept"),
        ("--peak", 10, "the busiest minute, as a multiple of a day's mean"),
    ):
        parser.add_argument(name, type=amount, default=value, help=f"{help_text} ({value})")
    parser.add_argument(
        "--copies", type=int, choices=range(1, 8), default=3, help="of each record on the log (3)"
    )
