"""The addresses that may be asked in a stranger's name: public ones, and those a setting names.

Ranges after IANA's registries of special-purpose addresses (RFC 6890).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

import yarl

from newsman.web.addresses import Address, Networks

LONGEST_URL = 8_000
LONGEST_HOST = 253
USUAL_PORTS: Final = "80, 443, 8080, 8443"
NOT_PUBLIC = "has no public address"

_INTERNAL_V4: Final = Networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
    "192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
    # The last two: multicast and reserved. Before them: what answers for Azure's own network.
    "168.63.129.16/32 224.0.0.0/4 240.0.0.0/4"
)
_GLOBAL_V6: Final = Networks("2000::/3")
_INTERNAL_V6: Final = Networks("2001::/23 2001:db8::/32 2002::/16 3fff::/20")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_ISATAP: Final = (0x00005EFE, 0x02005EFE)
_REFUSED_CHARACTERS = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?", re.ASCII)
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)


class Ports:
    """A set of TCP ports."""

    def __init__(self, text: str) -> None:
        """Ports and ranges such as `8000-8999`, by commas or blanks; raises ValueError."""
        self._ranges = tuple(_port_range(word) for word in text.replace(",", " ").split())

    def __contains__(self, port: int) -> bool:
        return any(port in ports for ports in self._ranges)


def is_public(address: Address) -> bool:
    """True if an address belongs to the Internet, whatever IPv4 address IPv6 wraps in it."""
    address = _unwrapped(address)
    if isinstance(address, IPv4Address):
        return address not in _INTERNAL_V4
    if address not in _GLOBAL_V6 or address in _INTERNAL_V6:
        return False
    return not _is_isatap(address) or is_public(IPv4Address(int(address) & 0xFFFFFFFF))


@dataclass(frozen=True)
class OutboundPolicy:
    """The rule for addresses that may be asked."""

    networks: Networks
    """Networks that may be reached although they are not public."""
    ports: Ports

    def is_named(self, address: Address) -> bool:
        """True if a setting names the address."""
        return address in self.networks or _unwrapped(address) in self.networks

    def allows(self, address: Address) -> bool:
        """True if a connection to the address may be made."""
        return is_public(address) or self.is_named(address)

    def refusal(self, url: str) -> str | None:
        """Why a URL is never asked; None where only the address of its host remains to be seen.

        Pure: the host is not looked up, and `allows` decides once it is.
        """
        if len(url) > LONGEST_URL:
            return f"the address is longer than {LONGEST_URL} characters"
        if _REFUSED_CHARACTERS.search(url):
            return "the address has blanks, control characters or backslashes in it"
        try:
            parts = yarl.URL(url)
        except ValueError:
            return "this is no address"
        if parts.scheme not in ("http", "https") or not parts.raw_host:
            return "an address begins with http:// or https:// and a host"
        if "@" in parts.raw_authority:
            return "names and passwords don't belong in an address"
        if parts.port is None or parts.port not in self.ports:
            return f"port {parts.port} is not among those that may be reached"
        return self._host_refusal(parts.raw_host.lower())

    def _host_refusal(self, host: str) -> str | None:
        address = literal_address(host)
        if address is not None:
            return None if self.allows(address) else f"{host} is no public address"
        if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
            return "its host is no name and no address"
        labels = host.removesuffix(".").split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return f"{host} is written unusually; an IPv4 address is four decimal numbers"
        if self.networks:
            return None
        if len(labels) == 1 or labels[-1] == "localhost":
            return f"{host} is a name of an internal network"
        return None


def literal_address(text: str) -> Address | None:
    """The address that a text is, strictly written, a zone included; None for all else."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def host_of(url: str) -> str:
    """The host of a URL as it is looked up, in small letters; raises ValueError."""
    return (yarl.URL(url).raw_host or "").lower().rstrip(".")


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that a mapped one or one of NAT64 (RFC 6052) leads to."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def _is_isatap(address: IPv6Address) -> bool:
    """True if an address ends as RFC 5214 has it: its last four bytes are an IPv4 address."""
    return (int(address) >> 32) & 0xFFFFFFFF in _ISATAP


def _port_range(word: str) -> range:
    first, _, last = word.partition("-")
    ports = range(int(first), int(last or first) + 1)
    if not ports or ports[0] < 1 or ports[-1] > 65_535:
        raise ValueError(f"{word!r} is no port and no range of ports")
    return ports
