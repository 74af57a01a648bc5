"""Telling of an outage once when it begins and once when it is over, and trying again meanwhile."""

import logging
import threading
from collections.abc import Callable

from newsman.runtime.crash import bugs_crash

AGAIN_SECONDS = 1.0


class Outage:
    """The state of one thing that may be away, for whoever tries it again and again."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        self._log = log
        self._what = what
        self._is_away = threading.Event()

    def failed(self, problem: object) -> None:
        """An attempt failed; the first in a row is logged."""
        if not self._is_away.is_set():
            self._is_away.set()
            self._log.warning("%s, trying again: %s", self._what, problem)

    def over(self) -> None:
        """An attempt succeeded; logged if one failed before."""
        if self._is_away.is_set():
            self._is_away.clear()
            self._log.info("%s: over", self._what)

    def try_until(
        self,
        stopping: threading.Event,
        attempt: Callable[[], None],
        away: tuple[type[Exception], ...],
    ) -> None:
        """Attempts it until told to stop, again a while after it raised one of `away`; whatever
        else it raises is a bug. The body of a thread."""
        with bugs_crash():
            while not stopping.is_set():
                try:
                    attempt()
                except away as problem:
                    self.failed(problem)
                    stopping.wait(AGAIN_SECONDS)
