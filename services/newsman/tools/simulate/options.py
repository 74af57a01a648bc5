"""Command-line options of `newsman simulate`."""

import argparse
import re
from pathlib import Path

from newsman.terminal.numbers import amount, count
from newsman.tools.push.options import URL
from newsman.tools.simulate.stories import BEHAVIOURS

RATE = re.compile(r"(\d{1,6}(?:\.\d+)?)(?:/s)?")
GIVE_UP_SECONDS = 180.0
"""A sender whose push is not answered for so long takes it for lost, as newsrooms do."""
MOST_PER_SECOND = 100_000


def configure_simulate(parser: argparse.ArgumentParser) -> None:
    """Adds rates, readers, faults, the ledger and the comparison."""
    parser.add_argument("--url", help=f"ingest; else NEWSMAN_PUSH_URL, else {URL}")
    parser.add_argument(
        "--feeds", metavar="URL", help="feeds; else NEWSMAN_FEEDS_URL, else NEWSMAN_PUBLIC_URL"
    )
    parser.add_argument(
        "--key", help="the source's key; better set NEWSMAN_PUSH_KEY, which `ps` does not show"
    )
    parser.add_argument(
        "--articles", type=rate, default=20.0, metavar="RATE", help="pushes (default 20/s)"
    )
    parser.add_argument("--views", type=rate, default=0.0, metavar="RATE", help="page views, 500/s")
    parser.add_argument(
        "--readers", type=int, default=0, help="readers of pages, feeds and the live stream"
    )
    parser.add_argument(
        "--seconds", type=amount, default=30.0, help="how long (default 30; 0: only --verify)"
    )
    parser.add_argument(
        "--faults",
        type=behaviours,
        default=BEHAVIOURS,
        help=f"all (default), none, or some of {', '.join(BEHAVIOURS)}",
    )
    parser.add_argument(
        "--patience",
        type=amount,
        default=GIVE_UP_SECONDS,
        help="give a push up that was not answered for so many seconds (default 180)",
    )
    parser.add_argument("--seed", type=int, default=1, help="the same stories for the same number")
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="note each answer there, behind what it holds"
    )
    parser.add_argument(
        "--verify", action="store_true", help="compare every exit with the ledger at the end"
    )
    parser.add_argument(
        "--settle",
        type=amount,
        default=120.0,
        metavar="SECONDS",
        help="how long --verify waits for the exits to agree (default 120)",
    )
    parser.add_argument("--senders", type=count, default=4, help="connections that push")
    parser.epilog = "Ends with 1 where an exit does not agree, or nothing was taken."


def rate(text: str) -> float:
    """So many a second, as `20/s` or `20`."""
    match = RATE.fullmatch(text)
    if match is None or float(match[1]) > MOST_PER_SECOND:
        raise argparse.ArgumentTypeError("a number a second, as 20/s")
    return float(match[1])


def behaviours(text: str) -> tuple[str, ...]:
    """Names of behaviours, separated by commas; `all` and `none`."""
    if text in ("all", "none"):
        return BEHAVIOURS if text == "all" else ()
    names = tuple(word.strip() for word in text.split(","))
    if unknown := set(names) - set(BEHAVIOURS):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}")
    return names
