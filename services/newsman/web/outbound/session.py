"""The HTTP client for addresses that strangers named.

What decides is the address that a socket is about to connect to: a name is looked up once, each
address found is judged, and the connection goes to that very address.
"""

import errno
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Self

import aiohttp
import yarl
from aiohappyeyeballs import AddrInfoType
from multidict import CIMultiDictProxy

from newsman.web.outbound.lookups import LookUp, Lookups
from newsman.web.outbound.policy import NOT_PUBLIC, OutboundPolicy, literal_address

MOST_BYTES = 64 * 1024
CONNECT_SECONDS = 10.0
DNS_CACHE_SECONDS = 30
KEPT_SECONDS = 4.0
"""Shorter than common servers keep an idle connection, so that none closes as it is used again."""
REMEMBERED_URLS = 20_000
USER_AGENT = "newsman-deliver"
_NO_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


class NoAnswer(Exception):
    """No answer came; the text says why, and nothing of the address beyond its host."""


@dataclass(frozen=True)
class Reply:
    """An answer: any status, redirects included, which are never followed."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    """Its beginning, as it was sent: nothing is unpacked."""
    is_whole: bool
    """False when more was announced or sent than was read."""

    def text(self, most_characters: int) -> str:
        """The beginning of the body for people."""
        return self.body[: most_characters * 4].decode("utf-8", "replace")[:most_characters]


class OutboundSession:
    """Sends requests; keeps connections open, but no cookies, and asks no proxy."""

    def __init__(self, policy: OutboundPolicy, look_up: LookUp) -> None:
        self._refusal = lru_cache(maxsize=REMEMBERED_URLS)(policy.refusal)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=Lookups(look_up),
                family=socket.AF_UNSPEC,
                limit=0,
                keepalive_timeout=KEPT_SECONDS,
                ttl_dns_cache=DNS_CACHE_SECONDS,
                socket_factory=_Sockets(policy).open,
                ssl=ssl.create_default_context(),
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes every connection."""
        await self._session.close()

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        seconds: float,
        most_bytes: int = MOST_BYTES,
    ) -> Reply:
        """One request, answered within so many seconds as a whole; raises NoAnswer.

        Once the status has come it is the answer, even where the body breaks off.
        """
        if refusal := self._refusal(url):
            raise NoAnswer(refusal)
        try:
            async with self._session.request(
                method,
                yarl.URL(url),
                # Bytes alone would be looked up among the types of bodies, each time.
                data=None if body is None else aiohttp.BytesPayload(body),
                headers=headers,
                timeout=_timeout(seconds),
                allow_redirects=False,
            ) as response:
                return await _read(response, most_bytes)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswer(_in_words(error)) from error


def build_outbound_session(
    policy: OutboundPolicy, *, look_up: LookUp = socket.getaddrinfo
) -> OutboundSession:
    """A client that reaches what the policy allows; call it in a running event loop."""
    return OutboundSession(policy, look_up)


@lru_cache(maxsize=64)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)


class _Sockets:
    """Opens sockets to addresses that the policy allows."""

    def __init__(self, policy: OutboundPolicy) -> None:
        self._policy = policy

    def open(self, info: AddrInfoType) -> socket.socket:
        """A socket for one address, before it is connected; raises OSError."""
        family, kind, protocol, _, place = info
        address = literal_address(str(place[0]))
        if address is None or not self._policy.allows(address):
            raise OSError(errno.EACCES, NOT_PUBLIC)
        if not self._policy.is_named(address) and _is_own(family, place):
            raise OSError(errno.EACCES, NOT_PUBLIC)
        return socket.socket(family, kind, protocol)


def _is_own(family: int, place: tuple[object, ...]) -> bool:
    """True if this machine has the address itself: then it would also be the sender's.

    Connecting a datagram socket sends nothing.
    """
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(place)
        except OSError:
            return False
        return bool(probe.getsockname()[0] == probe.getpeername()[0])


async def _read(response: aiohttp.ClientResponse, most_bytes: int) -> Reply:
    chunks: list[bytes] = []
    left = most_bytes
    is_whole = False
    try:
        while left > 0:
            chunk = await response.content.read(left)
            if not chunk:
                is_whole = True
                break
            chunks.append(chunk)
            left -= len(chunk)
        else:
            is_whole = response.content.at_eof()
    except (aiohttp.ClientError, TimeoutError, OSError):
        is_whole = False
    if not is_whole:
        response.close()
    return Reply(response.status, response.headers, b"".join(chunks), is_whole)


def _in_words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _os_error_in_words(error.os_error)
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed without an answer"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is no HTTP"
    return _os_error_in_words(error) if isinstance(error, OSError) else "the request failed"


def _os_error_in_words(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        # A name that leads inside is not to be told from one that leads nowhere.
        return NOT_PUBLIC if error.errno in _NO_NAME else "its name can't be looked up now"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if error.errno is None:
        return "the connection failed"
    return NOT_PUBLIC if error.errno == errno.EACCES else os.strerror(error.errno).lower()
