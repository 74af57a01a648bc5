"""Requests to the hub, read from their forms (WebSub sections 5.1 and 5.2). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl

MOST_FORM_BYTES = 16 * 1024
MOST_FIELDS = 100
MOST_CALLBACK_CHARACTERS = 1_000
MOST_TOPIC_CHARACTERS = 1_000
MOST_PINGED = 20
SECRET_BELOW_BYTES = 200
LONGEST_LEASE_SECONDS = 10 * 24 * 3_600
SHORTEST_LEASE_SECONDS = 60
MOST_DIGITS = 12

Fields: TypeAlias = Sequence[tuple[str, str]]


class BadHubRequest(Exception):
    """A request that the hub cannot do anything with; the text says why."""


@dataclass(frozen=True)
class HubRequest:
    """A wish to be told, or not to be told any more, of a topic."""

    is_subscribing: bool
    topic: str
    callback: str
    lease_seconds: int = LONGEST_LEASE_SECONDS
    secret: str = field(default="", repr=False)

    @property
    def mode(self) -> str:
        """`hub.mode` as the subscriber named it."""
        return "subscribe" if self.is_subscribing else "unsubscribe"


@dataclass(frozen=True)
class Ping:
    """A publisher's word that topics have changed."""

    topics: tuple[str, ...]


def read_form(body: bytes) -> Fields:
    """The fields of a urlencoded form; raises BadHubRequest."""
    try:
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BadHubRequest("the body is no form in UTF-8") from error


def read_request(fields: Fields) -> HubRequest | Ping:
    """The request in a form; what the hub does not know in it is ignored. Raises BadHubRequest."""
    mode = _one(fields, "hub.mode")
    if mode == "publish":
        return _ping(fields)
    if mode not in ("subscribe", "unsubscribe"):
        raise BadHubRequest("hub.mode is subscribe, unsubscribe or publish")
    secret = _one(fields, "hub.secret", is_needed=False)
    if len(secret.encode()) >= SECRET_BELOW_BYTES:
        raise BadHubRequest(f"hub.secret is shorter than {SECRET_BELOW_BYTES} bytes")
    return HubRequest(
        mode == "subscribe",
        _bounded(fields, "hub.topic", MOST_TOPIC_CHARACTERS),
        _bounded(fields, "hub.callback", MOST_CALLBACK_CHARACTERS),
        _lease(_one(fields, "hub.lease_seconds", is_needed=False)),
        secret,
    )


def _ping(fields: Fields) -> Ping:
    topics = tuple(
        dict.fromkeys(value for name, value in fields if name in ("hub.url", "hub.topic"))
    )
    if not topics:
        raise BadHubRequest("hub.topic is missing")
    if len(topics) > MOST_PINGED or max(map(len, topics)) > MOST_TOPIC_CHARACTERS:
        raise BadHubRequest(f"a ping names up to {MOST_PINGED} topics")
    return Ping(topics)


def _lease(text: str) -> int:
    if not text:
        return LONGEST_LEASE_SECONDS
    if not (text.isascii() and text.isdigit()):
        raise BadHubRequest("hub.lease_seconds is a positive number in decimal digits")
    asked = int(text[:MOST_DIGITS])
    return min(max(asked, SHORTEST_LEASE_SECONDS), LONGEST_LEASE_SECONDS)


def _bounded(fields: Fields, name: str, most: int) -> str:
    value = _one(fields, name)
    if len(value) > most:
        raise BadHubRequest(f"{name} is longer than {most} characters")
    if any(sign <= " " or sign in '\\"<>' or not sign.isprintable() for sign in value):
        raise BadHubRequest(f"{name} is no address")
    return value


def _one(fields: Fields, name: str, *, is_needed: bool = True) -> str:
    values = [value for found, value in fields if found == name]
    if len(values) > 1:
        raise BadHubRequest(f"{name} is there more than once")
    value = values[0] if values else ""
    if is_needed and not value:
        raise BadHubRequest(f"{name} is missing")
    return value
