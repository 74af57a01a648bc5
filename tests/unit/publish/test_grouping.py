"""Work that comes together is done together, and each gets its own answer, or its own error."""

import asyncio

import pytest

from newsman.publish.grouping import ENOUGH, Groups


class Work:
    """Notes what is worked on at the same time; each waits until all of its group have begun."""

    def __init__(self):
        self.groups: list[list[int]] = []
        self._begun: list[int] = []

    async def __call__(self, item: int) -> int:
        if not self._begun:
            self.groups.append(self._begun)
        self._begun.append(item)
        await asyncio.sleep(0)
        self._begun = []
        if item < 0:
            raise ValueError(item)
        return item * 2


def test_what_comes_turn_by_turn_is_done_in_one_group():
    work = Work()

    async def come():
        groups = Groups(work)
        tasks = []
        for item in range(20):
            tasks.append(groups.do(item))
            await asyncio.sleep(0)
        return await asyncio.gather(*tasks)

    assert asyncio.run(come()) == [item * 2 for item in range(20)]
    assert work.groups == [list(range(20))]


def test_a_stream_that_never_pauses_is_cut_into_groups():
    work = Work()

    async def come():
        groups = Groups(work)
        tasks = []
        for item in range(ENOUGH * 3):
            tasks.append(groups.do(item))
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)

    asyncio.run(come())
    assert [item for group in work.groups for item in group] == list(range(ENOUGH * 3))
    assert len(work.groups) > 1
    assert len(work.groups[0]) == ENOUGH


def test_an_error_is_raised_to_who_asked_and_to_nobody_else():
    async def come():
        groups = Groups(Work())
        return await asyncio.gather(
            groups.do(1), groups.do(-1), groups.do(2), return_exceptions=True
        )

    one, problem, two = asyncio.run(come())
    assert (one, two) == (2, 4)
    assert isinstance(problem, ValueError)


def test_one_that_is_cancelled_takes_nobody_with_it():
    async def come():
        groups = Groups(Work())
        tasks = [groups.do(item) for item in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]
        return await asyncio.gather(tasks[0], tasks[2])

    assert asyncio.run(come()) == [0, 4]
