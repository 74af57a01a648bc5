"""Which views are no reader's although their user agent says nothing: by rate and by network."""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network
from pathlib import Path
from typing import Literal

from newsman.settings import SettingsError

Reason = Literal["rate", "datacentre"]

MINUTES_KEPT = 120
"""Of so many minutes in which somebody was seen the readers are remembered."""
READERS_KEPT = 200_000
"""At most so many readers of a minute are remembered; the others pass."""


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

    def __contains__(self, address: str) -> bool:
        try:
            asked = ip_address(address)
        except ValueError:
            return False
        asked = getattr(asked, "ipv4_mapped", None) or asked
        spans, number = self._spans[asked.version], int(asked)
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


class ViewFilter:
    """Judges a view by the network it came from, and by how many its reader has had that minute.

    A reader's minute is the one that the view says, so a batch of an hour's views is no rush. Each
    process of ingest counts by itself.
    """

    def __init__(self, datacentres: Ranges, *, most_per_minute: int) -> None:
        self._datacentres = datacentres
        self._most = most_per_minute
        self._minutes: OrderedDict[int, Counter[str]] = OrderedDict()

    def reason(self, *, address: str, reader: str, at: datetime) -> Reason | None:
        """Why it does not count; `address` is empty where a newsroom forwards the view."""
        if address and address in self._datacentres:
            return "datacentre"
        return "rate" if self._most and self._rushes(reader, at) else None

    def _rushes(self, reader: str, at: datetime) -> bool:
        minute = int(at.timestamp()) // 60
        seen = self._minutes.get(minute)
        if seen is None:
            seen = self._minutes[minute] = Counter()
            while len(self._minutes) > MINUTES_KEPT:
                self._minutes.popitem(last=False)
        if reader not in seen and len(seen) >= READERS_KEPT:
            return False
        seen[reader] += 1
        return seen[reader] > self._most
