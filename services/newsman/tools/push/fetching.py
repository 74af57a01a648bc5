"""Fetching a feed politely: conditionally, packed, and with limits on everything."""

import contextlib
import re
import socket
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

from newsman.tools.push.client import USER_AGENT
from newsman.tools.push.connections import failure_text, headers_of, open_pool, read_body, request
from newsman.tools.push.core import HttpAnswer, shown
from newsman.web.outbound.policy import is_public, literal_address

MAX_DOCUMENT_BYTES = 15 * 1024 * 1024
MAX_REDIRECTS = 5
WHOLE_SECONDS = 120.0
PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}
GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS
_FEED_ROOT = re.compile(rb"<((?:rdf:)?RDF|rss|feed)[\s/>]", re.IGNORECASE)
_EMPTY_FEED = re.compile(rb"<[^<>]{1,2000}/>\s{0,100}\Z")
_SAFE = "%/:=&?~#+!$,;'@()*[]-._"


class NotFetched(Exception):
    """No usable answer came; the text says why."""


@dataclass(frozen=True)
class Validators:
    """Validators that make the next request conditional (RFC 9110 section 13.1), and the address
    they are for."""

    url: str
    etag: str | None = None
    last_modified: str | None = None

    def headers(self, url: str) -> dict[str, str]:
        """The conditions for a request to that address."""
        if url != self.url:
            return {}
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in pairs if value}


@dataclass(frozen=True)
class Fetched:
    """The answer after all redirects; `moved_to` is set when permanent ones led to it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved_to: str | None


def fetch(url: str, validators: Validators | None) -> Fetched:
    """GETs the address, following at most MAX_REDIRECTS; raises NotFetched."""
    here, moved_to, is_permanent = url, None, True
    began_outside = False
    for hop in range(MAX_REDIRECTS + 1):
        try:
            parts = _usable(here)
            status, headers, body, is_outside = _get(
                parts,
                validators.headers(here) if validators else {},
                began_outside=began_outside,
            )
        except (OSError, HTTPError, ValueError) as error:
            raise NotFetched(failure_text(error)) from error
        began_outside = is_outside if hop == 0 else began_outside
        location = headers.get("location")
        if status not in REDIRECTS or not location:
            return Fetched(status, headers, body, here, moved_to)
        is_permanent = is_permanent and status in PERMANENT
        here = _joined(here, location)
        moved_to = here if is_permanent else moved_to
    raise NotFetched(f"more than {MAX_REDIRECTS} redirects")


def is_whole(body: bytes) -> bool:
    """True unless a feed ends before its own end tag: the rest of it is still to come."""
    root = _FEED_ROOT.search(body[:2_000])
    if root is None or _EMPTY_FEED.match(body, root.start()):
        return True
    return b"</" + root[1].lower() in body[-500:].lower()


def public_address(url: str) -> str:
    """The feed's address as it may be told: without secrets, in ASCII."""
    parts = urlsplit(shown(url))
    server = parts.netloc.rpartition("@")[2]
    return quote(urlunsplit((parts.scheme, server, parts.path, parts.query, "")), safe=_SAFE)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NotFetched(f"it redirects to {shown(location)}: {error}") from error


def _usable(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{shown(url)} is no http or https address")
    return parts


def _get(
    parts: SplitResult, conditions: Mapping[str, str], *, began_outside: bool
) -> tuple[int, Mapping[str, str], bytes, bool]:
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": "application/atom+xml, application/rss+xml, application/feed+json, "
        "application/xml;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip",
        **conditions,
    }
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    path = (quote(parts.path, safe=_SAFE) or "/") + query
    visit = _Visit(parts.hostname or "", began_outside=began_outside)
    reply = visit.ask(open_pool(parts, visit.connected), path, headers)
    body = b""
    if reply.status == 200:
        body = _unpacked(reply.body, reply.headers.get("content-encoding", "identity"))
        if not body.strip():
            raise ValueError("the document is empty")
    return reply.status, reply.headers, body, visit.is_outside


class _Visit:
    """One request, watched from the moment its connection stands."""

    def __init__(self, host: str, *, began_outside: bool) -> None:
        self.is_outside = False
        self._host = host
        self._began_outside = began_outside
        self._late = threading.Event()
        self._timer: threading.Timer | None = None

    def ask(self, pool: HTTPConnectionPool, path: str, headers: Mapping[str, str]) -> HttpAnswer:
        """GETs the path; raises TimeoutError for an answer that takes too long as a whole."""
        try:
            response = request(pool, "GET", path, headers)
            is_read = response.status == 200
            body = read_body(response, MAX_DOCUMENT_BYTES) if is_read else b""
            return HttpAnswer(response.status, headers_of(response), body)
        finally:
            if self._timer is not None:
                self._timer.cancel()
            pool.close()
            if self._late.is_set():
                raise TimeoutError

    def connected(self, sock: socket.socket) -> None:
        """Looks at the address that is connected to, before anything is sent there."""
        address = literal_address(sock.getpeername()[0])
        self.is_outside = address is not None and is_public(address)
        if self._began_outside and not self.is_outside:
            # A feed must not make this host ask its neighbours for it.
            raise ValueError(f"a public address redirects to {self._host}, which is internal")
        self._timer = threading.Timer(WHOLE_SECONDS, self._cut, (sock,))
        self._timer.daemon = True
        self._timer.start()

    def _cut(self, sock: socket.socket) -> None:
        """Ends a connection that answers drop by drop; the time-out of a socket is per drop."""
        self._late.set()
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _unpacked(body: bytes, coding: str) -> bytes:
    coding = coding.strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip"):
        raise ValueError(f"its content coding {coding[:40]!r} is not read; gzip is")
    member = zlib.decompressobj(wbits=GZIP_WINDOW_BITS)
    try:
        plain = member.decompress(body, MAX_DOCUMENT_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"its gzip is broken: {error}") from error
    if len(plain) > MAX_DOCUMENT_BYTES:
        raise ValueError(f"the answer is larger than {MAX_DOCUMENT_BYTES} bytes")
    if not member.eof:
        raise ValueError("its gzip is cut short")
    return plain
