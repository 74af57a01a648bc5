"""Command-line options of `newsman subscriber` and `newsman subscription`."""

import argparse
from typing import TypeAlias

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FILTERS = ("section", "tag", "entity", "author", "source", "lang")


def configure_subscriber(parser: argparse.ArgumentParser) -> None:
    """Actions on the log of subscribers."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = _action(actions, "add", "a new subscriber; prints its token")
    add.add_argument("name", help="a-z, 0-9, - and _; owns its subscriptions")
    add.add_argument("--title", help="its name in words")
    add.add_argument(
        "--products",
        default="",
        help="terms under which it may see articles, separated by commas: section:sport,source:x",
    )
    add.add_argument("--most-subscriptions", type=int, default=100, help="at a time (default 100)")
    add.add_argument("--deliveries-per-second", type=int, default=200, help="at most (default 200)")
    _action(actions, "list", "every subscriber, its tokens' digests, products and quotas")
    rotate = _action(actions, "rotate", "another token beside the old ones; prints it")
    rotate.add_argument("name")
    revoke = _action(actions, "revoke", "take tokens back")
    revoke.add_argument("name")
    revoke.add_argument("--token", help="only the one whose digest begins with this")
    remove = _action(actions, "remove", "a subscriber and its subscriptions")
    remove.add_argument("name")


def configure_subscription(parser: argparse.ArgumentParser) -> None:
    """Actions on subscriptions, through deliver's API."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = _action(actions, "add", "subscribe; prints the secret that signs")
    add.add_argument("--kind", default="webhook", help="webhook (default), pull, stream, …")
    add.add_argument("--start", help="a cursor, an ISO 8601 time, now (default) or beginning")
    add.add_argument("--secret", help="the secret that signs (default: a fresh one)")
    _add_wishes(add)
    listed = _action(actions, "list", "your subscriptions, or all for the operator")
    listed.add_argument("--owner", help="of this subscriber only")
    listed.add_argument("--state", help="only active, paused, disabled or unverified ones")
    change = _action(actions, "change", "change what is given; a filter is replaced whole")
    change.add_argument("id")
    _add_wishes(change)
    for name, summary in {
        "show": "one subscription and how it stands",
        "pause": "send nothing until it is resumed; nothing is lost",
        "resume": "go on from where it was paused or disabled",
        "rotate": "a new secret; both sign for 24 hours",
        "test": "send an event that says nothing else",
        "delete": "end it; what waits is dropped",
    }.items():
        _action(actions, name, summary).add_argument("id")
    deliveries = _action(actions, "deliveries", "the last attempts; of all without an id")
    deliveries.add_argument("id", nargs="?")
    deliveries.add_argument(
        "--outcome", help="only delivered, retry, failed, disabled or paused ones"
    )
    deliveries.add_argument("--limit", type=int, default=50, help="attempts at most (default 50)")
    resend = _action(actions, "resend", "send a delivery once more, under its id")
    resend.add_argument("id")
    resend.add_argument("delivery", help="the id of the delivery: msg_…")
    _action(actions, "bounce", "take an e-mail that came back, on standard input; needs no token")
    replay = _action(actions, "replay", "tell a part of the log again")
    replay.add_argument("id")
    replay.add_argument("--from", dest="start", required=True, help="a cursor or a time")
    replay.add_argument("--to", dest="end", default="now", help="a cursor or a time (now)")


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", help="where to send")
    parser.add_argument(
        "--option", action="append", metavar="NAME=VALUE", help="of the kind; may be repeated"
    )
    parser.add_argument("--event", action="append", help="article.* (default); may be repeated")
    for name in FILTERS:
        parser.add_argument(f"--{name}", action="append", help="filter; may be repeated")
    parser.add_argument("--q", help="filter: words, read as a search reads them")
    parser.add_argument("--urgency-max", type=int, help="filter: the least urgent, 1 to 9")
    parser.add_argument("--collapse", help="filter: story leaves copies out")
    parser.add_argument(
        "--first-mention", action="store_true", help="filter: entities that are new"
    )
    parser.add_argument("--payload", help="full, thin, ninjs-3.1, newsml-g2, …")
    parser.add_argument("--concurrency", type=int, help="deliveries under way at once, 1 to 64")
    parser.add_argument(
        "--shadow",
        action=argparse.BooleanOptionalAction,
        help="match and note everything, send nothing",
    )


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, summary: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary, description=summary)
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    return parser


def configure_ledger(parser: argparse.ArgumentParser) -> None:
    """Adds the article, and the forms of the answer."""
    parser.add_argument("article", help="the article's id, 16 characters")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the answer as JSON")
    form.add_argument(
        "--entries", action="store_true", help="print everything that was done, the oldest first"
    )
