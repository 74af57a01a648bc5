"""Readers are told at once while there is time, and together when there is little."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from tests.waiting import VirtualLoop

from newsman.feeds.stream.broadcast_throttle import REST, BroadcastThrottle


def test_rounds_rest_for_a_share_of_what_they_took_and_take_along_what_came_meanwhile():
    async def scene():
        loop = asyncio.get_running_loop()
        begun: list[float] = []

        def begin() -> Iterator[None]:
            begun.append(loop.time())
            for _ in range(2):
                # What a step makes ready takes its time as well.
                loop.call_soon(loop.advance, 0.01)
                yield

        rounds = BroadcastThrottle(begin, clock=loop.time)
        while loop.time() < 0.6:
            rounds.ask()
            await asyncio.sleep(0.001)
        return begun

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        begun = runner.run(scene())
    rests = [later - earlier for earlier, later in pairwise(begun)]
    assert len(rests) >= 20
    assert rests == [pytest.approx(0.02 * (1 + REST), abs=0.002)] * len(rests)


def test_small_rounds_follow_one_another_without_a_rest():
    async def scene():
        loop = asyncio.get_running_loop()
        begun: list[float] = []

        def begin() -> Iterator[None]:
            begun.append(loop.time())
            loop.advance(0.001)
            return iter(())

        rounds = BroadcastThrottle(begin, clock=loop.time)
        for _ in range(10):
            rounds.ask()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return begun

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        assert len(runner.run(scene())) >= 5


def test_a_single_event_waits_for_nothing():
    async def scene():
        told = asyncio.Event()
        BroadcastThrottle(lambda: iter([told.set()])).ask()
        await asyncio.wait_for(told.wait(), 1)

    asyncio.run(scene())
