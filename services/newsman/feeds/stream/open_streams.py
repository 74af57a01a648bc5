"""Counts of open live streams per address."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from newsman.web.addresses import address_group


class TooManyStreams(Exception):
    """The address has as many streams open as it may have."""


class OpenStreams:
    """Counts streams by address; of IPv6 by the network that a subscriber has."""

    def __init__(self, per_address: int) -> None:
        self._per_address = per_address
        self._open: Counter[str] = Counter()

    @contextmanager
    def counted(self, address: str) -> Iterator[None]:
        """Counts a stream while the block runs; raises TooManyStreams."""
        group = address_group(address)
        if self._open[group] >= self._per_address:
            raise TooManyStreams(
                f"this address has {self._per_address} live streams open, as many as it may"
            )
        self._open[group] += 1
        try:
            yield
        finally:
            self._open[group] -= 1
            if not self._open[group]:
                del self._open[group]
