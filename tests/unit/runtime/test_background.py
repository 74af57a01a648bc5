"""Work that nobody waits for runs to its end, and a bug in it ends the process."""

import asyncio
import gc
import subprocess
import sys

from newsman.runtime.background import BackgroundTasks
from newsman.runtime.crash import EXIT_CRASHED

A_BUG = """
import asyncio
from newsman.runtime.background import BackgroundTasks

async def work():
    raise KeyError("no such thing")

async def serve():
    tasks = BackgroundTasks()
    tasks.start(work(), name="work")
    await asyncio.Event().wait()

asyncio.run(serve())
"""


def test_tasks_are_kept_though_nobody_else_holds_them():
    ended = []

    async def work(number):
        await asyncio.sleep(0)
        gc.collect()
        ended.append(number)

    async def serve():
        tasks = BackgroundTasks()
        for number in range(3):
            tasks.start(work(number), name="work")
        await tasks.finish(limit_seconds=5)

    asyncio.run(serve())
    assert ended == [0, 1, 2]


def test_tasks_under_way_are_counted_by_their_name():
    async def serve():
        tasks, may_end = BackgroundTasks(), asyncio.Event()
        for name in ("view", "view", "event"):
            tasks.start(may_end.wait(), name=name)
        counts = [tasks.count(name) for name in ("view", "event", "other")]
        may_end.set()
        await tasks.finish(limit_seconds=5)
        return counts, [tasks.count(name) for name in ("view", "event")]

    assert asyncio.run(serve()) == ([2, 1, 0], [0, 0])


def test_what_takes_longer_than_the_limit_is_cancelled():
    was_cancelled = []

    async def endless():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            was_cancelled.append(True)
            raise

    async def serve():
        tasks = BackgroundTasks()
        tasks.start(endless(), name="endless")
        await asyncio.sleep(0)
        await tasks.finish(limit_seconds=0.01)

    asyncio.run(serve())
    assert was_cancelled == [True]


def test_work_that_has_not_begun_is_cancelled_without_a_warning():
    async def serve():
        tasks = BackgroundTasks()
        tasks.start(asyncio.sleep(60), name="sleep")
        await tasks.cancel()
        return tasks.count("sleep")

    assert asyncio.run(serve()) == 0


def test_an_exception_ends_the_process_and_is_in_the_log():
    ended = subprocess.run(
        [sys.executable, "-c", A_BUG], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == EXIT_CRASHED
    assert "KeyError: 'no such thing'" in ended.stderr


def test_finishing_waits_for_what_was_started_meanwhile_too():
    async def main() -> None:
        tasks, ended = BackgroundTasks(), []

        async def later() -> None:
            await asyncio.sleep(0.01)
            ended.append("later")

        async def first() -> None:
            await asyncio.sleep(0.01)
            tasks.start(later(), name="later")

        tasks.start(first(), name="first")
        await tasks.finish(limit_seconds=20)
        assert ended == ["later"]

    asyncio.run(main())
