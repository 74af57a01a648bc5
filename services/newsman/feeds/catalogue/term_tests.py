"""Tests of the catalogue's queries for the terms that an article stands under."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from newsman.feeds.catalogue.index import Catalogue
from newsman_schemas.article_rules import LATEST

Alternatives: TypeAlias = tuple[str, ...]
Term: TypeAlias = str | Alternatives
"""A term, or several of which any will do."""

RARE_TERM = 10_000
"""So many articles are looked through and sorted sooner than the whole log is."""


def stands_under(name: str, term: Term) -> str:
    """A test that an article, by the name of its row, stands under a term."""
    return f"EXISTS ({_of(name, term)} AND t.shown = 1)"


def ever_stood_under(name: str, term: Term) -> str:
    """A test that it stands under a term or did."""
    return f"EXISTS ({_of(name, term)})"


def values(terms: Iterable[Term]) -> tuple[str, ...]:
    """The values of the tests of these terms."""
    return tuple(one for term in terms for one in several(term))


def several(term: Term) -> Alternatives:
    """The terms of which any will do."""
    return (term,) if isinstance(term, str) else term


def rarest_first(catalogue: Catalogue, terms: Iterable[Term]) -> list[Term]:
    """The terms by how many articles ever stood under them."""
    return sorted(terms, key=lambda term: times(catalogue, term))


def times(catalogue: Catalogue, term: Term) -> int:
    """The number of articles that ever stood under a term; of several the sum."""
    counts = (catalogue.rows("SELECT ever FROM sizes WHERE term = ?", one) for one in several(term))
    return sum(int(rows[0][0]) for rows in counts if rows)


def shown_under(term: Term) -> str:
    """A source of rows `at_ms` and `id`, each article once, of those that stand under a term."""
    if isinstance(term, str):
        return "(SELECT at_ms, id FROM terms WHERE term = ? AND shown = 1)"
    rows = f"FROM terms WHERE term IN ({_marks(term)}) AND shown = 1"
    return f"(SELECT DISTINCT at_ms, id {rows})"


def looked_through(
    catalogue: Catalogue, terms: Sequence[Term], *, most: int
) -> tuple[str, Alternatives]:
    """A source of rows of articles that hold all under the terms, and its values: the articles of
    a rare term where they are no more than `most`, else all in order."""
    rarest = rarest_first(catalogue, terms)[0]
    if times(catalogue, rarest) > min(RARE_TERM, most):
        return "articles a", ()
    # SQLite does not reorder a CROSS JOIN.
    return f"{_ever_under(rarest)} t CROSS JOIN articles a ON a.id = t.id", values([rarest])


def least_left(catalogue: Catalogue, terms: Iterable[Term]) -> str:
    """The one of the terms, or else that of all articles, that the fewest articles have left."""
    plain = [term for term in terms if isinstance(term, str)] or [LATEST]
    return min(plain, key=lambda term: _left(catalogue, term))


def _left(catalogue: Catalogue, term: str) -> int:
    rows = catalogue.rows("SELECT ever - shown FROM sizes WHERE term = ?", term)
    return int(rows[0][0]) if rows else 0


def scanned_first(catalogue: Catalogue, terms: Sequence[Term]) -> tuple[Term, list[Term]]:
    """The term whose articles are looked through, and those that they are tested for.

    Several of which any will do are sorted to be looked through, so they must be rare for it.
    """
    first, *others = rarest_first(catalogue, terms)
    if isinstance(first, str) or times(catalogue, first) <= RARE_TERM:
        return first, others
    plain = next(term for term in others if isinstance(term, str))
    return plain, [term for term in (first, *others) if term != plain]


def _ever_under(term: Term) -> str:
    if isinstance(term, str):
        return "(SELECT id FROM terms WHERE term = ?)"
    return f"(SELECT DISTINCT id FROM terms WHERE term IN ({_marks(term)}))"  # noqa: S608 - likewise


def _of(name: str, term: Term) -> str:
    test = "= ?" if isinstance(term, str) else f"IN ({_marks(term)})"
    return f"SELECT 1 FROM terms t WHERE t.id = {name}.id AND t.term {test}"  # noqa: S608


def _marks(several: Alternatives) -> str:
    return ", ".join("?" * len(several))
