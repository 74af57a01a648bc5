"""Readers are told at once while there is time, and together when there is little."""

import asyncio
from itertools import pairwise

import pytest
from tests.waiting import VirtualLoop

from newsman.feeds.stream.broadcast_throttle import BroadcastThrottle


def test_rounds_rest_as_long_as_they_took_and_take_along_what_came_meanwhile():
    async def scene():
        loop = asyncio.get_running_loop()
        begun: list[float] = []

        def begin() -> None:
            begun.append(loop.time())
            # What a round makes ready takes its time as well.
            loop.call_soon(loop.advance, 0.02)

        rounds = BroadcastThrottle(begin, clock=loop.time)
        while loop.time() < 0.6:
            rounds.ask()
            await asyncio.sleep(0.001)
        return begun

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        begun = runner.run(scene())
    rests = [later - earlier for earlier, later in pairwise(begun)]
    assert len(rests) >= 14
    assert rests == [pytest.approx(0.04, abs=0.002)] * len(rests)


def test_a_single_event_waits_for_nothing():
    async def scene():
        told = asyncio.Event()
        BroadcastThrottle(told.set).ask()
        await asyncio.wait_for(told.wait(), 1)

    asyncio.run(scene())
