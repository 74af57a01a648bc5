"""`newsman subscriber`: the systems that may subscribe; tokens are shown once."""

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.kafka.clients import build_producer
from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.runtime.health import Pulse
from newsman.runtime.settings_error import SettingsError
from newsman.settings import KafkaSettings
from newsman.subscribers.registry import OWN, Registry
from newsman.subscribers.tail import RegistryTail
from newsman.subscribers.tokens import kept, new_token
from newsman.terminal.endings import CommandFailed
from newsman.terminal.people import operator_name
from newsman.terminal.tables import matching, table
from newsman_schemas.article_rules import TERM_KINDS, term_named
from newsman_schemas.subscriptions import Subscriber

CLIENT_ID = "newsman-subscriber"
READ_SECONDS = 30.0
STOP_SECONDS = 5.0
SHOWN_CHARACTERS = 12


@asks_kafka
def run(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Does it and says what was done; 1 when Kafka is away or nothing has that name, 2 when the
    call is not right."""
    with _registry(settings) as (registry, writer):
        if writer is None:
            print(f"Kafka at {settings.kafka_bootstrap}: not read in time", file=sys.stderr)
            return 1
        try:
            answer = ACTIONS[arguments.action](registry, writer, arguments)
        except RegistryUnavailable as problem:
            print(f"Kafka at {settings.kafka_bootstrap}: {problem}", file=sys.stderr)
            return 1
    print(
        json.dumps(answer) if arguments.json else _text(answer), end="\n" if arguments.json else ""
    )
    return 0


def _add(registry: Registry, writer: RegistryWriter, arguments: argparse.Namespace) -> Any:
    name = arguments.name
    if name in OWN:
        raise SettingsError(f"{name} is no name for a subscriber")
    if registry.subscriber(name):
        raise CommandFailed(f"{name} is there already; `newsman subscriber rotate` adds a token")
    token, now = new_token(), datetime.now(UTC)
    try:
        subscriber = Subscriber(
            name=name,
            title=arguments.title,
            tokens=(kept(token, now),),
            products=_products(arguments.products),
            most_subscriptions=arguments.most_subscriptions,
            most_deliveries_per_second=arguments.deliveries_per_second,
            created_at=now,
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise SettingsError(f"{first['loc'][0]}: {first['msg']}") from None
    writer.put_subscriber(subscriber, operator_name())
    return {"name": name, "token": token}


def _list(registry: Registry, _: RegistryWriter, __: argparse.Namespace) -> Any:
    return {
        "items": [
            {
                "name": each.name,
                "title": each.title,
                "tokens": [token.digest[:SHOWN_CHARACTERS] for token in each.tokens],
                "products": each.products,
                "subscriptions": len(registry.of_owner(each.name)),
                "most_subscriptions": each.most_subscriptions,
                "deliveries_per_second": each.most_deliveries_per_second,
            }
            for each in registry.subscribers()
        ]
    }


def _rotate(registry: Registry, writer: RegistryWriter, arguments: argparse.Namespace) -> Any:
    subscriber = _named(registry, arguments.name)
    token = new_token()
    tokens = (*subscriber.tokens, kept(token, datetime.now(UTC)))
    writer.put_subscriber(subscriber.model_copy(update={"tokens": tokens}), operator_name())
    return {"name": subscriber.name, "token": token}


def _revoke(registry: Registry, writer: RegistryWriter, arguments: argparse.Namespace) -> Any:
    subscriber = _named(registry, arguments.name)
    wanted = arguments.token
    taken = [t for t in subscriber.tokens if wanted is None or t.digest.startswith(wanted)]
    if wanted is not None and (not wanted or len(taken) != 1):
        raise CommandFailed(
            f"{matching(len(taken), 'token', subscriber.name)} with {wanted!r}; "
            "name exactly one (newsman subscriber list)"
        )
    others = tuple(token for token in subscriber.tokens if token not in taken)
    writer.put_subscriber(subscriber.model_copy(update={"tokens": others}), operator_name())
    return {"name": subscriber.name, "revoked": len(taken), "left": len(others)}


def _remove(registry: Registry, writer: RegistryWriter, arguments: argparse.Namespace) -> Any:
    subscriber = _named(registry, arguments.name)
    ended = registry.of_owner(subscriber.name)
    for subscription in ended:
        writer.delete(subscription.id, operator_name())
    writer.remove_subscriber(subscriber.name, operator_name())
    return {"name": subscriber.name, "removed": True, "subscriptions": len(ended)}


ACTIONS = {"add": _add, "list": _list, "rotate": _rotate, "revoke": _revoke, "remove": _remove}


def _products(text: str) -> tuple[str, ...]:
    """Terms in the spelling in which articles stand under them; raises SettingsError."""
    products = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        kind, _, name = word.partition(":")
        term = term_named(kind, name)
        if kind not in TERM_KINDS or term.endswith(":"):
            kinds = ", ".join(TERM_KINDS)
            raise SettingsError(f"--products: {word!r} is none; they begin with {kinds}, and :")
        products.append(term)
    return tuple(dict.fromkeys(products))


def _named(registry: Registry, name: str) -> Subscriber:
    subscriber = registry.subscriber(name)
    if subscriber is None:
        there = ", ".join(each.name for each in registry.subscribers()) or "none"
        raise CommandFailed(f"there is no subscriber {name}; there are {there}")
    return subscriber


def _text(answer: dict[str, Any]) -> str:
    if "items" in answer:
        columns = ("name", "title", "tokens", "products", "subscriptions", "most_subscriptions")
        return table(answer["items"], columns)
    if "token" in answer:
        return f"token: {answer['token']}\nIt is not shown again; its digest alone is kept.\n"
    if "revoked" in answer:
        return f"{answer['revoked']} token(s) of {answer['name']} open nothing any more\n"
    return f"{answer['name']} and {answer['subscriptions']} subscription(s) are removed\n"


@contextmanager
def _registry(settings: KafkaSettings) -> Iterator[tuple[Registry, RegistryWriter | None]]:
    """The registry as the logs have it now, and its writer; None if it was not read in time."""
    registry, stopping = Registry(), threading.Event()
    tail = RegistryTail(registry, settings.kafka_bootstrap, settings.namespace, client_id=CLIENT_ID)
    watch = PartitionWatch(EndsOfLog(settings.kafka_bootstrap, CLIENT_ID))
    arguments = (stopping, Pulse(limit_seconds=READ_SECONDS), watch)
    thread = threading.Thread(target=tail.run, args=arguments, daemon=True)
    with closing(build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)) as producer:
        thread.start()
        is_whole = registry.wait_until_whole(seconds=READ_SECONDS)
        writer = RegistryWriter(producer, registry, settings.namespace)
        try:
            yield registry, writer if is_whole else None
        finally:
            stopping.set()
            thread.join(STOP_SECONDS)
