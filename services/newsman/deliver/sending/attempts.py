"""What is kept of the last attempts of a subscription: a line of each, and beside it its exchange.

An exchange may hold an article's text, and goes when readers may not see that any more.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json

from newsman.deliver.channels.channel import Answer
from newsman.deliver.channels.shown_request import MOST_BODY_BYTES


class Attempt(NamedTuple):
    """One attempt, without what was sent and answered."""

    id: str
    """Of the delivery; the same on every attempt."""
    event: str
    key: str
    """The article id, or `ranking:…` or `notice:…`."""
    revision: int
    at_ms: int
    """When the answer was there, or the time was over (Unix ms)."""
    status: int | None
    ms: int
    attempt: int
    outcome: str
    """delivered, retry, failed, disabled, paused."""
    body_bytes: int
    media_type: str
    detail: str | None = None
    """Why no answer came."""
    event_id: str = ""
    version: int = 0
    occurred_ms: int = 0
    source: str = ""
    uri: str = ""
    reason: str = ""
    """These last are those of the reference, so that it can be sent again."""
    exchange: str = ""
    """The field that its exchange is kept under, if there is one."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was sent and answered in one attempt: how the bodies begin."""

    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answer: str = ""


_NAMES = tuple(Attempt.__annotations__)
_LEFT_OUT = {"status": None, "ms": 0, "body_bytes": 0, "revision": 0}


def dump_attempt(attempt: Attempt) -> bytes:
    """The line that is kept; what is empty or 0 is left out."""
    named = zip(_NAMES, attempt, strict=True)
    return to_json({name: value for name, value in named if value})


def exchange_field(key: str, at_ms: int) -> str:
    """The field of an attempt at an entry; the script that forgets reads the entry's key in it."""
    return f"{key} {at_ms}"


def dump_exchange(answer: Answer) -> bytes:
    """What is kept of a request and its answer; nothing where there is nothing to keep."""
    request = answer.request
    if request is None and not answer.body:
        return b""
    headers = to_json(request.headers) if request else b"{}"
    body = _quoted_body(request.body) if request else b'""'
    answered = _quoted(answer.body.encode("utf-8", "replace")[:MOST_BODY_BYTES])
    return b'{"headers":%b,"body":%b,"answer":%b}' % (headers, body, answered)


def load_exchange(kept: bytes) -> Exchange:
    """The exchange that was kept."""
    fields_kept: dict[str, Any] = json.loads(kept)
    return Exchange(*(fields_kept[each.name] for each in fields(Exchange)))


@lru_cache(maxsize=256)
def _quoted_body(body: bytes) -> bytes:
    """One body goes to many subscriptions."""
    return _quoted(body)


def _quoted(text: bytes) -> bytes:
    return to_json(text.decode("utf-8", "ignore")) if text else b'""'


def load_attempt(line: bytes) -> Attempt:
    """The attempt in a line."""
    kept: dict[str, Any] = {**_LEFT_OUT, **json.loads(line)}
    return Attempt(**{name: value for name, value in kept.items() if name in _NAMES})
