"""Counts of open long polls and streams per subscriber."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from newsman.deliver import metrics


class TooManyFetches(Exception):
    """The subscriber has as many requests open as it may."""


class OpenFetches:
    """Counts what subscribers have open in this process."""

    def __init__(self, per_owner: int) -> None:
        self._per_owner = per_owner
        self._open: Counter[str] = Counter()

    @contextmanager
    def counted(self, owner: str) -> Iterator[None]:
        """Counts one while the block runs; raises TooManyFetches."""
        if self._open[owner] >= self._per_owner:
            raise TooManyFetches(
                f"{owner} has {self._per_owner} long polls and streams open, as many as it may"
            )
        self._open[owner] += 1
        metrics.fetches.inc()
        try:
            yield
        finally:
            metrics.fetches.dec()
            self._open[owner] -= 1
            if not self._open[owner]:
                del self._open[owner]
