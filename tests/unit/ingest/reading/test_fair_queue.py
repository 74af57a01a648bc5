"""Places that are few are shared between sources, and what waits for them is bounded."""

import asyncio

import pytest

from newsman.ingest.reading.fair_queue import FairQueue, Overloaded


class Scene:
    """Pushes that take a place and keep it until they are told to leave."""

    def __init__(self, places=1, most_waiting=8, most_bytes=1_000):
        self.now = 0.0
        self.turns = FairQueue(
            places, most_waiting=most_waiting, most_bytes=most_bytes, clock=lambda: self.now
        )
        self.order = []
        self._leave = {}
        self._tasks = []

    async def push(self, name, size=10):
        self._leave[name] = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._stay(name, size)))
        await self.settle()
        return self._tasks[-1]

    async def leave(self, name):
        self._leave[name].set()
        await self.settle()

    async def settle(self):
        for _ in range(5):
            await asyncio.sleep(0)

    async def _stay(self, name, size):
        async with self.turns.turn(name.rstrip("0123456789"), size):
            self.order.append(name)
            await self._leave[name].wait()


def run(scene):
    asyncio.run(scene())


def test_sources_take_turns_however_many_pushes_of_one_wait():
    async def scene():
        at = Scene()
        for name in ("a1", "a2", "a3", "b1"):
            await at.push(name)
        for name in ("a1", "a2", "b1", "a3"):
            if name in at.order:
                await at.leave(name)
        assert at.order[:3] == ["a1", "a2", "b1"] or at.order[:3] == ["a1", "b1", "a2"]
        assert at.order.index("b1") < 3

    run(scene)


def test_a_source_that_costs_too_much_has_one_place_at_a_time():
    async def scene():
        at = Scene(places=2)
        at.turns.be_careful("a")
        for name in ("a1", "a2", "b1"):
            await at.push(name)
        assert at.order == ["a1", "b1"]
        await at.leave("b1")
        assert at.order == ["a1", "b1"]
        await at.leave("a1")
        assert at.order == ["a1", "b1", "a2"]
        at.now = 61
        await at.push("a4")
        assert at.order[-1] == "a4"

    run(scene)


def test_more_than_the_bound_is_refused_and_one_source_has_half_of_it():
    async def scene():
        at = Scene(most_waiting=4)
        for name in ("a1", "a2", "a3"):
            await at.push(name)
        refused = await at.push("a4")
        assert isinstance(refused.exception(), Overloaded)
        for name in ("b1", "c1"):
            await at.push(name)
        refused = await at.push("d1")
        assert isinstance(refused.exception(), Overloaded)

    run(scene)


def test_what_waits_is_bounded_in_bytes():
    async def scene():
        at = Scene(most_bytes=1_000)
        await at.push("a1", 5_000)  # a place is free: it does not wait
        await at.push("a2", 400)
        refused = await at.push("a3", 400)
        assert isinstance(refused.exception(), Overloaded)

    run(scene)


@pytest.mark.parametrize("who", ["a2", "b1"])
def test_a_push_that_gives_up_leaves_no_place_behind(who):
    async def scene():
        at = Scene()
        tasks = {name: await at.push(name) for name in ("a1", "a2", "b1")}
        tasks[who].cancel()
        await at.settle()
        for name in ("a1", "a2", "b1"):
            await at.leave(name)
        assert sorted(at.order) == sorted({"a1", "a2", "b1"} - {who})
        assert at.turns.count_waiting == 0
        await at.push("c1")
        assert at.order[-1] == "c1"

    run(scene)
