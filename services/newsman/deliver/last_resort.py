"""The end of a process that something keeps from ending."""

import logging
import os
import threading
import time

log = logging.getLogger(__name__)

LAST_SECONDS = 9.0
"""From the signal on; orchestrators kill after ten."""


def end_at_last(stopping: threading.Event) -> None:
    """Ends the process if something that it waits for keeps it from ending, such as a Redis that
    does not answer: what was not settled is sent again, under its id."""
    stopping.wait()
    time.sleep(LAST_SECONDS)
    log.warning("something did not end in time; the process ends without it")
    os._exit(0)
