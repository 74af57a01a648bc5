"""Bugs crash: anything unexpected ends the process, which is started again and retries."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

EXIT_CRASHED = 70
"""sysexits(3) EX_SOFTWARE."""


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
