"""Events as Kafka records and back: JSON value, key, and headers that name what is inside."""

import secrets
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from newsman.runtime.logs import Subject, about
from newsman_schemas.events import Event

E = TypeVar("E", bound=Event)
Headers = list[tuple[str, bytes]]

CONTENT_TYPE = "application/json"


@dataclass(frozen=True)
class Record:
    """A record for a producer: bytes only."""

    key: bytes
    value: bytes
    headers: Headers


class Unprocessable(Exception):
    """A message that can never be processed: park it, do not retry it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def new_traceparent() -> str:
    """A fresh W3C Trace Context `traceparent` (Trace Context level 1, section 3.2)."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def encode(event: Event, *, traceparent: str | None = None) -> Record:
    """The event as a record; `traceparent` is passed on when the event continues a trace."""
    return to_record(event, event.model_dump_json().encode(), traceparent=traceparent)


def to_record(event: Event, value: bytes, *, traceparent: str | None = None) -> Record:
    """The record of an event whose JSON is there already."""
    headers = headers_of(type(event))
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    return Record(event.key.encode(), value, headers)


def headers_of(event: type[Event]) -> Headers:
    """The headers of a record of such an event."""
    return [
        ("content-type", CONTENT_TYPE.encode()),
        ("newsman-event", event.type_name().encode()),
    ]


def decode(event: type[E], value: bytes | None) -> E:
    """The event in a record's value; raises Unprocessable for anything that is not one."""
    if value is None:
        raise Unprocessable("empty", "the message has no value")
    try:
        return event.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "/".join(str(step) for step in first["loc"])
        raise Unprocessable("invalid", f"/{where}: {first['msg']}") from error


def about_record(key: bytes | None, headers: object) -> Subject:
    """The subject of a log message about a record of a topic whose keys are articles' ids."""
    article = (key or b"").decode("utf-8", "backslashreplace")
    event, traceparent = (header(headers, name) for name in ("newsman-event", "traceparent"))
    return about(article, event=event, traceparent=traceparent)


def header(headers: object, name: str) -> str | None:
    """The text of the first header of that name, whichever client library read the record."""
    pairs = headers.items() if isinstance(headers, dict) else (headers or ())
    for key, value in pairs:  # type: ignore[attr-defined]
        if key == name and value is not None:
            return bytes(value).decode("utf-8", "replace")
    return None
