"""Events of a stream that come together are worked on together, and end in the order they came."""

import asyncio
import random
from types import SimpleNamespace

import pytest

from newsman.kafka.grouped import AT_ONCE, ENOUGH, UNFINISHED, Arrivals, in_groups
from newsman.kafka.progress.reckoning import ConsumerProgress

QUIET = 20


class Stream:
    """A stream as far as it is used here, of numbers; after some it pauses for some turns."""

    def __init__(self, numbers, pauses=lambda: 1):
        self._numbers = numbers
        self._pauses = pauses
        self.acknowledged = []
        self.all_done = asyncio.Event()

    async def events(self):
        for number in self._numbers:
            yield SimpleNamespace(message=SimpleNamespace(tp="part", offset=number, value=number))
            for _ in range(self._pauses()):
                await asyncio.sleep(0)
        await asyncio.Event().wait()

    async def ack(self, event):
        self.acknowledged.append(event.message.value)
        if len(self.acknowledged) == len(self._numbers):
            self.all_done.set()


def values(group):
    return [event.message.value for event in group]


def begun():
    progress = ConsumerProgress(limit_seconds=60)
    progress.assign("part", 0)
    return progress


async def run(stream, start, finish, progress=None):
    progress = progress or begun()
    task = asyncio.ensure_future(in_groups(stream, start, finish, progress=progress))
    async with asyncio.timeout(10):
        await stream.all_done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_what_comes_turn_by_turn_is_one_group():
    async def come():
        arrivals = Arrivals()
        group = asyncio.ensure_future(arrivals.next_group())
        for number in range(20):
            await arrivals.put(number)
            await asyncio.sleep(0)
        return await group

    assert asyncio.run(come()) == list(range(20))


def test_who_brings_more_than_enough_waits_until_it_is_taken():
    async def come():
        arrivals = Arrivals()
        for number in range(ENOUGH):
            await arrivals.put(number)
        one_more = asyncio.ensure_future(arrivals.put(ENOUGH))
        for _ in range(QUIET):
            await asyncio.sleep(0)
        assert not one_more.done()
        first = await arrivals.next_group()
        return first, await arrivals.next_group()

    first, second = asyncio.run(come())
    assert (first, second) == (list(range(ENOUGH)), [ENOUGH])


def test_groups_are_started_two_at_a_time_and_end_in_the_order_they_came():
    rng = random.Random(3)
    groups, sent, at_work, most, left = [], [], 0, 0, 0

    async def start(group):
        nonlocal at_work, most, left
        groups.append(values(group))
        at_work, left = at_work + 1, left + 1
        most = max(most, at_work)
        assert left <= UNFINISHED
        for _ in range(rng.choice([0, 5, 90])):
            await asyncio.sleep(0)
        at_work -= 1
        return values(group)

    async def finish(group, result):
        assert values(group) == result
        sent.append(result)

        async def confirm():
            nonlocal left
            for _ in range(rng.choice([0, 5, 90])):
                await asyncio.sleep(0)
            left -= 1

        return asyncio.ensure_future(confirm())

    async def come():
        progress = begun()
        stream = Stream(range(3_000), lambda: rng.choice([0, 0, 1, 9, 14]))
        await run(stream, start, finish, progress)
        return stream.acknowledged, progress.finished("part")

    order, reached = asyncio.run(come())
    assert order == list(range(3_000))
    assert reached == 3_000
    assert sent == groups
    assert max(map(len, groups)) <= ENOUGH
    assert most == AT_ONCE


def test_nothing_is_acknowledged_before_the_broker_has_what_came_of_it():
    async def come():
        has_it = asyncio.Event()
        stream = Stream(range(5))
        finished = asyncio.Event()

        async def start(group):
            return None

        async def finish(_group, _result):
            finished.set()
            return has_it.wait()

        running = asyncio.ensure_future(run(stream, start, finish))
        await finished.wait()
        for _ in range(QUIET):
            await asyncio.sleep(0)
        before = list(stream.acknowledged)
        has_it.set()
        await running
        return before, stream.acknowledged

    before, after = asyncio.run(come())
    assert (before, after) == ([], list(range(5)))
