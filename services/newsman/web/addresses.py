"""The address at the other end: the right-most one that no trusted proxy has.

Each proxy appends the address of its own client to `X-Forwarded-For`, or to `Forwarded`
(RFC 7239). What stands to the left of an untrusted address is that client's own word.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

MOST_HOPS = 32
"""More proxies in a row are nobody's; what claims to have passed them is not followed."""
HOST_PREFIX = 64
"""An IPv6 subscriber has at least such a network (RFC 6177), and any address in it."""
NETWORK_PREFIX, SITE_PREFIX = 24, 48
"""The smallest networks of IPv4 and of IPv6 that are announced to the whole Internet."""
LONGEST_ADDRESS = 100
_COMMA, _SEMICOLON = "\0", "\1"


class Networks:
    """A set of networks that can be asked whether an address lies in one of them."""

    def __init__(self, text: str) -> None:
        """Networks or addresses, separated by commas or blanks; raises ValueError."""
        words = text.replace(",", " ").split()
        self._networks = tuple(ip_network(word, strict=False) for word in words)

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self._networks)

    def __bool__(self) -> bool:
        return bool(self._networks)


def client_address(peer: str, headers: Headers, trusted: Networks) -> str:
    """The client's address, told by the trusted proxies between it and this server.

    Where a name of a hop is no address (RFC 7239 section 6.3), or `X-Forwarded-For` and `Forwarded`
    disagree, so that one of them was made up, the proxy's own address stands for its clients.
    """
    nearest = parse_address(peer)
    if nearest is None or nearest not in trusted:
        return peer if nearest is None else str(nearest)
    farthest = {_farthest(nearest, hops, trusted) for hops in _all_hops(headers)}
    return str(farthest.pop() if len(farthest) == 1 else nearest)


def _all_hops(headers: Headers) -> Iterator[list[str | None]]:
    """The hops by each of the headers that name them."""
    listed = [(name, value.decode("latin-1")) for name, value in headers if b"forwarded" in name]
    for header, read_hops in _HOPS.items():
        if values := [value for name, value in listed if name == header]:
            yield read_hops(values)


def address_group(address: str) -> str:
    """The address by which clients are counted: of IPv6 the network that a subscriber has.

    A mapped IPv4 address is IPv4; a text that is no address (a test's client, a socket) stays.
    """
    return _network(address, 32, HOST_PREFIX).removesuffix("/32")


def address_network(address: str) -> str:
    """The network that an address is routed in: a /24 of IPv4, a /48 of IPv6."""
    return _network(address, NETWORK_PREFIX, SITE_PREFIX)


def parse_address(text: str) -> Address | None:
    """An address with or without a port, brackets or a zone; None when it is none."""
    return None if len(text) > LONGEST_ADDRESS else _parse(text.strip())


@lru_cache(maxsize=10_000)
def _parse(text: str) -> Address | None:
    if text.startswith("["):
        text, _, _ = text[1:].partition("]")
    elif text.count(":") == 1:
        text, _, _ = text.partition(":")
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(text: str, v4_prefix: int, v6_prefix: int) -> str:
    address = parse_address(text)
    if address is None:
        return text
    if isinstance(address, IPv4Address):
        return str(IPv4Network((int(address), v4_prefix), strict=False))
    return str(IPv6Network((int(address), v6_prefix), strict=False))


def _farthest(nearest: Address, hops: Sequence[str | None], trusted: Networks) -> Address:
    """The first untrusted address from the right, or the last that can be told."""
    if len(hops) > MOST_HOPS:
        hops = hops[-MOST_HOPS:]
    for hop in reversed(hops):
        address = parse_address(hop) if hop else None
        if address is None:
            return nearest
        if address not in trusted:
            return address
        nearest = address
    return nearest


def _listed_hops(values: Iterable[str]) -> list[str | None]:
    """The hops of `X-Forwarded-For`, from the client on."""
    return [hop.strip() or None for value in values for hop in value.split(",")]


def _forwarded_hops(values: Iterable[str]) -> list[str | None]:
    """The `for` of every element of `Forwarded`; None where it has none that can be read."""
    elements = _without_quotes(",".join(values))
    return [None] if elements is None else [_for(element) for element in elements.split(",")]


def _without_quotes(value: str) -> str | None:
    """The value with its quoted strings (RFC 9110 section 5.6.4) bare; None if it is broken."""
    if '"' not in value:
        return value
    # No address needs an escape, and an odd quote would swallow what comes after it.
    parts = value.split('"')
    if "\\" in value or len(parts) % 2 == 0:
        return None
    quoted = (part.replace(",", _COMMA).replace(";", _SEMICOLON) for part in parts[1::2])
    parts[1::2] = list(quoted)
    return "".join(parts)


def _for(element: str) -> str | None:
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip()
    return None


_HOPS = {b"x-forwarded-for": _listed_hops, b"forwarded": _forwarded_hops}
