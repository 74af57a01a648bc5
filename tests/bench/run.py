"""`make bench`: what is fast and what is not, on a Kafka and a Valkey of its own. Prints Markdown.

`tests/bench/run.py --only intake --articles 1000000` runs one part, and that one for longer.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from attacks import attacks
from copies import copies
from dead_receivers import dead_receivers
from delivering import idle, latency, speed
from enriching import ARTICLES, enriching
from entities import entities
from faults import FREEZE_SECONDS, faults
from feed import push_to_feed
from gate import gate_throughput
from growing import SIZES, growing
from intake import MEMORY_ARTICLES, intake
from matching import matching
from model_use import model_use
from pages import pages
from reading import reading
from samples import samples
from stack import MARK, machine, own_stack
from steady_views import steady_views
from streaming import streaming
from views import views_into_redis

from newsman.enrich.workers.knowledge import load_knowledge
from newsman.tools.local.kafka import Broker
from newsman.tools.local.valkey import Valkey

DELIVERING = (speed, idle, latency, dead_receivers)


def main() -> int:
    """Runs every benchmark once, or the ones that are named."""
    parser = argparse.ArgumentParser(description="measure, and print what docs/benchmarks.md holds")
    parser.add_argument(
        "--only",
        choices=(
            "views",
            "steady-views",
            "feed",
            "gate",
            "reading",
            "intake",
            "entities",
            "copies",
            "matching",
            "enriching",
            "model-use",
            "stream",
            "growing",
            "pages",
            "delivering",
            "attacks",
            "faults",
        ),
        action="append",
    )
    parser.add_argument(
        "--articles",
        type=int,
        default=MEMORY_ARTICLES,
        help="how many articles are pushed while intake's memory is watched",
    )
    parser.add_argument(
        "--backlog", type=int, default=ARTICLES, help="how many articles enrich has before it"
    )
    parser.add_argument(
        "--named", default="", help="only the attacks or faults whose names have this in them"
    )
    parser.add_argument(
        "--freeze-seconds",
        type=float,
        default=FREEZE_SECONDS,
        help="how long a frozen process of the faults stands",
    )
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=SIZES,
        help="how many articles the stores have on which is measured what grows",
    )
    arguments = parser.parse_args()
    parts: dict[str, Callable[[Broker, Valkey, Path], str]] = {
        "views": views_into_redis,
        "steady-views": steady_views,
        "feed": push_to_feed,
        "gate": gate_throughput,
        "reading": reading,
        "stream": streaming,
        "growing": lambda *stack: growing(*stack, sizes=arguments.sizes),
        "pages": pages,
        "delivering": lambda *stack: "\n".join(
            part(*stack) for part in DELIVERING if arguments.named in part.__name__
        ),
        "attacks": lambda *stack: attacks(*stack, named=arguments.named),
        "faults": lambda *stack: faults(
            *stack, named=arguments.named, freeze_seconds=arguments.freeze_seconds
        ),
        "intake": lambda *stack: intake(*stack, articles=arguments.articles),
        "entities": lambda *_: entities(load_knowledge()),
        "copies": lambda *_: f"{copies()}\n{samples()}",
        "matching": lambda *_: matching(),
        "model-use": lambda *_: model_use(),
        "enriching": lambda *stack: enriching(*stack, articles=arguments.backlog),
    }
    is_bad = False
    with own_stack() as stack:
        print(machine())
        for name in arguments.only or parts:
            table = parts[name](*stack)
            is_bad = is_bad or MARK in table
            print(table, flush=True)
    return 1 if is_bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
