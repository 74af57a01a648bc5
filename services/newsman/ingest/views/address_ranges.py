"""Ranges of addresses that are nobody's home, read from a file."""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path

from newsman.runtime.settings_error import SettingsError
from newsman.web.addresses import parse_address


class Ranges:
    """Networks of addresses, asked in the time of a binary search."""

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        every = list(networks)
        v4 = collapse_addresses(n for n in every if isinstance(n, IPv4Network))
        v6 = collapse_addresses(n for n in every if isinstance(n, IPv6Network))
        self._spans = {
            version: sorted((int(n[0]), int(n[-1])) for n in merged)
            for version, merged in ((4, v4), (6, v6))
        }

    def __contains__(self, text: str) -> bool:
        address = parse_address(text)
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
