"""What is read beside the loop has bounds of processor time and memory, and others go on."""

import asyncio
import os
import re
import signal
import time

import pytest
from tests.waiting import until

from newsman.ingest.formats.model import BadDocument
from newsman.ingest.reading.fair_queue import Overloaded
from newsman.ingest.reading.pool import ProcessLost, ReadingPool
from newsman.ingest.reading.process import ReadingLimits, TooCostly

LIMITS = ReadingLimits(cpu_seconds=0.5, memory_mb=96)
ENDLESS = (re.fullmatch, "(a+)+", "a" * 60 + "b")


def with_pool(scene):
    async def run():
        pool = ReadingPool(LIMITS)
        try:
            return await scene(pool)
        finally:
            await pool.close()

    return asyncio.run(run())


def echo(value):
    return value


def refuse():
    raise BadDocument("no such thing")


def end_with(number):
    os.kill(os.getpid(), number)


def end_once(path):
    """Ends the process that comes first."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return "done"
    return end_with(signal.SIGKILL)


def use_processor_for(seconds):
    began = time.process_time()
    while time.process_time() - began < seconds:
        pass
    return "done"


def stop_for(seconds, began=None):
    """Stands still, as a frozen machine does; makes the file when it begins."""
    if began is not None:
        began.touch()
    if os.fork() == 0:
        time.sleep(seconds)
        os.kill(os.getppid(), signal.SIGCONT)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
    return "thawed"


def test_what_goes_there_comes_back():
    async def scene(pool):
        for size in (0, 10, 65_536, 5_000_000):
            body = os.urandom(size)
            sent = (body, "x", {"b": body})
            assert await pool.do("a", 0, echo, sent) == sent, size

    with_pool(scene)


def test_what_the_work_raises_is_raised_here_and_the_process_goes_on():
    async def scene(pool):
        first = await pool.do("a", 0, os.getpid)
        with pytest.raises(BadDocument, match="no such thing"):
            await pool.do("a", 0, refuse)
        assert await pool.do("a", 0, os.getpid) == first

    with_pool(scene)


def test_processor_time_is_bounded_within_c_too_and_another_process_stands_ready():
    async def scene(pool):
        with pytest.raises(TooCostly, match=r"more than 0\.5 s of processor time") as refused:
            await pool.do("a", 0, *ENDLESS)
        assert refused.value.reason == "processor"
        assert await pool.do("b", 0, echo, 1) == 1

    with_pool(scene)


def test_a_batch_has_more_time():
    async def scene(pool):
        assert await pool.do("a", 1.5, use_processor_for, 1.0) == "done"

    with_pool(scene)


def test_one_source_does_not_keep_the_others_from_being_read():
    async def scene(pool):
        attacks = [asyncio.create_task(pool.do("a", 0, *ENDLESS)) for _ in range(6)]
        await asyncio.sleep(0)
        assert await pool.do("b", 0, echo, 1) == 1
        assert sum(task.done() for task in attacks) <= 3
        for result in await asyncio.gather(*attacks, return_exceptions=True):
            assert isinstance(result, TooCostly | Overloaded)

    with_pool(scene)


def test_memory_is_bounded():
    async def scene(pool):
        with pytest.raises(TooCostly, match="more than 96 MiB of memory") as refused:
            await pool.do("a", 0, bytearray, 200 * 1024 * 1024)
        assert refused.value.reason == "memory"
        assert await pool.do("a", 0, echo, 1) == 1

    with_pool(scene)


def test_a_process_that_stands_still_uses_no_processor_time():
    async def scene(pool):
        assert await pool.do("a", 0, stop_for, 1.5) == "thawed"

    with_pool(scene)


def test_a_parser_that_falls_is_refused_but_only_when_it_falls_again():
    async def scene(pool):
        with pytest.raises(TooCostly) as refused:
            await pool.do("a", 0, end_with, signal.SIGSEGV)
        assert refused.value.reason == "crash"

    with_pool(scene)


def test_a_process_that_is_killed_costs_a_retry(tmp_path):
    async def scene(pool):
        assert await pool.do("a", 0, end_once, str(tmp_path / "first")) == "done"
        with pytest.raises(ProcessLost):
            await pool.do("a", 0, end_with, signal.SIGKILL)
        assert await pool.do("a", 0, echo, 1) == 1

    with_pool(scene)


def test_work_that_is_given_up_is_not_answered_to_another(tmp_path):
    async def scene(pool):
        given_up = asyncio.create_task(pool.do("a", 0, stop_for, 1.0, tmp_path / "began"))
        await until((tmp_path / "began").exists)
        given_up.cancel()
        assert await pool.do("a", 0, echo, "mine") == "mine"
        assert await pool.do("a", 0, echo, "mine too") == "mine too"

    with_pool(scene)
