"""What a receiver that never answers, or refuses, costs the others."""

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from delivering import AT_ONCE, RECEIVERS, World, arrivals, came, deliver, published, receiver
from stack import MARK, cpu_seconds, wait_for

from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

ARTICLES, ROUNDS = 1_000, 4
WANTED = 0.9
DEAD = {"silent": "never answers", "refusing": "refuses connections"}


def dead_receivers(broker: Broker, valkey: Valkey, folder: Path) -> str:
    """The table. The best of the rounds are compared, since other work can only slow one down."""
    runs: dict[str | None, list[tuple[float, float]]] = {kind: [] for kind in (None, *DEAD)}
    for _ in range(ROUNDS):
        for kind, measured in runs.items():
            measured.append(healthy(broker, valkey, folder, dead=kind))
    alone, alone_cpu = _best(runs[None])
    table = (
        f"| {RECEIVERS} healthy receivers beside one with the same filter that | their "
        f"deliveries/s, best of {ROUNDS} | as a ratio to those without it | CPU time a delivery, "
        f"without it / with it |\n| --- | --- | --- | --- |\n| is not there | {alone:,.0f} | | |\n"
    )
    for kind, name in DEAD.items():
        rate, cpu = _best(runs[kind])
        mark = "" if rate / alone >= WANTED else f" {MARK}"
        table += f"| {name} | {rate:,.0f} | {rate / alone:.2f}{mark} | {alone_cpu / cpu:.2f} |\n"
    return table


def _best(runs: list[tuple[float, float]]) -> tuple[float, float]:
    return max(rate for rate, _ in runs), min(cpu for _, cpu in runs)


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
