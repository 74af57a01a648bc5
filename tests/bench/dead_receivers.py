"""What a receiver that never answers, or refuses, costs the others, in pairs of runs."""

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

ARTICLES, PAIRS = 2_000, 3
WANTED = 0.9


def dead_receivers(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The table: medians of pairs, in which a run without one stands beside each with one."""
    rows = []
    for name, kind in (("never answers", "silent"), ("refuses connections", "refusing")):
        rates, costs = [], []
        for _ in range(PAIRS):
            alone, alone_cpu = healthy(broker, valkey, folder, dead=None)
            beside, beside_cpu = healthy(broker, valkey, folder, dead=kind)
            rates.append(beside / alone)
            costs.append(alone_cpu / beside_cpu)
        mark = "" if median(rates) >= WANTED else f" {MARK}"
        rows.append(
            f"| {name} | {median(rates):.2f}{mark} | {min(rates):.2f} to {max(rates):.2f} | "
            f"{median(costs):.2f} |\n"
        )
    return (
        f"| beside {RECEIVERS} healthy receivers, one with the same filter that | deliveries/s to "
        f"them, as a ratio to the same without it, median of {PAIRS} pairs | pairs | CPU time a "
        "delivery, without it to with it |\n| --- | --- | --- | --- |\n" + "".join(rows)
    )


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
