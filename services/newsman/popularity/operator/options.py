"""Command-line options of `newsman popularity`."""

import argparse
from datetime import UTC, datetime

from newsman.terminal.people import operator_name

ACTIONS = {
    "pin": "give an article a rank",
    "unpin": "let it stand where its views put it",
    "ban": "take an article out of every ranking",
    "unban": "let it in again",
    "hold": "take an article out, since its views look artificial",
    "admit": "let an article in, whatever its views look like",
}


def configure_popularity(parser: argparse.ArgumentParser) -> None:
    """Without an action the service runs."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, summary in ACTIONS.items():
        action = actions.add_parser(name, help=summary)
        action.add_argument("article", help="the article's id")
        action.add_argument("--by", default=operator_name(), help="who says so")
        action.add_argument("--reason", default="", help="why")
        if name in ("pin", "unpin"):
            action.add_argument(
                "--scope", type=_scope, default="all", help="as section:sport, or front"
            )
        if name == "pin":
            action.add_argument("--rank", type=int, default=1, choices=range(1, 101), metavar="N")
            action.add_argument(
                "--from", dest="begins_at", type=_moment, help="on the front from then on"
            )
            action.add_argument(
                "--until", dest="ends_at", type=_moment, help="on the front until then"
            )
    actions.add_parser("edits", help="what is pinned, banned, held and let in, and why")
    explaining = actions.add_parser("explain", help="where an article's numbers come from")
    explaining.add_argument("article", help="the article's id")
    explaining.add_argument("--as-of", type=_moment, help="a time, for example 2026-03-02T12:00Z")


def _scope(text: str) -> str:
    from newsman.rankings.core import scope_named
    from newsman_schemas.popularity import FRONT

    if text == FRONT:
        return FRONT
    if (scope := scope_named(text)) is None:
        raise argparse.ArgumentTypeError("all, front, or a kind and a name, as section:sport")
    return scope


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a time, for example 2026-03-02T12:00Z") from error
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
