"""`newsman subscription`: subscriptions through deliver's API."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from newsman.deliver.commands import bounce
from newsman.deliver.commands.api import DeliverApi, with_deliver
from newsman.deliver.commands.options import FILTERS
from newsman.runtime.settings_error import SettingsError
from newsman.terminal.tables import lines, table

SUBSCRIPTIONS = "subscriptions"
LISTED = ("id", "owner", "kind", "url", "events", "filter", "state")
ATTEMPTED = ("at", "subscription", "id", "event", "about", "attempt", "outcome", "status", "ms")

Action = Callable[[DeliverApi, argparse.Namespace], Any]


def run(arguments: argparse.Namespace) -> int:
    """Does it and shows the answer; 1 when deliver refuses it, 3 when it does not answer.

    A mail server that hands over what came back is answered in its own way.
    """
    if arguments.action == "bounce":
        return bounce.run(as_json=arguments.json)

    def show(api: DeliverApi) -> int:
        answer = ACTIONS[arguments.action](api, arguments)
        if arguments.json:
            print(json.dumps(answer if answer is not None else {}))
        else:
            sys.stdout.write(_text(answer))
        return 0

    return with_deliver(show)


def _add(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    body = _wish(arguments)
    for name in ("kind", "start", "secret"):
        if (value := getattr(arguments, name)) is not None:
            body[name] = value
    return api.ask("POST", SUBSCRIPTIONS, body=body)


def _list(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    query = {"owner": arguments.owner, "state": arguments.state}
    return api.ask("GET", SUBSCRIPTIONS, query=query)


def _show(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    return api.ask("GET", SUBSCRIPTIONS, arguments.id)


def _change(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    return api.ask("PATCH", SUBSCRIPTIONS, arguments.id, body=_wish(arguments))


def _delete(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    api.ask("DELETE", SUBSCRIPTIONS, arguments.id)
    return {"id": arguments.id, "deleted": True}


def _act(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    return api.ask("POST", SUBSCRIPTIONS, arguments.id, arguments.action)


def _deliveries(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    query = {"outcome": arguments.outcome, "limit": arguments.limit}
    path = [SUBSCRIPTIONS, arguments.id] if arguments.id else []
    return api.ask("GET", *path, "deliveries", query=query)


def _resend(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    path = (SUBSCRIPTIONS, arguments.id, "deliveries", arguments.delivery, "resend")
    return api.ask("POST", *path)


def _replay(api: DeliverApi, arguments: argparse.Namespace) -> Any:
    query = {"from": arguments.start, "to": arguments.end}
    return api.ask("POST", SUBSCRIPTIONS, arguments.id, "replay", query=query)


ACTIONS: dict[str, Action] = {
    "add": _add,
    "list": _list,
    "show": _show,
    "change": _change,
    "delete": _delete,
    **dict.fromkeys(("pause", "resume", "rotate", "test"), _act),
    "deliveries": _deliveries,
    "resend": _resend,
    "replay": _replay,
}


def _wish(arguments: argparse.Namespace) -> dict[str, Any]:
    """What was given, as the API takes it; deliver says what is wrong with it."""
    given = {
        "url": arguments.url,
        "options": _options(arguments.option),
        "events": arguments.event,
        "filter": _filter(arguments),
        "payload": arguments.payload,
        "concurrency": arguments.concurrency,
        "shadow": arguments.shadow,
    }
    return {name: value for name, value in given.items() if value is not None}


def _filter(arguments: argparse.Namespace) -> dict[str, Any] | None:
    names = (*FILTERS, "q", "urgency_max", "collapse")
    given = {name: getattr(arguments, name) for name in names}
    given["first_mention"] = arguments.first_mention or None
    return {name: value for name, value in given.items() if value is not None} or None


def _options(words: list[str] | None) -> dict[str, str] | None:
    if words is None:
        return None
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, equals, _ in pairs if not (name and equals)]:
        raise SettingsError(f"--option {wrong[0]}: is written NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _text(answer: Any) -> str:
    if "items" not in answer:
        return lines({name: value for name, value in answer.items() if name != "links"})
    rows = answer["items"]
    if not rows:
        return "there are none\n"
    return table(rows, ATTEMPTED if "attempt" in rows[0] else LISTED)
