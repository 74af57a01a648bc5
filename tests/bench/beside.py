"""Processor time of this checkout as a ratio to another one's: `python tests/bench/beside.py DIR`.

Both run on one broker and one Valkey and take turns, so that whatever else the machine does meets
both. DIR is a checkout with an environment of its own (`make env` there).
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from load import Outcome, at_most
from stack import (
    REPOSITORY,
    answers,
    ended,
    environment,
    free_port,
    machine,
    own_stack,
    used_seconds,
    wait_for,
)
from stories import NATIVE, NDJSON, NINJS, batches, distinct
from views_stream import (
    ARTICLES,
    PARTS,
    VIEWS,
    produce_views,
    run_to_the_end,
    start,
    start_empty,
)

from newsman.kafka.topics import ensure_topics
from newsman.redis.client import build_client
from newsman.tools.local.kafka import Broker
from newsman.tools.local.layout import Layout
from newsman.tools.local.supervisor import prepare
from newsman.tools.local.valkey import Valkey
from newsman_schemas.articles import article_id

SECONDS, BATCH, BATCHES, VIEWS_A_PUSH = 4, 500, 40, 50
_firsts = itertools.count(0, 10_000_000)
Measure = Callable[[Path], float]


def main() -> int:
    """Prints microseconds of processor time for each item, here and there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path, help="the checkout that this one is compared with")
    parser.add_argument("--rounds", type=int, default=5, help="pairs that count, after one more")
    arguments = parser.parse_args()
    with own_stack() as (broker, valkey, folder):
        trees = (REPOSITORY, arguments.other.resolve())
        print(machine())
        print("| processor time | here, µs | there, µs | ratio, median of pairs |")
        print("| --- | --- | --- | --- |")
        with ExitStack() as stack:
            measures = pushing(stack, trees, broker, valkey, folder)
            for name, measure in measures.items():
                print(row(name, measure, trees, arguments.rounds), flush=True)
        produce_views(broker.bootstrap, "bench", VIEWS, ARTICLES)
        counting = counting_of(broker, valkey)
        print(row("a view counted", counting, trees, arguments.rounds), flush=True)
    return 0


def row(name: str, measure: Measure, trees: tuple[Path, Path], rounds: int) -> str:
    """A line of the table; who begins changes from pair to pair, the first pair warms up."""
    pairs = []
    for number in range(rounds + 1):
        turns = trees if number % 2 else trees[::-1]
        costs = {tree: measure(tree) for tree in turns}
        pairs.append((costs[trees[0]], costs[trees[1]]))
        print(f"  {name}: {pairs[-1][0]:.1f}, {pairs[-1][1]:.1f} µs", file=sys.stderr)
    here, there = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    ratio = statistics.median(a / b for a, b in pairs[1:])
    return f"| {name} | {here:.1f} | {there:.1f} | {ratio:.2f} |"


def pushing(
    stack: ExitStack, trees: tuple[Path, Path], broker: Broker, valkey: Valkey, folder: Path
) -> dict[str, Measure]:
    """Pushes to ingest of each checkout, which run side by side with topics of their own."""
    layout = Layout(folder / "layout")
    prepare(layout)
    running = {
        tree: stack.enter_context(ingest(tree, f"n{number}", broker, valkey, layout))
        for number, tree in enumerate(trees)
    }

    def measured(push: Callable[[str], Outcome], items: int) -> Measure:
        def measure(tree: Path) -> float:
            process, url = running[tree]
            before = used_seconds(process.pid)
            outcome = push(url).must_be_taken()
            return (used_seconds(process.pid) - before) / outcome.statuses[202] / items * 1e6

        return measure

    def one_a_push(kind: str) -> Callable[[str], Outcome]:
        return lambda url: at_most(
            url, kind, distinct(kind, first=next(_firsts)), connections=64, seconds=SECONDS
        )

    def lines(url: str) -> Outcome:
        bodies = itertools.islice(batches(BATCH, first=next(_firsts)), BATCHES)
        return at_most(url, NDJSON, iter(list(bodies)), connections=4, pushes=BATCHES)

    def views(url: str) -> Outcome:
        bodies = pushes_of_views(next(_firsts))
        return at_most(
            f"{url}/v1/views", "application/json", bodies, connections=16, seconds=SECONDS
        )

    return {
        "an article of 3 kB a request": measured(one_a_push(NATIVE), 1),
        "the same as ninjs": measured(one_a_push(NINJS), 1),
        f"an article of {BATCH} as NDJSON": measured(lines, BATCH),
        f"a view of {VIEWS_A_PUSH} a request": measured(views, VIEWS_A_PUSH),
    }


@contextmanager
def ingest(
    tree: Path, namespace: str, broker: Broker, valkey: Valkey, layout: Layout
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """ingest of a checkout, ready, and its address."""
    ensure_topics(broker.bootstrap, namespace, replication=1)
    port = free_port()
    env = {
        **os.environ,
        **environment(broker, valkey, port),
        "NEWSMAN_NAMESPACE": namespace,
        "NEWSMAN_SOURCES_FILE": str(layout.sources),
        "NEWSMAN_LOG_LEVEL": "ERROR",
    }
    words = [str(tree / ".venv/bin/python"), "-m", "newsman.cli", "ingest"]
    # Earlier versions have their health on the port of the pushes.
    urls = [f"http://127.0.0.1:{number}/readyz" for number in (port, port + 1)]
    with ended(subprocess.Popen(words, env=env, cwd=tree)) as process:
        wait_for(lambda: any(answers(url) for url in urls))
        yield process, f"http://127.0.0.1:{port}"


def pushes_of_views(first: int) -> Iterator[bytes]:
    """Pushes of views of some articles by ever new readers."""
    articles = [article_id("bench", str(number)) for number in range(ARTICLES)]
    for number in itertools.count(first):
        start = number * VIEWS_A_PUSH
        yield json.dumps(
            [
                {"article": articles[(start + place) % ARTICLES], "reader": f"r{start + place}"}
                for place in range(VIEWS_A_PUSH)
            ]
        ).encode()


def counting_of(broker: Broker, valkey: Valkey) -> Measure:
    """Counting all views of the log by the consumer of each checkout, into an empty Redis."""
    client = build_client(valkey.url)

    def measure(tree: Path) -> float:
        start_empty(client)
        program = (str(tree / ".venv/bin/python"), str(tree / "tests/bench/views_worker.py"))
        worker = start(broker, valkey, "bench", "keys", PARTS, program=program)
        before = used_seconds(worker.pid)
        run_to_the_end([worker])
        cost = (used_seconds(worker.pid) - before) / VIEWS * 1e6
        worker.communicate()
        return cost

    return measure


if __name__ == "__main__":
    raise SystemExit(main())
