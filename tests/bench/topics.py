"""How many texts get a right first-level Media Topic first, and the place of the event."""

from collections.abc import Sequence

from entities import article
from labelled import Labelled, stories, topic_texts, wire_stories

from newsman.enrich.core import Findings, Knowledge, look
from newsman.enrich.tags.media_topics import load_vocabulary, plain_code
from newsman.enrich.workers.knowledge import load_knowledge


def topics() -> str:
    """The table of all sets."""
    knowledge = load_knowledge()
    wires, wires_held_out = wire_stories()
    seen, held_out = topic_texts()
    sets = {
        "own stories": stories(),
        "wires seen": wires,
        "wires held out": wires_held_out,
        "flashes and leads seen": seen,
        "flashes and leads held out": held_out,
    }
    rows = [
        f"| {name} | {right(texts, knowledge)} of {len(texts)} |" for name, texts in sets.items()
    ]
    return "\n".join(["| first tag of the first level | right |", "| --- | --- |", *rows, ""])


def right(texts: Sequence[Labelled], knowledge: Knowledge) -> int:
    """The number of texts whose first tag of the first level is one of the labels."""
    return sum(first_level(look(article(text), knowledge)) in text.topics for text in texts)


def first_level(findings: Findings) -> str | None:
    """The code of the first tag of the first level, None without one."""
    codes = (plain_code(tag.code) for tag in findings.tags)
    vocabulary = load_vocabulary()
    return next((code for code in codes if code and vocabulary[code].broader is None), None)


if __name__ == "__main__":
    print(topics())
