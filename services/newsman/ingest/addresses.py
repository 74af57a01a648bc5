"""Addresses of readers: what counts as one address, and which network it is part of."""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
)
from pathlib import Path

from newsman.settings import SettingsError

HOME_PREFIX = 64
"""An IPv6 subscriber has at least so much of an address to choose the rest from (RFC 6177)."""
NETWORK_PREFIX, SITE_PREFIX = 24, 48
"""The smallest networks of IPv4 and of IPv6 that are announced to the whole Internet."""


def one_address(text: str) -> str:
    """The address as one reader's line has it: a /64 of IPv6 is one, a mapped IPv4 is IPv4.

    What is no address (a test's client, a socket) stays what it is.
    """
    address = _address(text)
    if address is None:
        return text
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), HOME_PREFIX), strict=False))


def network_of(text: str) -> str:
    """The network of an address: a /24 of IPv4, a /48 of IPv6."""
    address = _address(text)
    if address is None:
        return text
    if isinstance(address, IPv4Address):
        return str(IPv4Network((int(address), NETWORK_PREFIX), strict=False))
    return str(IPv6Network((int(address), SITE_PREFIX), strict=False))


class Ranges:
    """Networks of addresses, asked in the time of a binary search."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        every = list(networks)
        v4 = collapse_addresses(n for n in every if isinstance(n, IPv4Network))
        v6 = collapse_addresses(n for n in every if isinstance(n, IPv6Network))
        self._spans = {
            version: sorted((int(n[0]), int(n[-1])) for n in found)
            for version, found in ((4, v4), (6, v6))
        }

    def __contains__(self, text: str) -> bool:
        address = _address(text)
        if address is None:
            return False
        spans, number = self._spans[address.version], int(address)
        place = bisect_right(spans, (number, 1 << 128)) - 1
        return place >= 0 and number <= spans[place][1]


def read_ranges(path: Path | None) -> Ranges:
    """A file of networks (CIDR), one a line, # before a remark; raises SettingsError."""
    if path is None:
        return Ranges(())
    where, networks = f"NEWSMAN_DATACENTRE_RANGES_FILE: {path}", []
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{where} can't be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        try:
            networks += [ip_network(text, strict=False)] if text else []
        except ValueError as error:
            raise SettingsError(f"{where}: line {number}: {error}") from error
    return Ranges(networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
