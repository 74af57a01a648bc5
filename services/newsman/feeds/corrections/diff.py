"""Differences between one version of an article and the next, as readers would tell them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.corrections import correction_note

Op = Literal["same", "added", "removed"]

PARAGRAPH = "paragraph"
MOST_COMPARED = 4_000
"""Paragraphs of a text, or words of a paragraph; what is longer counts as changed as a whole."""
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


@dataclass(frozen=True)
class Piece:
    """Some words, and whether they stayed, came or went."""

    op: Op
    text: str


@dataclass(frozen=True)
class FieldChange:
    """One changed part of an article, word by word; `where` is headline, subheadline, byline or
    paragraph."""

    where: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class VersionDifference:
    """All that changed from one version to the next."""

    changes: tuple[FieldChange, ...]
    numbers_gone: tuple[str, ...] = ()
    numbers_new: tuple[str, ...] = ()
    names_gone: tuple[str, ...] = ()
    names_new: tuple[str, ...] = ()
    note: str | None = None
    correction: str | None = None
    """The newsroom's note to a correction that it admits, "" without a note; None is no correction,
    and whatever changed is an update."""

    @property
    def is_correction(self) -> bool:
        """True if the newsroom says that it corrects what readers had."""
        return self.correction is not None


def difference(before: EnrichedArticle, after: EnrichedArticle) -> VersionDifference:
    """The changes from one version to the next, as a reader would have to be told them."""
    lines = ("headline", "subheadline", "byline")
    changes = [
        FieldChange(where, words(getattr(before, where) or "", getattr(after, where) or ""))
        for where in lines
        if (getattr(before, where) or "") != (getattr(after, where) or "")
    ]
    changes += _paragraphs(_split(before.body_text), _split(after.body_text))
    numbers = _moved(_numbers(before), _numbers(after))
    names = _names_only_in(before, after), _names_only_in(after, before)
    note = after.editorial_note if after.editorial_note != before.editorial_note else None
    admitted = correction_note(before, after)
    return VersionDifference(tuple(changes), *numbers, *names, note, admitted)


def words(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, word by word."""
    old, new = before.split(), after.split()
    if max(len(old), len(new)) > MOST_COMPARED:
        return _pieces([("removed", old), ("added", new)])
    operations: list[tuple[Op, Sequence[str]]] = []
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            operations.append(("same", old[a:b]))
        else:
            operations += [("removed", old[a:b]), ("added", new[c:d])]
    return _pieces(operations)


def summary(version_difference: VersionDifference) -> str:
    """The difference in a sentence or two, without the words themselves but for numbers and
    names."""
    parts = [
        f"{change.where} changed"
        for change in version_difference.changes
        if change.where != PARAGRAPH
    ]
    parts += _paragraph_counts(version_difference.changes)
    parts += _replaced("numbers", version_difference.numbers_gone, version_difference.numbers_new)
    parts += _replaced("names", version_difference.names_gone, version_difference.names_new)
    text = "; ".join(parts)
    return (text[:1].upper() + text[1:] + ".") if text else "Nothing that readers see has changed."


def _paragraph_counts(changes: Sequence[FieldChange]) -> Iterator[str]:
    """The numbers of paragraphs that were added, removed and changed, none for zero."""
    counts = Counter(_outcome(change) for change in changes if change.where == PARAGRAPH)
    for outcome in ("added", "removed", "changed"):
        if number := counts[outcome]:
            yield f"{number} paragraph{'s' if number > 1 else ''} {outcome}"


def _outcome(change: FieldChange) -> str:
    """The fate of a paragraph: added or removed as a whole, or changed."""
    ops = {piece.op for piece in change.pieces}
    return ops.pop() if ops in ({"added"}, {"removed"}) else "changed"


def _replaced(kind: str, gone: Sequence[str], new: Sequence[str]) -> list[str]:
    if not gone and not new:
        return []
    return [f"{kind}: {', '.join(gone) or '–'} → {', '.join(new) or '–'}"]


def _paragraphs(old: Sequence[str], new: Sequence[str]) -> Iterator[FieldChange]:
    if max(len(old), len(new)) > MOST_COMPARED:
        yield FieldChange(PARAGRAPH, _pieces([("removed", old), ("added", new)]))
        return
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        gone, come = list(old[a:b]), list(new[c:d])
        # In a replaced run, old and new paragraphs are paired in order.
        for before, after in zip(gone, come, strict=False):
            yield FieldChange(PARAGRAPH, words(before, after))
        yield from (FieldChange(PARAGRAPH, (Piece("removed", p),)) for p in gone[len(come) :])
        yield from (FieldChange(PARAGRAPH, (Piece("added", p),)) for p in come[len(gone) :])


def _pieces(operations: Sequence[tuple[Op, Sequence[str]]]) -> tuple[Piece, ...]:
    return tuple(Piece(op, " ".join(some)) for op, some in operations if some)


def _split(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.splitlines() if part.strip()]


def _numbers(article: EnrichedArticle) -> Counter[str]:
    return Counter(_NUMBER.findall(f"{article.headline}\n{article.body_text}"))


def _names_only_in(article: EnrichedArticle, other: EnrichedArticle) -> tuple[str, ...]:
    """Names of the one that the other does not hold, whether or not they were found there."""
    other_names = {entity.name for entity in other.entities}
    text = f"{other.headline}\n{other.subheadline or ''}\n{other.body_text}"
    names = {
        entity.name
        for entity in article.entities
        if entity.name not in other_names
        and not any(_holds(text, name) for name in (entity.name, *entity.aliases))
    }
    return tuple(sorted(names))


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _moved(before: Counter[str], after: Counter[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted(before - after)), tuple(sorted(after - before))
