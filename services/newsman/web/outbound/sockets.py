"""Opening sockets to the addresses that a policy allows, and TLS above them."""

import asyncio
import errno
import socket
import ssl
from typing import TypeVar

from aiohappyeyeballs import AddrInfoType, start_connection

from newsman.web.outbound.lookups import LookUp, Lookups
from newsman.web.outbound.policy import NOT_PUBLIC, OutboundPolicy, literal_address
from newsman.web.outbound.requests import ServerPlace

CONNECT_SECONDS = 10.0
NEXT_ADDRESS_SECONDS = 0.25
"""Until the next address of a host is tried beside one that is slow (RFC 8305 section 5)."""

P = TypeVar("P", bound=asyncio.Protocol)


class Sockets:
    """Connects to hosts; each of their addresses is judged as its socket is made."""

    def __init__(self, policy: OutboundPolicy, look_up: LookUp) -> None:
        self._policy = policy
        self._lookups = Lookups(look_up)
        self._tls = ssl.create_default_context()

    async def connect(self, place: ServerPlace, protocol: P) -> None:
        """Connects the protocol; with TLS, to whom the certificate names alone. Raises OSError or
        ValueError."""
        loop = asyncio.get_running_loop()
        addresses = await self._addresses(place.host, place.port)
        async with asyncio.timeout(CONNECT_SECONDS):
            sock = await start_connection(
                addresses,
                happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
                socket_factory=self._open,
            )
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.create_connection(
            lambda: protocol,
            sock=sock,
            ssl=self._tls if place.is_tls else None,
            server_hostname=place.host.rstrip(".") if place.is_tls else None,
        )

    async def close(self) -> None:
        """Looks nothing up any more."""
        self._lookups.close()

    async def _addresses(self, host: str, port: int) -> list[AddrInfoType]:
        literal = literal_address(host)
        if literal is None:
            return await self._lookups.resolve(host, port)
        if literal.version == 4:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port))]
        return [(socket.AF_INET6, socket.SOCK_STREAM, 0, "", (host, port, 0, 0))]

    def _open(self, info: AddrInfoType) -> socket.socket:
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
