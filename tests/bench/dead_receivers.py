"""What a receiver that never answers, or refuses, costs the others."""

import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from delivering import AT_ONCE, RECEIVERS, World, arrivals, came, deliver, published, receiver
from stack import MARK, cpu_seconds, wait_for

from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

ARTICLES, PAIRS = 2_000, 4
WANTED = 0.9
DEAD = {"silent": "never answers", "refusing": "refuses connections"}


def dead_receivers(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The table: medians of pairs, each without the dead one and right afterwards with it."""
    table = (
        f"| {RECEIVERS} healthy receivers beside one of the same filter that | their deliveries/s "
        f"as a ratio to those without it, median of {PAIRS} pairs | CPU time a delivery without "
        "it, as a ratio to that with it |\n| --- | --- | --- |\n"
    )
    for kind, name in DEAD.items():
        pairs = [
            [healthy(broker, valkey, folder, dead=dead) for dead in (None, kind)]
            for _ in range(PAIRS)
        ]
        rates = sorted(beside[0] / alone[0] for alone, beside in pairs)
        costs = sorted(alone[1] / beside[1] for alone, beside in pairs)
        table += f"| {name} | {_told(rates)} | {_told(costs)} |\n"
    return table


def _told(ratios: Sequence[float]) -> str:
    mark = "" if median(ratios) >= WANTED else f" {MARK}"
    return f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}){mark}"


def healthy(
    broker: Broker, valkey: Valkey, folder: Path, *, dead: str | None
) -> tuple[float, float]:
    """Deliveries a second to those that answer, and the CPU time of deliver for each in µs."""
    with receiver() as url, refusing() as closed:
        world = World(broker, valkey, f"bench-dead-{uuid.uuid4().hex[:6]}", url)
        for number in range(RECEIVERS):
            world.subscribe(str(number), concurrency=AT_ONCE)
        if dead:
            target = f"{url}/slow" if dead == "silent" else f"{closed}/hook"
            world.subscribe("", target=target, concurrency=AT_ONCE)
        world.publish([published(number) for number in range(ARTICLES)])
        world.flush()
        with deliver(world, broker, valkey, folder) as process:
            before, cpu = came(url), cpu_seconds(process.pid)
            wait_for(lambda: came(url) >= ARTICLES * RECEIVERS, 300)
            cpu = cpu_seconds(process.pid) - cpu
        times = [at for first in arrivals(url).values() for at in first.values()]
    return len(times) / (max(times) - min(times)), cpu / (len(times) - before) * 1e6


@contextmanager
def refusing() -> Iterator[str]:
    """An address that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
