"""Requests as they are written onto a connection (RFC 9112 section 3). Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import yarl

USER_AGENT = "newsman-deliver"
BODILESS = frozenset({"GET", "HEAD"})
_USUAL = {
    "accept": b"Accept: */*\r\n",
    "accept-encoding": b"Accept-Encoding: identity\r\n",
    "user-agent": b"User-Agent: %b\r\n" % USER_AGENT.encode(),
}
_NO_NAME = re.compile(r"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_NO_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class ServerPlace(NamedTuple):
    """The place that connections go to; those to one place are alike."""

    is_tls: bool
    host: str
    port: int


class Addressed(NamedTuple):
    """The address of requests, read once: its place, and what is the same in each head."""

    place: ServerPlace
    path: bytes
    """Path and query, in ASCII."""
    host: bytes
    """The header that names it."""


def target_of(url: str) -> Addressed:
    """The target of a URL; raises ValueError."""
    parts = yarl.URL(url)
    host, port = parts.raw_host, parts.port
    if parts.scheme not in ("http", "https") or not host or port is None:
        raise ValueError("an address begins with http:// or https:// and a host")
    return Addressed(
        ServerPlace(parts.scheme == "https", host, port),
        parts.raw_path_qs.encode("ascii"),
        f"Host: {parts.host_port_subcomponent}\r\n".encode("ascii"),
    )


def request_bytes(
    method: str, target: Addressed, headers: Mapping[str, str], body: bytes | None
) -> bytes:
    """Head and body of a request; raises ValueError where a header would be more than one."""
    names, usual = _shape(tuple(headers))
    lines = []
    for name, value in zip(names, headers.values(), strict=True):
        if _NO_VALUE.search(value):
            raise ValueError(f"the header {name!r} can't be sent")
        lines.append(f"{name}: {value}\r\n")
    if body is not None or method not in BODILESS:
        lines.append(f"Content-Length: {len(body or b'')}\r\n")
    lines.append("\r\n")
    start = b"%b %b HTTP/1.1\r\n" % (method.encode("ascii"), target.path)
    return b"".join((start, target.host, usual, "".join(lines).encode(), body or b""))


@lru_cache(maxsize=256)
def _shape(names: tuple[str, ...]) -> tuple[tuple[str, ...], bytes]:
    """The names of headers, and the usual headers beside them; there are few such sets of names.

    Raises ValueError.
    """
    for name in names:
        if not name or _NO_NAME.search(name):
            raise ValueError(f"the header {name!r} can't be sent")
    named = {name.lower() for name in names}
    return names, b"".join(line for name, line in _USUAL.items() if name not in named)
