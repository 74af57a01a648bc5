"""Telling of an outage once when it begins and once when it is over."""

import logging
import threading


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
