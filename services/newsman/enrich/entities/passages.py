"""Selection of the passages that the model must read: the lead, then only sentences with names
unknown so far."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.text.common_words import COMMON_WORDS
from newsman.enrich.text.sentences import begins_after, ends_abbreviated

LEAD_CHARACTERS = 250
"""The lead of a news story introduces those that it is about by their full names."""
LONGEST_PASSAGE = 2_000

_LINE = re.compile(r"[^\n]+")
_GAP = re.compile(r"(?<=[.!?…])[”’\"')\]]*\s+(?=[“‘\"'(\[]?[^\W_a-zà-ÿ])")
_CAPITAL = re.compile(r"(?<![\w’'-])[A-ZÀ-ÖØ-Þ][\w’'-]*")
_BEGINS = ".!?…:“‘\"'("
_FIRST = re.compile(r"[“‘\"'(]?(\w+)")
_ENDING = re.compile(r"['’]s?$")


@dataclass(frozen=True)
class Passage:
    """A stretch of one field that the model reads by itself; `start` is its offset there."""

    field: Field
    start: int
    text: str


Finder = Callable[[Sequence[Passage]], list[Mention]]
"""A model: finds the names in passages, with offsets into their fields."""


def lead_passages(texts: Mapping[Field, str], *, most_characters: int) -> list[Passage]:
    """The headline and the first paragraphs, up to the end of the one that fills the lead, without
    sentences that can't hold a name."""
    passages: list[Passage] = []
    for field, text in texts.items():
        # A model trained on running text takes capitals for anything.
        if text.isupper():
            continue
        for passage in _passages(field, text[:most_characters]):
            if field == "body_text" and passage.start > LEAD_CHARACTERS:
                break
            passages += _with_capitals(passage)
    return passages


def _with_capitals(passage: Passage) -> Iterator[Passage]:
    """Stretches of sentences that have a capital beside that of a common first word."""
    start = end = passage.start
    for sentence in _sentences(passage):
        first = _FIRST.match(sentence.text)
        is_plain = first is not None and first.group(1).lower() in COMMON_WORDS
        if is_plain and not _is_open(sentence, set(), set()):
            if end > start:
                yield _part(passage, start, end)
            start = sentence.start + len(sentence.text)
        end = sentence.start + len(sentence.text)
    if end > start:
        yield _part(passage, start, end)


def _part(passage: Passage, start: int, end: int) -> Passage:
    return Passage(passage.field, start, passage.text[start - passage.start : end - passage.start])


def open_passages(
    texts: Mapping[Field, str], mentions: Sequence[Mention], *, most_characters: int
) -> list[Passage]:
    """The sentences behind the lead with a capital word that no known name explains."""
    text = texts["body_text"][:most_characters]
    if text.isupper():
        return []
    explained = {word for mention in mentions for word in _words(mention.text)}
    spans = [range(m.start, m.end) for m in mentions if m.field == "body_text"]
    covered = set(chain.from_iterable(spans))
    return [
        sentence
        for passage in _passages("body_text", text)
        if passage.start > LEAD_CHARACTERS
        for sentence in _sentences(passage)
        if _is_open(sentence, explained, covered)
    ]


def _is_open(passage: Passage, explained: set[str], covered: set[int]) -> bool:
    for match in _CAPITAL.finditer(passage.text):
        if passage.start + match.start() in covered or _plain(match.group()) in explained:
            continue
        before = passage.text[max(0, match.start() - 3) : match.start()]
        after = passage.text[match.end() : match.end() + 2]
        # The first word has its capital anyway, unless another follows: "Marie Curie".
        if begins_after(before, _BEGINS) and not after[1:].isupper():
            continue
        return True
    return False


def _passages(field: Field, text: str) -> Iterator[Passage]:
    """The paragraphs; very long ones in pieces, so that none is read for its length."""
    for line in _LINE.finditer(text):
        start, end = line.span()
        while end - start > LONGEST_PASSAGE:
            cut = text.rfind(". ", start, start + LONGEST_PASSAGE) + 2
            cut = cut if cut > start + 1 else start + LONGEST_PASSAGE
            yield Passage(field, start, text[start:cut])
            start = cut
        yield Passage(field, start, text[start:end])


def _sentences(passage: Passage) -> Iterator[Passage]:
    start = 0
    for gap in _GAP.finditer(passage.text):
        if ends_abbreviated(passage.text, gap.start()):
            continue
        yield Passage(passage.field, passage.start + start, passage.text[start : gap.end()])
        start = gap.end()
    yield Passage(passage.field, passage.start + start, passage.text[start:])


def _words(name: str) -> Iterator[str]:
    for match in _CAPITAL.finditer(name):
        yield _plain(match.group())


def _plain(word: str) -> str:
    return _ENDING.sub("", word)
