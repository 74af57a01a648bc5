"""One question for all who want to know where the store stands, and how old its answer may be."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisAway

from newsman.feeds.cache.store_watch import AHEAD, StoreWatch

FRESH = 4.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Store:
    """Answers each question when it is told to, in the order in which they were asked."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future] = []

    async def __call__(self) -> int | None:
        self.asked.append(asyncio.get_running_loop().create_future())
        return await self.asked[-1]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def watch(store, clock) -> StoreWatch:
    return StoreWatch(store, fresh_seconds=FRESH, clock=clock)


async def turn() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def begun(watch: StoreWatch) -> asyncio.Task:
    asking = asyncio.ensure_future(watch.now())
    await turn()
    return asking


async def known(watch: StoreWatch, store: Store, changes: int | None) -> None:
    asking = await begun(watch)
    store.asked[-1].set_result(changes)
    assert await asking == changes


def in_loop(scene) -> None:
    asyncio.run(asyncio.wait_for(scene(), 10))


def test_those_who_come_together_share_one_question(watch, store):
    async def scene():
        asking = [await begun(watch) for _ in range(10)]
        assert len(store.asked) == 1
        store.asked[0].set_result(7)
        assert await asyncio.gather(*asking) == [7] * 10

    in_loop(scene)


def test_an_answer_holds_for_its_time_and_not_longer(watch, store, clock):
    async def scene():
        await known(watch, store, 7)
        clock.now += FRESH * AHEAD
        assert await watch.now() == 7
        assert len(store.asked) == 1
        clock.now += FRESH
        await known(watch, store, 8)

    in_loop(scene)


def test_the_next_answer_is_asked_for_while_the_last_one_still_holds(watch, store, clock):
    async def scene():
        await known(watch, store, 7)
        clock.now += FRESH * (AHEAD + 0.1)
        assert await watch.now() == 7
        await turn()
        assert len(store.asked) == 2
        store.asked[1].set_result(8)
        await turn()
        assert await watch.now() == 8

    in_loop(scene)


def test_an_answer_is_as_old_as_its_question(watch, store, clock):
    async def scene():
        first = await begun(watch)
        clock.now += FRESH + 1
        late = await begun(watch)
        assert len(store.asked) == 1
        store.asked[0].set_result(7)
        assert await first == 7
        await turn()
        assert not late.done()
        store.asked[1].set_result(8)
        assert await late == 8

    in_loop(scene)


def test_a_failure_is_told_to_all_who_wait_and_who_come_right_after(watch, store, clock):
    async def scene():
        asking = [await begun(watch) for _ in range(3)]
        store.asked[0].set_exception(RedisAway("away"))
        for waiting in asking:
            with pytest.raises(RedisAway):
                await waiting
        with pytest.raises(RedisAway):
            await watch.now()
        assert len(store.asked) == 1
        clock.now += FRESH + 1
        await known(watch, store, 7)
        clock.now += 0.1
        watch.forget()
        await known(watch, store, 8)

    in_loop(scene)


def test_what_failed_ahead_harms_nobody_while_the_last_answer_holds(watch, store, clock):
    async def scene():
        await known(watch, store, 7)
        clock.now += FRESH * (AHEAD + 0.1)
        await watch.now()
        await turn()
        store.asked[1].set_exception(RedisAway("away"))
        await turn()
        assert await watch.now() == 7

    in_loop(scene)


def test_who_comes_after_a_change_waits_for_a_question_from_after_it(watch, store, clock):
    async def scene():
        before = await begun(watch)
        clock.now += 0.1
        watch.forget()
        after = await begun(watch)
        store.asked[0].set_result(7)
        assert await before == 7
        await turn()
        assert not after.done()
        store.asked[1].set_result(8)
        assert await after == 8

    in_loop(scene)


def test_changes_without_end_keep_nobody_waiting(watch, store, clock):
    async def scene():
        asking = await begun(watch)
        for _ in range(100):
            clock.now += 0.01
            watch.forget()
        store.asked[0].set_result(7)
        assert await asking == 7

    in_loop(scene)


def test_no_whole_store_is_an_answer_too(watch, store):
    async def scene():
        await known(watch, store, None)
        assert await watch.now() is None

    in_loop(scene)
