"""Texts whose names are labelled by hand: Wikigold's half, and stories written for Newsman."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STORIES = Path(__file__).parent / "labelled_stories.txt"
WIRES = Path(__file__).parent / "labelled_wires.txt"
DESKS = Path(__file__).parent / "labelled_desks.txt"
TOPICS = Path(__file__).parent / "labelled_topics.txt"
EVENTS = Path(__file__).parent / "labelled_events.txt"
TYPES = {
    "PER": "person",
    "ORG": "organisation",
    "LOC": "place",
    "EVT": "event",
    "WRK": "work",
    "MISC": "misc",
}
_LABEL = re.compile(r"\[(PER|ORG|LOC|EVT|WRK) ([^\]]+)\]")

Name = tuple[str, int, int, str]
"""Field, half-open character offsets, type."""


@dataclass(frozen=True)
class Labelled:
    """A story, the names in it, the Media Topics of the first level it belongs to, its genre."""

    headline: str
    body: str
    names: frozenset[Name]
    topics: frozenset[str] = frozenset()
    genre: str = "news"
    place: str | None = None


def stories() -> list[Labelled]:
    """The project's own stories."""
    text = STORIES.read_text(encoding="utf-8")
    return [_story(part) for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]]


def event_stories() -> tuple[list[Labelled], list[Labelled]]:
    """Stories about events and works: those that rules were written with, and those held out."""
    return _halves(EVENTS)


def wire_stories() -> tuple[list[Labelled], list[Labelled]]:
    """Stories as agencies and regional papers send them: those that rules were written with, and
    those held out."""
    return _halves(WIRES)


def desk_stories() -> tuple[list[Labelled], list[Labelled]]:
    """More of the same kinds: those that rules were written with, and those held out."""
    return _halves(DESKS)


def _halves(path: Path) -> tuple[list[Labelled], list[Labelled]]:
    seen, held_out = path.read_text(encoding="utf-8").split("\n== held out\n")
    parts = (re.split(r"^== ", text, flags=re.MULTILINE)[1:] for text in (seen, held_out))
    first, second = ([_story(part) for part in some] for some in parts)
    return first, second


def _story(part: str) -> Labelled:
    labels, headline, body = part.strip().split("\n", 2)
    topics, genre, place = (*map(str.strip, labels.split("|")), "news", "-")[:3]
    names: set[Name] = set()
    plain = {}
    for field, marked in (("headline", headline), ("body_text", body)):
        plain[field] = _unmarked(field, marked, names)
    return Labelled(
        plain["headline"],
        plain["body_text"],
        frozenset(names),
        frozenset(topics.strip().split(",")),
        genre,
        None if place == "-" else place,
    )


def _unmarked(field: str, marked: str, names: set[Name]) -> str:
    text, done = "", 0
    for match in _LABEL.finditer(marked):
        text += marked[done : match.start()]
        names.add((field, len(text), len(text) + len(match[2]), TYPES[match[1]]))
        text += match[2]
        done = match.end()
    return text + marked[done:]


def wikigold(path: Path) -> Iterator[Labelled]:
    """The documents of a CoNLL file (IO tags), their words joined by blanks."""
    for document in path.read_text(encoding="utf-8").split("-DOCSTART-")[1:]:
        names: list[Name] = []
        text, before = "", "O"
        for line in document.split("\n")[1:]:
            word, _, tag = line.rpartition(" ")
            if not word:
                before = "O"
                continue
            start = len(text)
            text += word + " "
            if tag != "O" and tag == before:
                field, first, _, kind = names.pop()
                names.append((field, first, start + len(word), kind))
            elif tag != "O":
                names.append(("body_text", start, start + len(word), TYPES[tag[2:]]))
            before = tag
        yield Labelled("A text", text, frozenset(names))


def topic_texts() -> tuple[list[Labelled], list[Labelled]]:
    """Flashes and leads with their Media Topics: those that rules were written with, and those held
    out."""
    seen, held_out = TOPICS.read_text(encoding="utf-8").split("\n== held out\n")
    first, second = (
        [_lead(line) for line in part.splitlines() if line and line[0] != "#"]
        for part in (seen, held_out)
    )
    return first, second


def _lead(line: str) -> Labelled:
    topics, headline, body = line.split("|")
    return Labelled(headline, body, frozenset(), frozenset(topics.split(",")))
