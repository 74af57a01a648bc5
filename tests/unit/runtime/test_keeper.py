"""Processes that must run are started again with patience, and killed when they are stuck."""

import signal
import subprocess
import sys

import pytest

from newsman.runtime.keeper import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    STEADY_SECONDS,
    Backoff,
    Child,
    end_together,
)

MOST_UNANSWERED = 3
READY = "print('ready', flush=True); signal.pause()"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}"
ORDERLY = f"import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); {READY}"


class Clock:
    """A clock that the test moves on."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Launches:
    """Starts Python with one program after the other, the last one for ever; ends what is left."""

    def __init__(self):
        self.started = []
        self.ended = []

    def __call__(self, *programs):
        waiting = list(programs)

        def launch():
            program = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
            self.started.append(process)
            if "ready" in program:
                process.stdout.readline()
            return process

        return launch

    def end(self):
        for process in self.started:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def launches():
    made = Launches()
    yield made
    made.end()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def child_of(launches, clock):
    def make(*programs, name="child"):
        return Child(
            name,
            launches(*programs),
            most_unanswered=MOST_UNANSWERED,
            ended=launches.ended.append,
            clock=clock,
        )

    return make


def answer(child, *answers):
    for has_answered in answers:
        child.note_answer(child.process, has_answered=has_answered)


def test_the_wait_before_a_start_doubles_and_falls_back_after_a_steady_run():
    backoff = Backoff()
    waits = [backoff.after(0.1) for _ in range(8)]
    assert waits[:3] == [FIRST_WAIT_SECONDS * factor for factor in (1, 2, 4)]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert backoff.after(STEADY_SECONDS) == FIRST_WAIT_SECONDS


def test_one_that_runs_is_left_alone(child_of, launches):
    child = child_of(ORDERLY)
    assert not child.look()
    assert child.is_running
    assert len(launches.started) == 1


def test_one_that_ends_is_started_again_after_its_wait(child_of, launches, clock, caplog):
    child = child_of("exit(70)", ORDERLY)
    first = child.process
    first.wait()
    assert not child.look()
    clock.now += FIRST_WAIT_SECONDS / 2
    assert not child.look()
    clock.now += FIRST_WAIT_SECONDS / 2
    assert child.look()
    assert child.process is not first
    assert child.is_running
    assert launches.ended == [first]
    assert caplog.messages == [f"child (process {first.pid}) ended with status 70; again in 0.5 s"]


def test_one_that_ends_again_and_again_waits_longer_each_time(child_of, clock):
    child = child_of("exit(1)")
    waits = []
    for _ in range(3):
        child.process.wait()
        began_at = clock.now
        while not child.look():
            clock.now += 0.125
        waits.append(clock.now - began_at)
    assert waits == [0.5, 1.0, 2.0]


def test_one_that_never_answered_is_still_starting(child_of):
    child = child_of(ORDERLY)
    answer(child, *[False] * 10 * MOST_UNANSWERED)
    assert child.is_running


def test_one_that_answered_and_does_not_any_more_is_killed(child_of, caplog):
    child = child_of(DEAF)
    answer(child, True, False, False)
    assert child.is_running
    answer(child, False)
    assert child.process.wait(10) == -signal.SIGKILL
    assert "answers no more and is killed" in caplog.text


def test_an_answer_begins_the_count_anew(child_of):
    child = child_of(ORDERLY)
    answer(child, *[True, False, False] * 3)
    assert child.is_running


def test_the_next_process_is_not_judged_by_the_last(child_of, clock):
    child = child_of(ORDERLY, ORDERLY)
    first = child.process
    answer(child, True, False, False, False)
    first.wait(10)
    child.look()
    clock.now += FIRST_WAIT_SECONDS
    assert child.look()
    child.note_answer(first, has_answered=True)  # of a thread that asked before the end
    answer(child, *[False] * 10 * MOST_UNANSWERED)
    assert child.is_running


def test_all_end_at_once_and_what_does_not_is_killed(child_of, caplog):
    children = [child_of(ORDERLY), child_of(DEAF, name="deaf"), child_of("exit(70)")]
    children[2].process.wait()
    assert end_together(children, limit_seconds=0.5) == [0, -signal.SIGKILL]
    assert f"deaf (process {children[1].process.pid}) did not end and is killed" in caplog.text
