"""Waiting for Redis until the process is told to stop."""

import threading
from collections.abc import Callable

from newsman.runtime.health import Pulse


class ToldToStop(Exception):
    """The process is to end, and Redis is away: what was not done is read again from the log."""


def beat_or_stop(pulse: Pulse, stopping: threading.Event) -> Callable[[], None]:
    """Called while Redis is away: a sign of life, or ToldToStop."""

    def beat() -> None:
        pulse.beat()
        if stopping.is_set():
            raise ToldToStop

    return beat
