"""Ends a process whose event loop, or whose working thread, stands still: it is started again."""

import asyncio
import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable

from newsman.runtime.crash import EXIT_CRASHED
from newsman.runtime.gil_alarm import GilAlarm, is_possible
from newsman.runtime.health import Pulse
from newsman.runtime.stillness import Stillness, run_delay

log = logging.getLogger(__name__)

STILL_SECONDS = 20.0
THREAD_STILL_SECONDS = 60.0
"""Of threads whose clients block: one turn may take over a partition and read all its state."""
TICK_SECONDS = 1.0
LAST_WORDS_SECONDS = 3.0
"""The log may be what everything waits for; the process ends without it then."""
ANSWER_SECONDS = 1.0
"""A loop that takes longer to answer is not healthy."""


class LoopWatch:
    """Watches one event loop, from the moment on at which it first turns."""

    def __init__(self, name: str, *, limit_seconds: float = STILL_SECONDS) -> None:
        self._name = name
        self._limit_seconds = limit_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = 0

    async def begin(self) -> None:
        """Watches the running loop from now on."""
        self._loop = asyncio.get_running_loop()
        watch_thread(self._name, self._ask, limit_seconds=self._limit_seconds)

    def problem(self) -> str | None:
        """Asks the loop for a sign of life and says so if none comes within a second; blocks."""
        if self._loop is None:
            return None
        answered = threading.Event()
        try:
            self._loop.call_soon_threadsafe(answered.set)
        except RuntimeError:
            return f"the event loop of {self._name} has ended"
        if answered.wait(ANSWER_SECONDS):
            return None
        return f"the event loop of {self._name} has not answered for {ANSWER_SECONDS:.0f} s"

    def _ask(self) -> int:
        """The turns so far; the loop is asked for one more."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._turn)
        except RuntimeError:
            self._turn()  # the loop ended normally; its caller continues
        return self._turns

    def _turn(self) -> None:
        self._turns += 1


def watch_pulse(name: str, pulse: Pulse, *, limit_seconds: float = THREAD_STILL_SECONDS) -> None:
    """Watches the calling thread, which beats the pulse on every turn of its own loop."""
    watch_thread(name, lambda: pulse.beats, limit_seconds=limit_seconds)


def watch_thread(name: str, signs: Callable[[], int], *, limit_seconds: float) -> None:
    """Watches the calling thread by a number that grows with every sign of life."""
    watched = (threading.get_ident(), threading.get_native_id())
    alarm = GilAlarm(limit_seconds) if is_possible() else None
    if alarm:
        alarm.postpone()  # the thread may never get to run
    arguments = (name, signs, limit_seconds, *watched, alarm)
    threading.Thread(target=_watch, args=arguments, name=f"watch-{name}", daemon=True).start()


def _watch(
    name: str,
    signs: Callable[[], int],
    limit_seconds: float,
    thread: int,
    native: int,
    alarm: GilAlarm | None,
) -> None:
    stillness = Stillness(signs, lambda: run_delay(native))
    while True:
        if alarm:
            alarm.postpone()
        time.sleep(TICK_SECONDS)
        seconds = stillness.tick()
        if seconds >= limit_seconds:
            _end(name, seconds, thread)


def _end(name: str, seconds: float, thread: int) -> None:
    """Ends the process, and says where it stood if that can still be said."""
    teller = threading.Thread(target=_tell, args=(name, seconds, thread), daemon=True)
    teller.start()
    teller.join(LAST_WORDS_SECONDS)
    os._exit(EXIT_CRASHED)


def _tell(name: str, seconds: float, thread: int) -> None:
    frame = sys._current_frames().get(thread)
    stack = "".join(traceback.format_stack(frame)) if frame else "its thread has ended\n"
    text = "%s has stood still for %.0f s, ending the process; it is at\n%s"
    log.critical(text, name, seconds, stack)
    faulthandler.dump_traceback(all_threads=True)
    logging.shutdown()
