"""Progress of a long command: a bar with the time left on a terminal, seldom lines elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINE_SECONDS = 10.0

Advance = Callable[[int], None]
"""Notes that so many more are done."""


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """Tells on standard error how far it is; `total` in whatever unit is counted."""
    if sys.stderr.isatty():
        yield from _bar(what, total)
    else:
        yield from _lines(what, total)


def _bar(what: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeLeft())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(what, total=total)
        yield lambda number: shown.advance(task, number)


def _lines(what: str, total: int) -> Iterator[Advance]:
    began = told = time.monotonic()
    done = 0

    def advance(number: int) -> None:
        nonlocal done, told
        done += number
        now = time.monotonic()
        if now - told >= LINE_SECONDS and done:
            told = now
            left = (now - began) * max(0, total - done) / done
            print(f"{what}: {done} of {total}, {left:.0f} s left", file=sys.stderr, flush=True)

    yield advance
