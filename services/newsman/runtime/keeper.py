"""Child processes that must run: started again when they end, ended when they answer no more."""

import logging
import subprocess
import time
from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A process that has run for so long and ends is started again after the first wait."""

Process = subprocess.Popen[bytes]


class Backoff:
    """The wait before the next start: it doubles, until a run was steady."""

    def __init__(self) -> None:
        self._next_seconds = FIRST_WAIT_SECONDS

    def after(self, ran_seconds: float) -> float:
        """The seconds to wait after a run of this length."""
        if ran_seconds >= STEADY_SECONDS:
            self._next_seconds = FIRST_WAIT_SECONDS
        wait = self._next_seconds
        self._next_seconds = min(self._next_seconds * 2, LONGEST_WAIT_SECONDS)
        return wait


class Child:
    """One process that must run, whatever happens to it.

    `launch` starts it, each time anew; `ended` is called with each that has ended. One that has
    answered before, and leaves `most_unanswered` questions in a row unanswered, is stuck: it
    can't even end itself, so it is killed.
    """

    def __init__(
        self,
        name: str,
        launch: Callable[[], Process],
        *,
        most_unanswered: int,
        ended: Callable[[Process], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._launch = launch
        self._most_unanswered = most_unanswered
        self._ended = ended
        self._clock = clock
        self._backoff = Backoff()
        self._start_at: float | None = None
        self.process = self._start()

    @property
    def is_running(self) -> bool:
        """False from its end on until it is started again."""
        return self.process.poll() is None

    def look(self) -> bool:
        """Starts it again if it has ended and has waited long enough; True if it did."""
        status, now = self.process.poll(), self._clock()
        if status is None:
            return False
        if self._start_at is None:
            wait = self._backoff.after(now - self._started_at)
            text = "%s (process %d) ended with status %d; again in %.1f s"
            log.warning(text, self.name, self.process.pid, status, wait)
            self._ended(self.process)
            self._start_at = now + wait
        if now < self._start_at:
            return False
        self.process = self._start()
        return True

    def note_answer(self, process: Process, *, has_answered: bool) -> None:
        """Takes down whether the process answered a question; kills it when it is stuck.

        A process that is not the child's any more counts for nothing, so another thread may ask.
        """
        if process is not self.process:
            return
        if has_answered:
            self._has_answered, self._unanswered = True, 0
            return
        self._unanswered += 1
        if self._has_answered and self._unanswered >= self._most_unanswered:
            log.error("%s (process %d) answers no more and is killed", self.name, process.pid)
            process.kill()

    def _start(self) -> Process:
        self._has_answered, self._unanswered = False, 0
        self._started_at = self._clock()
        self._start_at = None
        return self._launch()


def end_together(children: Iterable[Child], *, limit_seconds: float) -> list[int]:
    """Ends those that run, all at once, and kills what takes longer; returns their statuses."""
    running = [child for child in children if child.is_running]
    for child in running:
        child.process.terminate()
    deadline = time.monotonic() + limit_seconds
    return [_wait(child, deadline) for child in running]


def _wait(child: Child, deadline: float) -> int:
    try:
        return child.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.error("%s (process %d) did not end and is killed", child.name, child.process.pid)
        child.process.kill()
        return child.process.wait()
