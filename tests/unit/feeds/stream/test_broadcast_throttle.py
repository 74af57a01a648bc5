"""Readers are told at once while there is time, and together when there is little."""

import asyncio
import time
from itertools import pairwise

from newsman.feeds.stream.broadcast_throttle import BroadcastThrottle


def test_rounds_rest_as_long_as_they_took_and_take_along_what_came_meanwhile():
    async def scene():
        loop = asyncio.get_running_loop()
        begun: list[float] = []

        def begin() -> None:
            begun.append(loop.time())
            # What a round makes ready takes its time as well.
            loop.call_soon(spend, 0.02)

        def spend(seconds: float) -> None:
            until = time.thread_time() + seconds
            while time.thread_time() < until:
                pass

        rounds = BroadcastThrottle(begin)
        until = loop.time() + 0.6
        while loop.time() < until:
            rounds.ask()
            await asyncio.sleep(0.001)
        return begun

    begun = asyncio.run(scene())
    assert 2 <= len(begun) <= 16
    assert all(later - earlier >= 0.035 for earlier, later in pairwise(begun))


def test_a_single_event_waits_for_nothing():
    async def scene():
        told = asyncio.Event()
        BroadcastThrottle(told.set).ask()
        await asyncio.wait_for(told.wait(), 1)

    asyncio.run(scene())
