"""Tests of several processes run side by side, but for those that must have the machine alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

BESIDE_OTHERS, ALONE = fcntl.LOCK_SH, fcntl.LOCK_EX
DOOR, ROOM = Path(__file__), Path(__file__).parent


class Turns:
    """The turns of the tests of this process."""

    def __init__(self) -> None:
        self._held: ExitStack | None = None

    @contextmanager
    def take(self, kind: int, next_kind: int) -> Iterator[None]:
        """Waits until a test may run, BESIDE_OTHERS or ALONE, and keeps who may not out meanwhile.

        Between two that run alone nobody else comes in.
        """
        if self._held is None:
            self._held = ExitStack()
            self._held.enter_context(_turn(kind))
        try:
            yield
        finally:
            if (kind, next_kind) != (ALONE, ALONE):
                self._held.close()
                self._held = None


@contextmanager
def _turn(kind: int) -> Iterator[None]:
    # Who waits to be alone stands in the door, or others would go in for ever.
    with locked(DOOR):
        room = _lock(ROOM, kind)
    try:
        yield
    finally:
        _unlock(room)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time, by a file or folder that is there."""
    held = _lock(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        _unlock(held)


def _lock(path: Path, kind: int) -> int:
    held = os.open(path, os.O_RDONLY)
    fcntl.flock(held, kind)
    return held


def _unlock(held: int) -> None:
    # Closing is not enough: a forked child may have the same open file.
    fcntl.flock(held, fcntl.LOCK_UN)
    os.close(held)
