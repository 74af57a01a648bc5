"""Waiting at the start, telling of outages once, and time that counts only while awake."""

import asyncio
import logging
import threading

import pytest

from newsman.runtime.awake import within
from newsman.runtime.logs import is_for_operators
from newsman.runtime.outage import Outage
from newsman.runtime.startup import wait_for


def test_each_need_is_waited_for_and_told_once(caplog, monkeypatch):
    monkeypatch.setattr("newsman.runtime.startup.POLL_SECONDS", 0)
    answers = {"kafka": iter(["away", "still away", None]), "redis": iter([None])}
    needs = {name: lambda name=name: next(answers[name]) for name in answers}
    beats = []
    with caplog.at_level(logging.INFO):
        assert wait_for(needs, threading.Event(), beat=lambda: beats.append(1))
    assert caplog.messages == ["waiting for kafka: away", "kafka: there now"]
    assert len(beats) == 3


def test_who_is_told_to_stop_waits_no_longer():
    stopping = threading.Event()
    stopping.set()
    assert not wait_for({"kafka": lambda: "away"}, stopping, beat=lambda: None)


def test_an_outage_is_told_when_it_begins_and_when_it_is_over(caplog):
    outage = Outage(logging.getLogger("x"), "Redis is away")
    with caplog.at_level(logging.INFO):
        for problem in ("refused", "refused"):
            outage.failed(problem)
        outage.over()
        outage.over()
    assert caplog.messages == ["Redis is away, trying again: refused", "Redis is away: over"]


@pytest.mark.parametrize(
    ("logger", "message", "is_shown"),
    [
        ("kafka.net.selector", "Task <x> ran for 0.301s (>0.100s threshold)", False),
        ("kafka.net.selector", "the selector is broken", True),
        ("aiokafka.consumer.group_coordinator", "failed because it is rebalancing", False),
        ("aiokafka.consumer.group_coordinator", "fenced", True),
        ("mode.timers", "Timer commit is overlapping (interval=0.5 runtime=0.8)", False),
        ("newsman.feeds.stream.tail", "ran for", True),
    ],
)
def test_only_what_is_ordinary_is_left_out_of_the_log(logger, message, is_shown):
    record = logging.LogRecord(logger, logging.WARNING, "", 0, message, (), None)
    assert is_for_operators(record) is is_shown


def test_work_that_is_done_within_the_limit_is_answered():
    async def work() -> str:
        return "done"

    assert asyncio.run(within(work(), seconds=0.01)) == "done"


def test_work_that_takes_longer_is_ended():
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        asyncio.run(within(work(), seconds=0.01))
    assert ended == ["cancelled"]


def test_what_fails_fails_as_it_would_alone():
    async def work() -> None:
        raise EOFError

    with pytest.raises(EOFError):
        asyncio.run(within(work(), seconds=1))
