"""The cost of a newsroom's own names: reading a list, making the dictionary, finding names in
articles, and a whole enrichment, with none and with so many.

`python tests/bench/own_names.py [NAMES]`, 50,000 by default.
"""

import itertools
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from labelled import stories

from newsman.enrich.core import look, readable
from newsman.enrich.entities.name_lists import load_names
from newsman.enrich.own_names.index import NameIndex, spellings_of
from newsman.enrich.workers.knowledge import load_knowledge
from newsman.kafka.streams import COLLECTING
from newsman.own_names.names_file import read_names
from newsman.runtime.gc_tuning import collect_seldom
from newsman_schemas.articles import Article

LENGTHS = (2_200, 100_000)
ROUNDS = 15


def written(names: int) -> str:
    """A CSV file of people and bodies that begin as the names in articles do."""
    rng, lists = random.Random(7), load_names()
    people, places = sorted(lists.first_names), sorted(lists.cities)
    kinds = ("Institute", "Shipping", "Works", "Athletic", "Partners")
    rows = []
    for number, place in zip(range(names), itertools.cycle(places), strict=False):
        first, kind = rng.choice(people), rng.choice(kinds)
        rows.append(
            f'"{first} {place} {number}",person,wikidata:Q{number},"{first[0]}. {place} {number}",'
            if number % 2
            else f'"{place} {kind} {number}",organisation,desk:{number},"{place} {kind}s {number}",'
        )
    return "\n".join(("name,type,identifier,aliases,never", *rows))


def cpu_ms(work: Callable[[], object]) -> float:
    """The median of the processor time of several rounds, in ms."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        spent.append((time.process_time() - begun) * 1_000)
    return statistics.median(spent)


def articles(length: int) -> list[Article]:
    """The bench's stories one after another, in articles of so many characters."""
    text = "\n".join(f"{story.headline}\n{story.body}" for story in stories())
    while len(text) < 2 * length:
        text += "\n" + text
    parts = [text[start : start + length] for start in range(0, len(text) - length, length)][:20]
    return [
        Article(
            id="a" * 16,
            source="bench",
            uri="urn:bench",
            version_created=datetime(2026, 3, 2, tzinfo=UTC),
            headline="A headline of the bench",
            slug="x",
            body_text=part,
            language="en",
        )
        for part in parts
    ]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def report(label: str, index: NameIndex, texts: Sequence[Article]) -> None:
    per_article = cpu_ms(lambda: [index.find(readable(each)) for each in texts]) / len(texts)
    print(f"{label}: {per_article:.2f} ms")


def main() -> None:
    """Measures and prints."""
    names = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    before = peak_mb()
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write(written(names))
    begun = time.process_time()
    own = read_names(Path(file.name))
    read = time.process_time()
    index = NameIndex(map(spellings_of, own.values()))
    print(f"reading {len(own)} names of CSV: {read - begun:.2f} s")
    print(f"making the dictionary: {time.process_time() - read:.2f} s")
    print(f"memory: {peak_mb() - before:.0f} MiB")
    collect_seldom(*COLLECTING)  # as the service does
    for length in LENGTHS:
        texts = articles(length)
        report(f"finding in {length} characters, no names", NameIndex(()), texts)
        report(f"finding in {length} characters, {len(own)} names", index, texts)
    knowledge, texts = load_knowledge(), articles(LENGTHS[0])
    plain = cpu_ms(lambda: [look(each, knowledge) for each in texts]) / len(texts)
    found = [index.find(readable(each)) for each in texts]
    pairs = list(zip(texts, found, strict=True))
    named = cpu_ms(lambda: [look(each, knowledge, own) for each, own in pairs]) / len(texts)
    print(
        f"the worker's part of {LENGTHS[0]} characters: {plain:.1f} ms, with names {named:.1f} ms"
    )


if __name__ == "__main__":
    main()
