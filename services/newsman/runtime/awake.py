"""Limits of time that count only while this process runs: one that was frozen owes nobody."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

STEP_SECONDS = 0.25


async def within(work: Coroutine[Any, Any, T], *, seconds: float) -> T:
    """The result of the work; raises TimeoutError after so many seconds of this process's life.

    The limit is counted in steps, and each counts for no more than its length, however long the
    process was stopped meanwhile. What is there after a stop is taken before the time is looked at.
    """
    task = asyncio.ensure_future(work)
    left = seconds
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=min(STEP_SECONDS, seconds))
            left -= STEP_SECONDS
            if left <= 0 and not task.done():
                raise TimeoutError
        return task.result()
    finally:
        task.cancel()
