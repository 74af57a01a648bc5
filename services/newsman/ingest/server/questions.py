"""A worker of ingest is asked by its keeper how it is, and answers from its event loop.

A question is a line with a number, the answer a line of JSON with the same number and the problem
that keeps the worker from taking pushes, if it has one. Only a loop that turns answers.
"""

import asyncio
import json
import socket
import threading
import time

from newsman.runtime.health import Check

ANSWER_SECONDS = 1.0
MOST_UNANSWERED = 100
"""More questions are not put to a worker that answers none."""
PIECE_BYTES = 4_096


def answer_questions(questions_fd: int, taking: Check) -> None:
    """Answers on the running loop for as long as it turns."""
    questions = socket.socket(fileno=questions_fd)
    questions.settimeout(0.0)
    loop = asyncio.get_running_loop()

    def answer() -> None:
        asked = questions.recv(PIECE_BYTES)
        if not asked:  # the keeper is gone, which is reported elsewhere
            loop.remove_reader(questions)
            return
        number = int(asked.split()[-1])
        questions.send(json.dumps([number, taking()]).encode() + b"\n")

    loop.add_reader(questions, answer)


class WorkerLine:
    """The keeper's end of the line to one worker; safe across threads."""

    def __init__(self, questions: socket.socket) -> None:
        self._questions = questions
        self._lock = threading.Lock()
        self._asked = 0
        self._answered = 0
        self._pending = b""
        self.problem: str | None = None
        """What keeps the worker from taking pushes, as it last said."""

    @property
    def has_answered(self) -> bool:
        """The worker has come so far as to answer once."""
        return self._answered > 0

    def answers(self) -> bool:
        """Asks the worker; False if nothing comes within a second. Blocks."""
        deadline = time.monotonic() + ANSWER_SECONDS
        if not self._lock.acquire(timeout=ANSWER_SECONDS):
            return False
        try:
            return self._ask(deadline)
        except OSError:
            return False
        finally:
            self._lock.release()

    def close(self) -> None:
        """Ends the line."""
        self._questions.close()

    def _ask(self, deadline: float) -> bool:
        if self._asked - self._answered < MOST_UNANSWERED:
            self._asked += 1
            self._questions.send(b"%d\n" % self._asked)
        while self._answered < self._asked:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._questions.settimeout(left)
            piece = self._questions.recv(PIECE_BYTES)
            if not piece:
                return False
            self._read(piece)
        return True

    def _read(self, piece: bytes) -> None:
        *lines, self._pending = (self._pending + piece).split(b"\n")
        for line in lines:
            self._answered, self.problem = json.loads(line)
