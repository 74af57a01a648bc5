"""Answers that are made once for as long as nothing behind them changes."""

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from newsman.feeds.core import matches, packed_etag, strong_etag, takes_gzip

CAPACITY_BYTES = 64 * 1024 * 1024
SMALLEST_PACKED_BYTES = 1_000
FRESH_SECONDS = 5

Clock = Callable[[], float]


@dataclass(frozen=True)
class Made:
    """Bytes as they were rendered, and packed where that is worth it."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str
    status: int
    headers: Mapping[str, str]

    @property
    def size_bytes(self) -> int:
        """What keeping it costs."""
        return len(self.body) + len(self.packed or b"")


@dataclass(frozen=True)
class Kept:
    """What stands on the shelf; `modified_at` is the Unix second its bytes last changed."""

    content: Made
    stamp: Hashable
    modified_at: float


def made(
    body: bytes, media_type: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Made:
    """The bytes with their entity tag, and what they are answered with."""
    is_small = len(body) < SMALLEST_PACKED_BYTES
    packed = None if is_small else gzip.compress(body, compresslevel=6, mtime=0)
    return Made(body, packed, media_type, strong_etag(body), status, headers or {})


class Shelf:
    """Keeps what was made under a key while its stamp is the same; the oldest goes first."""

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES, clock: Clock = time.time) -> None:
        self._capacity_bytes = capacity_bytes
        self._clock = clock
        self._size_bytes = 0
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()

    def get(self, key: Hashable, stamp: Hashable) -> Kept | None:
        """What is kept under the key, if its stamp is still this one."""
        found = self._kept.get(key)
        if found is None or found.stamp != stamp:
            return None
        self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, stamp: Hashable, content: Made) -> Kept:
        """Keeps it; bytes that are the same as before have not been modified."""
        before = self._drop(key)
        # What a kill takes away must count as a change, so no article's date will do here.
        is_same = before is not None and before.content.etag == content.etag
        modified_at = before.modified_at if before and is_same else self._clock()
        kept = Kept(content, stamp, modified_at)
        self._kept[key] = kept
        self._size_bytes += content.size_bytes
        while self._size_bytes > self._capacity_bytes and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        return kept

    def clear(self) -> None:
        """Forgets everything: the store behind it is being made again."""
        self._kept.clear()
        self._size_bytes = 0

    def _drop(self, key: Hashable) -> Kept | None:
        found = self._kept.pop(key, None)
        if found:
            self._size_bytes -= found.content.size_bytes
        return found


def answer(request: Request, kept: Kept, headers: dict[str, str], *, now: float) -> Response:
    """200 with the bytes, or 304 when the reader has them already (RFC 9110 section 13)."""
    content = kept.content
    gzips = content.packed is not None and takes_gzip(request.headers.get("accept-encoding", ""))
    validators = {
        "ETag": packed_etag(content.etag) if gzips else content.etag,
        "Cache-Control": f"public, max-age={FRESH_SECONDS}, must-revalidate",
        "Vary": "Accept-Encoding",
        **content.headers,
        **headers,
    }
    # Until its second is over more may change in it than a date in seconds can tell: a reader
    # who comes within it gets a date that matches nothing later.
    dated = now >= int(kept.modified_at) + 1
    modified_at = int(kept.modified_at) - (0 if dated else 1)
    validators["Last-Modified"] = formatdate(modified_at, usegmt=True)
    if content.status == 200 and _has_it(request, kept, dated=dated):
        return Response(status_code=304, headers=validators)
    if gzips and content.packed is not None:
        validators["Content-Encoding"] = "gzip"
        return Response(content.packed, content.status, validators, content.media_type)
    return Response(content.body, content.status, validators, content.media_type)


def _has_it(request: Request, kept: Kept, *, dated: bool) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return matches(tags, kept.content.etag)
    since = request.headers.get("if-modified-since")
    if since is None or not dated:
        return False
    try:
        return int(kept.modified_at) <= parsedate_to_datetime(since).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False
