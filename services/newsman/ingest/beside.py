"""Processes beside the server that prepare large pushes, so that they keep no others waiting.

Preparing a document of some megabytes takes a second of one processor. In a thread it would hold
up every other push, since only one thread of a process runs Python at a time.
"""

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from newsman.ingest.preparing import Prepared, Push, prepare

log = logging.getLogger(__name__)

LARGE_BODY_BYTES = 256 * 1024
"""What is larger is prepared, hashed and read elsewhere: the event loop has others to serve."""

PROCESSES = 2
"""While one hands back what it has prepared, the other prepares."""
ATTEMPTS = 2
"""It may have died of another push, or of nothing that was pushed."""

Prepare = Callable[[Push], Awaitable[Prepared]]


class ProcessLost(Exception):
    """The process beside died twice before it had prepared the push, which may be sent again."""


async def prepare_here(push: Push) -> Prepared:
    """Prepares a push at once, however large it is."""
    return prepare(push)


class Beside:
    """Processes that prepare what is large; others take their place when one dies."""

    def __init__(self) -> None:
        self._pool = _open()
        self._pool.submit(os.getpid)  # starts it before it is needed

    async def prepare(self, push: Push) -> Prepared:
        """Prepares a push, in the other process if it is large; raises ProcessLost."""
        if len(push.body) <= LARGE_BODY_BYTES:
            return prepare(push)  # quicker than to hand it over
        for _ in range(ATTEMPTS):
            pool = self._pool
            try:
                return await asyncio.get_running_loop().run_in_executor(pool, prepare, push)
            except (BrokenProcessPool, BrokenPipeError):  # the latter while it started
                if pool is self._pool:  # the first to notice
                    log.error("the process that prepares large pushes died")
                    self._pool = _open()
        raise ProcessLost("the process that read it ended")

    def close(self) -> None:
        """Ends the process once it has prepared what it was given."""
        self._pool.shutdown()


def _open() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    # The server decides when it ends; a signal to the whole group must not cost what is under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # what has been imported stays, and need not be looked through again and again


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(0)
