"""Ends of a process: bugs crash, so that it is started again and retries; and one that is told to
end does so in time."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

EXIT_CRASHED = 70
"""sysexits(3) EX_SOFTWARE."""
LAST_SECONDS = 8.0
"""From the signal on; orchestrators kill after ten."""


def crash() -> None:
    """Logs the current exception and ends the process at once, acknowledging nothing more."""
    log.critical("unexpected error, ending the process", exc_info=True)
    logging.shutdown()
    os._exit(EXIT_CRASHED)


@contextmanager
def bugs_crash() -> Iterator[None]:
    """Ends the process when anything but a cancellation leaves the block."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException:  # noqa: BLE001 - nothing is swallowed: the process ends
        crash()


async def run_together(*jobs: Callable[[], Awaitable[None]]) -> None:
    """Runs jobs that have no end side by side: when one fails the process ends, and when this is
    cancelled so are they."""
    tasks = [asyncio.ensure_future(job()) for job in jobs]
    try:
        with bugs_crash():
            await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def end_at_last(stopping: threading.Event) -> None:
    """Ends the process if something that it waits for keeps it from ending, such as a Redis or a
    Kafka that does not answer: what was not acknowledged is done again by the next."""
    stopping.wait()
    time.sleep(LAST_SECONDS)
    log.warning("something did not end in time; the process ends without it")
    os._exit(0)
