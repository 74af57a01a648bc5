"""How many of the names in labelled texts enrich finds: exact span, and type.

`python tests/bench/entities.py FOLDER [0|1]` scores it with a model that
`deploy/names_model/train.py` wrote, and of Wikigold only the even (0) or the odd (1) documents.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import spacy
from labelled import (
    Labelled,
    Name,
    desk_stories,
    event_stories,
    stories,
    wikigold,
    wire_stories,
)

from newsman.enrich.core import Knowledge, look
from newsman.enrich.entities.passages import Passage
from newsman.enrich.entities.spacy_finder import UNUSED, finder_of
from newsman.enrich.workers.knowledge import load_knowledge
from newsman_schemas.articles import Article

WIKIGOLD = Path(__file__).parents[3] / "shared" / "data" / "ner" / "wikigold-dev.conll"
SCORED = ("person", "organisation", "place")
RARER = ("event", "work")

Names = Callable[[Article], set[Name]]


def article(story: Labelled) -> Article:
    """The story as it would come from a newsroom."""
    return Article(
        id="a" * 16,
        source="bench",
        uri="urn:bench:1",
        version_created=datetime(2026, 3, 2, tzinfo=UTC),
        headline=story.headline,
        slug="story",
        body_text=story.body,
        language="en",
    )


def entities(knowledge: Knowledge, documents: slice = slice(None)) -> str:
    """F1 of the model alone and of enrich, on every set."""
    seen, held_out = wire_stories()
    sets = {"own stories": stories(), "wires seen": seen, "wires held out": held_out}
    sets |= dict(zip(("desks seen", "desks held out"), desk_stories(), strict=True))
    if WIKIGOLD.exists():
        sets |= {"Wikigold, dev half": list(wikigold(WIKIGOLD))[documents]}
    finders = {"model alone": by_the_model(knowledge), "enrich": by_enrich(knowledge)}
    rows = [
        f"| {name}, {finder} | " + " | ".join(scores(texts, find)) + " |"
        for name, texts in sets.items()
        for finder, find in finders.items()
    ]
    heads = [
        "names, exact span and type",
        "precision",
        "recall",
        "F1",
        *(f"F1 {k}" for k in SCORED),
    ]
    table = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|", *rows, ""]
    return "\n".join([*table, *_rarer(finders)])


def _rarer(finders: dict[str, Names]) -> list[str]:
    """F1 of events and works, on stories about them."""
    seen, held_out = event_stories()
    rows = ["| events and works | F1 event | F1 work |", "| --- | --- | --- |"]
    for name, texts in (("stories seen", seen), ("stories held out", held_out)):
        for finder, find in finders.items():
            figures = scores(texts, find, RARER)[3:]
            rows.append(f"| {name}, {finder} | {' | '.join(figures)} |")
    return [*rows, ""]


def by_enrich(knowledge: Knowledge) -> Names:
    """What enrich finds."""

    def find(article: Article) -> set[Name]:
        found = look(article, knowledge).entities
        return {(s.field, s.start, s.end, each.type) for each in found for s in each.evidence}

    return find


def by_the_model(knowledge: Knowledge) -> Names:
    """What the model finds by itself."""

    def find(article: Article) -> set[Name]:
        found = knowledge.finders["en"](
            [
                Passage("headline", 0, article.headline),
                Passage("body_text", 0, article.body_text),
            ]
        )
        return {(m.field, m.start, m.end, m.type) for m in found}

    return find


def scores(texts: Iterable[Labelled], find: Names, kinds: Sequence[str] = SCORED) -> list[str]:
    """Precision, recall and F1 over all scored types, and F1 of each."""
    hits, got, wanted = Counter[str](), Counter[str](), Counter[str]()
    for text in texts:
        found = find(article(text))
        for kind in kinds:
            mine = {name for name in found if name[3] == kind}
            gold = {name for name in text.names if name[3] == kind}
            hits[kind] += len(mine & gold)
            got[kind] += len(mine)
            wanted[kind] += len(gold)
    all_hits, all_got, all_wanted = hits.total(), got.total(), wanted.total()
    figures = [all_hits / all_got, all_hits / all_wanted, 2 * all_hits / (all_got + all_wanted)]
    figures += [2 * hits[kind] / (got[kind] + wanted[kind]) for kind in kinds]
    return [f"{figure:.3f}" for figure in figures]


def with_model(folder: str) -> Knowledge:
    """What enrich knows, with another English model."""
    knowledge = load_knowledge()
    finder, _ = finder_of(spacy.load(folder, exclude=UNUSED))
    return replace(knowledge, finders={**knowledge.finders, "en": finder})


if __name__ == "__main__":
    chosen = with_model(sys.argv[1]) if len(sys.argv) > 1 else load_knowledge()
    print(entities(chosen, slice(int(sys.argv[2]), None, 2) if len(sys.argv) > 2 else slice(None)))
