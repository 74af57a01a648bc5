"""What a receiver that never answers, or refuses, costs the others, beside runs without one."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from delivering import AT_ONCE, RECEIVERS, World, arrivals, came, deliver, published, receiver
from stack import MARK, cpu_seconds, wait_for

from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

ARTICLES, ROUNDS = 1_000, 3
WANTED = 0.9
DEAD = {"silent": "never answers", "refusing": "refuses connections"}


def dead_receivers(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The table: medians of rounds, each of a run without a dead one and one with each kind."""
    rates: dict[str, list[float]] = {kind: [] for kind in DEAD}
    costs: dict[str, list[float]] = {kind: [] for kind in DEAD}
    for _ in range(ROUNDS):
        alone, alone_cpu = healthy(broker, valkey, folder, dead=None)
        for kind in DEAD:
            beside, beside_cpu = healthy(broker, valkey, folder, dead=kind)
            rates[kind].append(beside / alone)
            costs[kind].append(alone_cpu / beside_cpu)
    return (
        f"| {RECEIVERS} healthy receivers beside one with the same filter that | their "
        "deliveries/s, as a ratio to those without it | ratios of the rounds | CPU time a "
        "delivery, without it / with it |\n| --- | --- | --- | --- |\n"
    ) + "".join(_row(name, rates[kind], costs[kind]) for kind, name in DEAD.items())


def _row(name: str, rates: list[float], costs: list[float]) -> str:
    mark = "" if median(rates) >= WANTED else f" {MARK}"
    each = ", ".join(f"{rate:.2f}" for rate in rates)
    return f"| {name} | {median(rates):.2f}{mark} | {each} | {median(costs):.2f} |\n"


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
            wait_for(lambda: came(url) >= ARTICLES * RECEIVERS, 300)
            cpu = cpu_seconds(process.pid)
        times = [at for first in arrivals(url).values() for at in first.values()]
    return len(times) / (max(times) - min(times)), cpu / len(times) * 1e6


@contextmanager
def refusing() -> Iterator[str]:
    """An address that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
