"""Of one article those who work on it take their turns, in the order of asking."""

import asyncio

import pytest

from newsman.publish.article_locks import ArticleLocks


def test_who_asked_first_comes_first_and_other_articles_do_not_wait():
    done = []

    async def at(turn, name, turns_of_the_loop):
        async with turn:
            for _ in range(turns_of_the_loop):
                await asyncio.sleep(0)
            done.append(name)

    async def work():
        turns = ArticleLocks()
        together = turns.take(["a", "b"])
        assert not turns.is_free("a")
        assert turns.is_free("c")
        second, third, other = turns.take(["b"]), turns.take(["b"]), turns.take(["c"])
        await asyncio.gather(
            at(together, "group", 9), at(second, "b 2", 3), at(third, "b 3", 1), at(other, "c", 2)
        )
        return turns

    turns = asyncio.run(work())
    assert done == ["c", "group", "b 2", "b 3"]
    assert all(turns.is_free(name) for name in "abc")


@pytest.mark.parametrize("when", ["while it waits", "at its work"])
def test_one_that_is_cancelled_or_fails_leaves_its_place(when):
    async def work():
        turns = ArticleLocks()
        first = turns.take(["a"])
        second = turns.take(["a"])

        async def waits():
            async with second:
                raise ValueError

        task = asyncio.ensure_future(waits())
        async with first:
            await asyncio.sleep(0)
            if when == "while it waits":
                task.cancel()
                await asyncio.sleep(0)
        await asyncio.gather(task, return_exceptions=True)
        assert turns.is_free("a")
        async with turns.take(["a"]):
            pass

    asyncio.run(work())
