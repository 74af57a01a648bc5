"""Turns that two sides take at one work, and the table of what came out."""

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

PAIRS = 3


@dataclass(frozen=True)
class Stand:
    """What all parts share: a broker, a Valkey, a folder that is removed in the end."""

    broker: Broker
    valkey: Valkey
    folder: Path


@dataclass(frozen=True)
class Asked:
    """How long each side works for one row, in seconds, and how many readers streams have."""

    seconds: float
    readers: int


@dataclass(frozen=True)
class Side:
    """A server under load: its address, and the seconds of processors that it has used."""

    url: str
    cpu: Callable[[], float]


@dataclass(frozen=True)
class Done:
    """What a side did in a turn: items, seconds, and ms that 99 of 100 answers took at most."""

    items: int
    seconds: float
    p99_ms: float = 0.0


Work = Callable[[Side, float], Done]
"""A side works for about so many seconds."""


@dataclass(frozen=True)
class Turn:
    """A turn with the processor time that it took, in µs an item."""

    per_second: float
    p99_ms: float
    cpu_us: float


Pairs = Sequence[tuple[Turn, Turn]]
"""Turns of Newsman and of the peer, one after the other."""


@dataclass(frozen=True)
class Row:
    """One figure of both sides; `cpu` is the processor time of each in µs an item."""

    work: str
    ours: float
    theirs: float
    ratio: float | None
    unit: str
    cpu: tuple[float, float] | None = None

    def __str__(self) -> str:
        cells = [
            self.work,
            shown(self.ours, self.unit),
            shown(self.theirs, self.unit),
            "–" if self.ratio is None else f"{self.ratio:.2f}",
            ", ".join(shown(each, " µs") for each in self.cpu or ()),
        ]
        return f"| {' | '.join(cells)} |"


def shown(value: float, unit: str) -> str:
    """A figure with three digits at least, and its unit."""
    return f"{value:,.0f}{unit}" if abs(value) >= 100 else f"{value:.3g}{unit}"


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown."""
    head = "| work | Newsman | peer | ratio | CPU of both |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, *map(str, rows), ""])


def take_turns(name: str, ours: Side, theirs: Side, work: Work, seconds: float) -> Pairs:
    """Pairs of turns that last so many seconds in all on either side.

    A pair before them warms up and does not count; who begins changes from pair to pair.
    """
    pairs = []
    for number in range(PAIRS + 1):
        sides = (ours, theirs) if number % 2 else (theirs, ours)
        turns = {side: _turn(side, work, seconds / PAIRS) for side in sides}
        pairs.append((turns[ours], turns[theirs]))
        rates = ", ".join(f"{turn.per_second:,.0f}/s" for turn in pairs[-1])
        told(f"{name}, pair {number}: {rates}")
    return pairs[1:]


def _turn(side: Side, work: Work, seconds: float) -> Turn:
    before = side.cpu()
    done = work(side, seconds)
    return Turn(done.items / done.seconds, done.p99_ms, (side.cpu() - before) / done.items * 1e6)


def rows(name: str, pairs: Pairs) -> Iterator[Row]:
    """The rate, and the 99th of a hundred delays where they were measured."""
    yield Row(
        name,
        *_medians(pairs, "per_second"),
        statistics.median(one.per_second / other.per_second for one, other in pairs),
        "/s",
        _medians(pairs, "cpu_us"),
    )
    if all(turn.p99_ms for pair in pairs for turn in pair):
        ratio = statistics.median(one.p99_ms / other.p99_ms for one, other in pairs)
        yield Row(f"{name}: p99", *_medians(pairs, "p99_ms"), ratio, " ms")


def _medians(pairs: Pairs, figure: str) -> tuple[float, float]:
    ours, theirs = zip(*pairs, strict=True)
    return _median(ours, figure), _median(theirs, figure)


def _median(turns: Iterable[Turn], figure: str) -> float:
    return statistics.median(getattr(turn, figure) for turn in turns)


def wait_until(condition: Callable[[], bool], limit_seconds: float) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + limit_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def told(text: str) -> None:
    """Says how it goes."""
    print(f"  {text}", file=sys.stderr, flush=True)
