"""Which faults are done to which container, when, and for how long: chosen by a seed alone."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

SERVICES = ("ingest", "enrich", "publish", "popularity", "feeds", "deliver")
CONTAINERS = ("kafka", "redis", *SERVICES)
VOLUMES: Mapping[str, str] = {
    "kafka": "kafka", "redis": "redis", "assets": "ingest", "catalogue": "feeds",
}  # fmt: skip
"""Volumes that are filled, each with the container that writes to it."""
TO_ALL = ("kill", "restart", "pause", "disconnect")
CLOCKS_SECONDS = (-7_200.0, -240.0, 240.0, 7_200.0)
SIGNED_CLOCKS_SECONDS = (-240.0, 240.0)
"""What deliver signs is refused by receivers when its time is more than five minutes away."""
LASTS_SECONDS: Mapping[str, tuple[float, float]] = {
    "kill": (0.5, 3.0),
    "restart": (0.0, 0.0),
    "pause": (2.0, 5.0),
    "disconnect": (2.0, 6.0),
    "clock": (5.0, 12.0),
    "disk full": (5.0, 10.0),
    "long pause": (46.0, 50.0),
}
"""Kinds of faults, and how long they last. A session in a consumer group has 45 s at most."""
ROUTINE_SECONDS = 1.5
"""What it takes to begin a fault and to take it back, until another may come to that container."""
CALM_SECONDS = 3.0
"""The log has something of every kind before the first fault."""


@dataclass(frozen=True)
class Fault:
    """What is done to a container, so many seconds after the beginning, and for how long.

    `detail` is the volume that is filled, or by how many seconds the clock is moved.
    """

    kind: str
    container: str
    lasts_seconds: float
    detail: str = ""
    at_seconds: float = 0.0

    @property
    def ends_seconds(self) -> float:
        """When the next may begin there."""
        return self.at_seconds + self.lasts_seconds + ROUTINE_SECONDS

    def __str__(self) -> str:
        return f"{self.kind:<10}  {self.container:<10}  {self.lasts_seconds:4.1f} s  {self.detail}"


def planned(seed: int, seconds: float) -> list[Fault]:
    """The faults in the order of their beginnings, two or three at a time.

    Every fault comes to every container once, as far as the time goes, and then again and again.
    """
    chance = random.Random(seed)
    faults = list(_round(chance))
    lanes = 2 if _end(_laid(faults, 2)) <= seconds else 3
    while _end(_laid(faults, lanes)) <= seconds:
        faults += _round(chance)
    return [fault for fault in _laid(faults, lanes) if fault.ends_seconds <= seconds]


def _round(chance: random.Random) -> Iterator[Fault]:
    """Each fault to each container once, and one pause that is longer than a session, at first."""
    pairs = [
        *((kind, name) for kind in TO_ALL for name in CONTAINERS),
        *(("clock", name) for name in SERVICES),
        *(("disk full", volume) for volume in VOLUMES),
    ]  # fmt: skip
    chance.shuffle(pairs)
    for kind, name in (("long pause", chance.choice(CONTAINERS)), *pairs):
        yield _fault(chance, kind, name)


def _fault(chance: random.Random, kind: str, name: str) -> Fault:
    lasts = round(chance.uniform(*LASTS_SECONDS[kind]), 1)
    if kind == "disk full":
        return Fault(kind, VOLUMES[name], lasts, name)
    if kind == "clock":
        ahead = chance.choice(SIGNED_CLOCKS_SECONDS if name == "deliver" else CLOCKS_SECONDS)
        return Fault(kind, name, lasts, f"{ahead:+.0f}")
    return Fault(kind, name, lasts)


def _laid(faults: Sequence[Fault], lanes: int) -> list[Fault]:
    """The faults, so many at a time, each as soon as its container is whole and a lane is free."""
    left, laid = list(faults), []
    free_at = [CALM_SECONDS] * lanes
    whole_at: dict[str, float] = {}
    while left:
        now = min(free_at)
        fault = min(left, key=lambda each: max(now, whole_at.get(each.container, 0.0)))
        at = max(now, whole_at.get(fault.container, 0.0))
        laid.append(replace(fault, at_seconds=round(at, 1)))
        left.remove(fault)
        ends = laid[-1].ends_seconds
        free_at[free_at.index(now)] = whole_at[fault.container] = ends
    return sorted(laid, key=lambda fault: fault.at_seconds)


def _end(faults: Sequence[Fault]) -> float:
    return max(fault.ends_seconds for fault in faults)
