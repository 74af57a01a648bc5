"""Answers that are made once for as long as nothing behind them changes."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from newsman.feeds.core import matches, strong_etag

CAPACITY = 2_000
FRESH_SECONDS = 5


@dataclass(frozen=True)
class Made:
    """Bytes as they were rendered, with what validates them (RFC 9110 section 8.8)."""

    body: bytes
    media_type: str
    etag: str
    modified_at: datetime


def made(body: bytes, media_type: str, modified_at: datetime) -> Made:
    """The bytes with their entity tag."""
    return Made(body, media_type, strong_etag(body), modified_at)


class Shelf:
    """Keeps what was made under a key while its stamp is the same; the oldest goes first."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[Hashable, tuple[Hashable, Made]] = OrderedDict()

    def get(self, key: Hashable, stamp: Hashable) -> Made | None:
        """What is kept under the key, if its stamp is still this one."""
        found = self._kept.get(key)
        if found is None or found[0] != stamp:
            return None
        self._kept.move_to_end(key)
        return found[1]

    def put(self, key: Hashable, stamp: Hashable, content: Made) -> None:
        """Keeps it."""
        self._kept[key] = (stamp, content)
        self._kept.move_to_end(key)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)


def answer(request: Request, content: Made, headers: dict[str, str] | None = None) -> Response:
    """200 with the bytes, or 304 when the reader has them already (RFC 9110 section 13)."""
    validators = {
        "ETag": content.etag,
        "Last-Modified": format_datetime(content.modified_at, usegmt=True),
        "Cache-Control": f"public, max-age={FRESH_SECONDS}",
        **(headers or {}),
    }
    if _has_it(request, content):
        return Response(status_code=304, headers=validators)
    return Response(content.body, media_type=content.media_type, headers=validators)


def _has_it(request: Request, content: Made) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return matches(tags, content.etag)
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return content.modified_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):
        return False
