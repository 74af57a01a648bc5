"""Answers that are made once for as long as nothing behind them changes."""

import gzip
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from typing import NamedTuple

from cachetools import LRUCache
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from newsman.feeds.core import matches, packed_etag, strong_etag, takes_gzip
from newsman.feeds.subscribers.told import ToldVersion
from newsman.web.security_headers import with_security
from newsman.web.server.ready_answers import Fields, ReadyAnswer

CAPACITY_BYTES = 64 * 1024 * 1024
SMALLEST_PACKED_BYTES = 1_000
FRESH_SECONDS = 5
CONDITIONS = frozenset((b"accept-encoding", b"if-none-match", b"if-modified-since"))
MORE = frozenset((b"authorization", b"origin", b"expect", b"content-length", b"transfer-encoding"))
"""Fields by which a request is more than one for what is kept."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class RenderedBody:
    """Bytes as they were rendered, and packed where that is worth it."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str
    status: int
    headers: Mapping[str, str]

    @property
    def size_bytes(self) -> int:
        """Bytes of memory that keeping it takes."""
        return len(self.body) + len(self.packed or b"")


class Form(NamedTuple):
    """One of the answers that the same content has."""

    is_packed: bool
    is_unchanged: bool
    """Whether the reader has it already: 304."""
    is_dated: bool
    """Whether the second in which it changed is over."""


@dataclass(frozen=True)
class StoredAnswer:
    """An answer in the cache; `modified_at` is the Unix second its bytes last changed."""

    content: RenderedBody
    stamp: Hashable
    modified_at: float
    headers: Mapping[str, str] = field(default_factory=dict)
    """What every answer of the shelf carries."""
    forms: dict[Form, Response] = field(default_factory=dict)
    """The answers that were asked for so far."""
    told: tuple[ToldVersion, ...] = ()
    """What a subscriber is told by it."""
    ready: dict[Form, ReadyAnswer] = field(default_factory=dict)
    """The forms with all that the layers around the application add."""


class KeptAnswer(Response):
    """An answer that is sent many times; who adds a header on the way adds it to a copy."""

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Sends it."""
        headers = self.raw_headers.copy()
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def made(
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    pack: Callable[[], bytes] | None = None,
) -> RenderedBody:
    """The bytes with their entity tag, and what they are answered with; `pack` has them in gzip."""
    is_small = len(body) < SMALLEST_PACKED_BYTES
    pack = pack or (lambda: gzip.compress(body, compresslevel=6, mtime=0))
    packed = None if is_small else pack()
    return RenderedBody(body, packed, media_type, strong_etag(body), status, headers or {})


class AnswerStore:
    """Keeps answers under a key while its stamp is the same; the least recently used go first."""

    def __init__(
        self,
        capacity_bytes: int = CAPACITY_BYTES,
        clock: Clock = time.time,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._headers = headers or {}
        self._clock = clock
        self._kept: LRUCache[Hashable, StoredAnswer] = LRUCache(
            capacity_bytes, getsizeof=lambda answer: answer.content.size_bytes
        )

    def get(self, key: Hashable, stamp: Hashable) -> StoredAnswer | None:
        """The answer under the key, if its stamp is still this one."""
        stored = self._kept.get(key)
        return stored if stored is not None and stored.stamp == stamp else None

    def put(
        self,
        key: Hashable,
        stamp: Hashable,
        content: RenderedBody,
        told: tuple[ToldVersion, ...] = (),
    ) -> StoredAnswer:
        """Keeps it; bytes that are the same as before have not been modified."""
        before = self._kept.pop(key, None)
        # A kill must count as a change, so the date of an article is not enough.
        is_same = before is not None and before.content.etag == content.etag
        modified_at = before.modified_at if before and is_same else self._clock()
        stored = StoredAnswer(content, stamp, modified_at, self._headers, told=told)
        if content.size_bytes <= self._kept.maxsize:
            self._kept[key] = stored
        return stored

    def clear(self) -> None:
        """Forgets everything: the store behind it is being made again."""
        self._kept.clear()


def answer(scope: Scope, stored: StoredAnswer, *, now: float) -> Response:
    """200 with the bytes, or 304 when the reader has them already (RFC 9110 section 13)."""
    return _response(stored, _form(_conditions(scope["headers"]), stored, now=now))


def ready_answer(fields: Fields, stored: StoredAnswer, *, now: float) -> ReadyAnswer | None:
    """The answer as bytes for the connection; None where a field asks for more."""
    if not MORE.isdisjoint([name for name, _ in fields]):
        return None
    form = _form(_conditions(fields), stored, now=now)
    ready = stored.ready.get(form)
    if ready is None:
        response = _response(stored, form)
        headers = with_security(response.raw_headers)
        ready = ReadyAnswer(response.status_code, headers, bytes(response.body))
        stored.ready[form] = ready
    return ready


def _form(asked: Mapping[bytes, str], stored: StoredAnswer, *, now: float) -> Form:
    packs = stored.content.packed is not None and takes_gzip(asked.get(b"accept-encoding", ""))
    # More changes may follow within the same second, which a date in seconds can't show: a reader
    # within that second gets a date that matches no later answer.
    is_dated = now >= int(stored.modified_at) + 1
    is_unchanged = stored.content.status == 200 and _has_it(asked, stored, is_dated=is_dated)
    return Form(packs, is_unchanged, is_dated)


def _response(stored: StoredAnswer, form: Form) -> Response:
    response = stored.forms.get(form)
    if response is None:
        response = stored.forms[form] = _formed(stored, form)
    return response


def _formed(stored: StoredAnswer, form: Form) -> Response:
    content = stored.content
    modified_at = int(stored.modified_at) - (0 if form.is_dated else 1)
    headers = {
        "ETag": packed_etag(content.etag) if form.is_packed else content.etag,
        "Cache-Control": f"public, max-age={FRESH_SECONDS}, must-revalidate",
        "Vary": "Accept-Encoding, Authorization",
        **content.headers,
        **stored.headers,
        "Last-Modified": formatdate(modified_at, usegmt=True),
    }
    if form.is_unchanged:
        return KeptAnswer(status_code=304, headers=headers)
    body = content.body
    if form.is_packed and content.packed is not None:
        headers["Content-Encoding"] = "gzip"
        body = content.packed
    return KeptAnswer(body, content.status, headers, content.media_type)


def _conditions(fields: Fields) -> dict[bytes, str]:
    """The headers that choose the form; of one that comes twice the first."""
    conditions: dict[bytes, str] = {}
    for name, value in fields:
        if name in CONDITIONS:
            conditions.setdefault(name, value.decode("latin-1"))
    return conditions


def _has_it(asked: Mapping[bytes, str], stored: StoredAnswer, *, is_dated: bool) -> bool:
    tags = asked.get(b"if-none-match")
    if tags is not None:
        return matches(tags, stored.content.etag)
    since = asked.get(b"if-modified-since")
    if since is None or not is_dated:
        return False
    try:
        return int(stored.modified_at) <= parsedate_to_datetime(since).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False
