"""Requests as they are kept with attempts: how they begin, without what is secret. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

MOST_BODY_BYTES = 4_096
MOST_HEADER_CHARACTERS = 1_000
SIGNATURES = frozenset({"webhook-signature", "x-superdesk-signature", "x-hub-signature"})
SHOWN = frozenset(
    (
        *("content-type", "link", "webhook-id", "webhook-timestamp"),
        *("newsman-delivery", "newsman-event", "newsman-revision"),
        *("newsman-time", "newsman-version"),
        *("from", "to", "subject", "date", "message-id"),
    )
)
_SIGNED = re.compile(r"(?:(\w{1,10}[,=])\S*|\S+)")
_MASK = "…"


class ShownRequest(NamedTuple):
    """The headers that anybody may see, in lower case, and how the body begins."""

    headers: Mapping[str, str]
    body: bytes = b""


def shown_request(headers: Mapping[str, str], body: bytes) -> ShownRequest:
    """The request that was sent so: of signatures their kind alone, and no header that is not
    known to hold nothing secret."""
    shown = {}
    for name, value in headers.items():
        key = name.lower()
        if key in SHOWN:
            shown[key] = value[:MOST_HEADER_CHARACTERS]
        elif key in SIGNATURES:
            shown[key] = _SIGNED.sub(lambda found: f"{found[1] or ''}{_MASK}", value)
    return ShownRequest(shown, _beginning(body))


@lru_cache(maxsize=64)
def _beginning(body: bytes) -> bytes:
    """The same object each time that a body goes out, so that it is found again quickly."""
    return body[:MOST_BODY_BYTES]
