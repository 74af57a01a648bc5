"""`newsman source problems`: what sources keep sending wrong, counted from the rejected topic."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from newsman.kafka.commands.command_errors import asks_kafka
from newsman.kafka.commands.parked import Parked, RejectedReader, one_line, open_rejected
from newsman.kafka.commands.settled import is_note
from newsman.settings import KafkaSettings
from newsman.terminal.output import print_json
from newsman_schemas.topics import REJECTED

MAX_KINDS = 10_000
SAMPLE_CHARACTERS = 160
NOBODY = "?"
"""The source of a message in which none is named."""


@dataclass
class RejectionProblem:
    """One kind of problem of a source: how often it came, and the last that did."""

    source: str
    stage: str
    reason: str
    place: str
    times: int
    last: Parked


@asks_kafka
def list_problems(arguments: argparse.Namespace, settings: KafkaSettings) -> int:
    """Prints them, the most frequent first; 1 when Kafka is away."""
    since = datetime.now(UTC) - timedelta(days=arguments.days)
    with open_rejected(settings) as topics:
        reader = RejectedReader(topics, REJECTED.full_name(settings.namespace))
        problems = count_problems(reader.since(since))
    if arguments.json:
        for problem in problems:
            if arguments.name in (None, problem.source):
                print_json(_document(problem))
        return 0
    for line in told(problems, arguments.name):
        sys.stdout.write(line + "\n")
    return 0


def _document(problem: RejectionProblem) -> dict[str, Any]:
    """The problem as JSON shows it."""
    names = ("source", "stage", "reason", "place", "times")
    document = {name: getattr(problem, name) for name in names}
    last = {"offset": problem.last.offset, "at": problem.last.told("first-at")}
    return {**document, "last": {**last, "detail": problem.last.told("detail")}}


def count_problems(parked: Iterable[Parked]) -> list[RejectionProblem]:
    """The problems in parked messages, by source, and the most frequent first."""
    kinds: dict[tuple[str, str, str, str], RejectionProblem] = {}
    for message in parked:
        if is_note(message):
            continue
        place = message.told("place").removeprefix("-")
        kind = (source_of(message), message.told("stage"), message.told("reason"), place)
        problem = kinds.get(kind)
        if problem is not None:
            problem.times += _times(message)
            if message.value or not problem.last.value:
                problem.last = message
        elif len(kinds) < MAX_KINDS:
            kinds[kind] = RejectionProblem(*kind, times=_times(message), last=message)
    return sorted(kinds.values(), key=lambda each: (each.source, -each.times))


def told(problems: Iterable[RejectionProblem], source: str | None) -> Iterator[str]:
    """The lines for an operator."""
    seen = None
    for problem in problems:
        if source not in (None, problem.source):
            continue
        if problem.source != seen:
            seen = problem.source
            yield one_line(seen)
        last = problem.last
        where = f" at {problem.place}" if problem.place else ""
        times = "once" if problem.times == 1 else f"{problem.times} times"
        yield one_line(
            f"  {times}: {problem.stage} {problem.reason}{where}; last {last.told('first-at')}, "
            f"rejected {last.offset}"
        )
        yield one_line(f"    {last.told('detail')}")
        sample = last.value[: SAMPLE_CHARACTERS * 4].decode("utf-8", "backslashreplace")
        yield one_line(f"    {' '.join(sample.split())[:SAMPLE_CHARACTERS]}")


def source_of(message: Parked) -> str:
    """The source of a push by its key, of another message by what it says."""
    if message.origin == "HTTP":
        return message.key.decode("utf-8", "backslashreplace")
    try:
        event = json.loads(message.value)
    except (ValueError, RecursionError):
        return NOBODY
    event = event if isinstance(event, dict) else {}
    article = event.get("article")
    named = article if isinstance(article, dict) else event
    source = named.get("source")
    return source if isinstance(source, str) and source else NOBODY


def _times(message: Parked) -> int:
    """The number of times that it came: those that found no room are counted with the next."""
    times = message.told("times")
    return int(times) if times.isdecimal() and len(times) < 10 else 1
