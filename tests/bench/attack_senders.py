"""How attacks are sent: a request, many at once, a flood on a raw connection; what came back."""

import hashlib
import hmac
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from stack import Process

KEY = {"Authorization": "Bearer demo-key"}
SECRET = "attack-secret"
PATIENCE_SECONDS = 100
MIB = 1024 * 1024


@dataclass(frozen=True)
class Target:
    """A running service: its process, its address, and where its health is told."""

    process: Process
    url: str
    health_url: str


@dataclass(frozen=True)
class Sent:
    """The size of what was sent, and the answer in a few words."""

    size_bytes: int
    answer: str


Send = Callable[[Target], Sent]
Body = Callable[[], bytes]


@dataclass(frozen=True)
class Attack:
    """One row of the table."""

    name: str
    service: str
    send: Send
    through: str = ""
    """The service that it is sent to, where that is another than the one that is watched."""


def request(
    path: str, body: Body = bytes, *, method: str = "POST", kind: str = "", **headers: str
) -> Send:
    """One request, whose body is made when it is sent."""
    return lambda target: _request(target, path, body(), method, _named(kind, headers))


def with_key(path: str, body: Body, kind: str, **headers: str) -> Send:
    """One request of a known source."""
    return request(path, body, kind=kind, **KEY, **headers)


def signed(path: str, body: Body, kind: str, **headers: str) -> Send:
    """One request that is signed as Superdesk signs."""

    def send(target: Target) -> Sent:
        raw = body()
        digest = hmac.new(SECRET.encode(), raw, hashlib.sha1).hexdigest()
        named = {"x-superdesk-signature": f"sha1={digest}", **_named(kind, headers)}
        return _request(target, path, raw, "POST", named)

    return send


def many(send: Send, *, times: int, at_once: int) -> Send:
    """The same again and again over several connections."""

    def send_all(target: Target) -> Sent:
        with ThreadPoolExecutor(at_once) as pool:
            found = list(pool.map(lambda _: send(target), range(times)))
        answers = sorted({each.answer for each in found})
        return Sent(sum(each.size_bytes for each in found), f"{times} times " + ", ".join(answers))

    return send_all


def answer_to(target: Target, path: str) -> bytes:
    """What the service answers to a question."""
    where = urlsplit(target.url)
    with closing(HTTPConnection(where.hostname or "", where.port, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read(MIB)


def endless_header(address: str, size_bytes: int = 34 * MIB) -> Send:
    """A header that never ends; `address` is `url` or `health_url`."""

    def send(target: Target) -> Sent:
        with _connected(getattr(target, address)) as wire:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            sent = 0
            piece = b"a" * 65_536
            try:
                while sent < size_bytes:
                    wire.sendall(piece)
                    sent += len(piece)
                return Sent(sent, _last_words(wire))
            except OSError:
                return Sent(sent, f"cut off after {sent:,} bytes")

    return send


def half_requests(address: str, *, connections: int, patience_seconds: float = 75) -> Send:
    """Connections that send half a request and then nothing; how long they are kept."""

    def send(target: Target) -> Sent:
        head = b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: "
        began = time.monotonic()
        wires = [_connected(getattr(target, address)) for _ in range(connections)]
        for wire in wires:
            wire.sendall(head)
        left = list(wires)
        while left and time.monotonic() - began < patience_seconds:
            left = [wire for wire in left if not _is_closed(wire)]
            time.sleep(0.25)
        took = time.monotonic() - began
        for wire in wires:
            wire.close()
        said = f"closed after {took:.0f} s" if not left else f"{len(left)} open after {took:.0f} s"
        return Sent(connections * len(head), said)

    return send


def streams(count: int) -> Send:
    """Readers of the live stream, all from one address; how many are let in."""

    def send(target: Target) -> Sent:
        head = b"GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n"
        wires, answers = [], Counter[str]()
        for _ in range(count):
            try:
                wires.append(_connected(target.url))
                wires[-1].sendall(head)
                answers[_last_words(wires[-1])] += 1
            except OSError:
                answers["cut off"] += 1
        for wire in wires:
            wire.close()
        return Sent(count * len(head), ", ".join(f"{n} x {said}" for said, n in answers.items()))

    return send


def _request(
    target: Target, path: str, body: bytes, method: str, headers: Mapping[str, str]
) -> Sent:
    where = urlsplit(target.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE_SECONDS)
    size_bytes = len(body) + sum(len(each) for each in headers.values()) + len(path)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(MIB)
        more = "" if len(content) < MIB else ", and more"
        return Sent(size_bytes, f"{answer.status} of {len(content):,} bytes{more}")
    except TimeoutError:
        return Sent(size_bytes, f"none in {PATIENCE_SECONDS} s")
    except (HTTPException, OSError) as error:
        return Sent(size_bytes, f"cut off ({type(error).__name__})")
    finally:
        connection.close()


def _named(kind: str, headers: Mapping[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {**named, "Content-Type": kind} if kind else named


def _connected(url: str) -> socket.socket:
    where = urlsplit(url)
    wire = socket.create_connection((where.hostname, where.port), timeout=PATIENCE_SECONDS)
    wire.settimeout(5)
    return wire


def _last_words(wire: socket.socket) -> str:
    try:
        said = wire.recv(100)
    except TimeoutError:
        return "all of it read, no answer"
    return said.split(b"\r\n")[0].decode("latin-1") or "cut off"


def _is_closed(wire: socket.socket) -> bool:
    wire.setblocking(False)
    try:
        return wire.recv(4_096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
