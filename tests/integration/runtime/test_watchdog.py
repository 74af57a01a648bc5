"""A loop that stands still ends its process; one that could not have gone on is left alone."""

import signal
import subprocess
import sys
import threading
import time

import pytest

LIMIT_SECONDS = 3
PROGRAM = f"""
import asyncio, logging, re, sys, threading, time
import uvloop
from newsman.runtime.health import Pulse
from newsman.runtime.watchdog import LoopWatch, watch_pulse

logging.basicConfig(level="INFO")
LIMIT = {LIMIT_SECONDS}
"""
ON_A_LOOP = """
async def main():
    watch = LoopWatch("feeds", limit_seconds=LIMIT)
    await watch.begin()
    print("watched", flush=True)
    {work}

with asyncio.Runner(loop_factory={factory}) as runner:
    runner.run(main())
print("over", flush=True)
{after}
"""
ON_A_THREAD = """
pulse = Pulse(limit_seconds=LIMIT)
watch_pulse("popularity", pulse, limit_seconds=LIMIT)
print("watched", flush=True)
{work}
print("over", flush=True)
"""
HOLDS_THE_INTERPRETER = 're.match(r"(a+)+$", "a" * 40 + "b")'
NEVER_ENDS = "time.sleep(60)"
DEADLOCK = "lock = threading.Lock(); lock.acquire(); lock.acquire()"
BUSY = "while True: pass"


@pytest.fixture
def run():
    started = []

    def run(code):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM + code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "watched\n", process.stderr.read()
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def on_a_loop(work, *, factory="uvloop.new_event_loop", after=""):
    return ON_A_LOOP.format(work=work, factory=factory, after=after)


@pytest.mark.parametrize("factory", ["uvloop.new_event_loop", "asyncio.new_event_loop"])
@pytest.mark.parametrize("work", [NEVER_ENDS, DEADLOCK, BUSY], ids=["sleep", "lock", "busy"])
def test_a_loop_that_stands_still_ends_its_process_and_says_where_it_stood(run, factory, work):
    process = run(on_a_loop(work, factory=factory))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 70
    assert "feeds has stood still for" in errors
    assert 'File "<string>", line' in errors


@pytest.mark.parametrize("watched", ["loop", "thread"])
def test_a_call_that_holds_the_interpreter_ends_its_process_too(run, watched):
    code = on_a_loop(HOLDS_THE_INTERPRETER)
    process = run(code if watched == "loop" else ON_A_THREAD.format(work=HOLDS_THE_INTERPRETER))
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 70
    assert 'File "<string>", line' in errors


def test_a_thread_that_beats_no_more_ends_its_process(run):
    process = run(ON_A_THREAD.format(work=NEVER_ENDS))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 70
    assert "popularity has stood still for" in errors


@pytest.mark.parametrize(
    "work",
    [
        f"for _ in range({LIMIT_SECONDS * 4}): time.sleep(0.5); pulse.beat()",
        f"with pulse.excused(): time.sleep({LIMIT_SECONDS * 2})",
    ],
    ids=["beats", "excused"],
)
def test_a_thread_that_beats_or_is_excused_is_left_alone(run, work):
    process = run(ON_A_THREAD.format(work=work))
    assert process.stdout.readline() == "over\n"
    assert process.wait(10) == 0


def test_a_loop_that_ended_in_order_is_left_alone(run):
    process = run(on_a_loop("pass", after=f"time.sleep({LIMIT_SECONDS * 2})"))
    assert process.wait(30) == 0


def test_a_process_that_was_stopped_is_not_accused_of_it(run, eventually):
    process = run(on_a_loop(f"await asyncio.sleep({LIMIT_SECONDS * 3})"))
    process.send_signal(signal.SIGSTOP)
    frozen_until = time.monotonic() + LIMIT_SECONDS * 2
    eventually(lambda: time.monotonic() > frozen_until)
    process.send_signal(signal.SIGCONT)
    assert process.wait(60) == 0


def test_a_loop_is_ended_although_its_log_takes_nothing(run):
    process = run(on_a_loop("sys.stderr.write('x' * 10_000_000)"))
    assert process.wait(60) == 70


def test_a_crowded_machine_is_no_standing_still(run):
    work = f"await asyncio.sleep({LIMIT_SECONDS * 2})"
    crowd = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(8)]
    try:
        assert run(on_a_loop(work)).wait(120) == 0
    finally:
        for process in crowd:
            process.kill()
            process.wait()


def test_the_watch_says_whether_the_loop_answers(eventually):
    import asyncio

    from newsman.runtime.watchdog import LoopWatch

    watch, loop = LoopWatch("feeds", limit_seconds=1_000), asyncio.new_event_loop()
    assert watch.problem() is None
    loop.run_until_complete(watch.begin())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    assert watch.problem() is None
    blocked = threading.Event()
    loop.call_soon_threadsafe(blocked.wait)
    assert "has not answered for 1 s" in watch.problem()
    blocked.set()
    assert watch.problem() is None
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    assert "has ended" in watch.problem()
