"""Ending in order: what is under way is finished, nothing new is begun."""

import signal
import threading
import time
from types import FrameType

SLICE_SECONDS = 0.1


class PushStopped(Exception):
    """The wait for another attempt was ended from outside."""


class IngestUnavailable(Exception):
    """Ingest took nothing for as long as it was asked; the text says why."""


class IngestRefused(Exception):
    """Ingest will take nothing until the key or the address is changed; the text says which."""


class Stop:
    """A flag that signal handlers may set while any thread waits on it."""

    # threading.Event is not used: its lock is held for a moment within wait(), and a handler that
    # interrupts just then and calls set() would never return.
    def __init__(self) -> None:
        self.is_set = False

    def set(self, *_: int | FrameType | None) -> None:
        """Asks for the end; has the shape of a signal handler."""
        self.is_set = True

    def wait(self, seconds: float) -> bool:
        """Waits that long, or until the flag is set; whether it is."""
        until = time.monotonic() + seconds
        while not self.is_set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, SLICE_SECONDS))
        return self.is_set


def stop_on_signals() -> Stop:
    """A flag that SIGTERM and SIGINT set; only in the main thread."""
    stop = Stop()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop.set)
        signal.signal(signal.SIGINT, stop.set)
    return stop
