"""Command-line options of the operator's commands."""

import argparse
import re
from datetime import timedelta
from pathlib import Path

from newsman.services import SERVICES
from newsman.terminal.numbers import amount, count

PROCESSES = (*SERVICES, "observe", "subscription", "webhooks")
"""Whatever has settings of its own."""
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
FOR_DAYS = timedelta(days=30)


def configure_status(parser: argparse.ArgumentParser) -> None:
    """Adds the times that rates and rejected messages are counted over."""
    parser.add_argument(
        "--seconds", type=amount, default=1.0, help="measure rates so long (default 1; 0: not)"
    )
    parser.add_argument(
        "--hours", type=amount, default=24.0, help="count rejected messages of (default 24)"
    )


def configure_lag(parser: argparse.ArgumentParser) -> None:
    """Adds the watching."""
    parser.add_argument("--watch", action="store_true", help="again and again, until interrupted")
    parser.add_argument(
        "--every", type=amount, default=2.0, metavar="SECONDS", help="with --watch (default 2)"
    )


def configure_trace(parser: argparse.ArgumentParser) -> None:
    """Adds the story, and how far back to look."""
    parser.add_argument("story", help="an article's id, its guid, or an address of it")
    parser.add_argument(
        "--since", type=_age, default=FOR_DAYS, metavar="AGE", help="30d (default), 12h, 90m"
    )


def configure_tail(parser: argparse.ArgumentParser) -> None:
    """Adds the topic, and what of it to print."""
    parser.add_argument("topic", help="its name: article-published, rejected.v1, …")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="only events with this, as section=sport or tags.slug=budget; may be repeated",
    )
    parser.add_argument("--since", type=_age, metavar="AGE", help="begin with those of 12h, 90m")
    parser.add_argument("--limit", type=count, default=0, help="end after so many")
    parser.add_argument("--until-end", action="store_true", help="end where the topic ends now")


def configure_doctor(parser: argparse.ArgumentParser) -> None:
    """Nothing is to be chosen."""
    parser.epilog = "Ends with 1 where something is wrong; what is only unwise leaves it at 0."


def configure_observe(parser: argparse.ArgumentParser) -> None:
    """Adds the time between looks."""
    parser.add_argument(
        "--every", type=amount, default=10.0, metavar="SECONDS", help="look so often (default 10)"
    )


def configure_config(parser: argparse.ArgumentParser) -> None:
    """Adds checking and printing."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="say what is missing, wrong, or read by nothing")
    printing = actions.add_parser("print", help="every setting, and where it comes from")
    printing.add_argument("--redact", action="store_true", help="hide secrets")
    actions.add_parser("example", help="a file with every setting, as .env.example")
    for action in (check, printing):
        action.add_argument(
            "service", nargs="*", type=_process, help="of these only (default: all services)"
        )


def configure_backup(parser: argparse.ArgumentParser) -> None:
    """Adds the folder."""
    parser.add_argument("folder", type=Path, help="is made; must not be there yet")
    _add_parts(parser)


def configure_restore(parser: argparse.ArgumentParser) -> None:
    """Adds the folder."""
    parser.add_argument("folder", type=Path, help="as `newsman backup` made it")
    parser.add_argument("--dry-run", action="store_true", help="check the backup, change nothing")
    _add_parts(parser)


def _add_parts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-assets", action="store_true", help="leave the assets out")
    parser.add_argument("--no-sources", action="store_true", help="leave the sources file out")


def _process(text: str) -> str:
    if text not in PROCESSES:
        raise argparse.ArgumentTypeError(f"there is no {text}; there are {', '.join(PROCESSES)}")
    return text


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError("a number and m, h or d, as 12h")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
