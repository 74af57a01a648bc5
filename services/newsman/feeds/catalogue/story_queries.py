"""Queries of the catalogue by story: one article of each stands for it.

That is its newest article that is no copy; where a list has copies only, the first of them. A
copy that arrives moves nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.queries import (
    CHANGE,
    MOVED,
    OLDEST_MS,
    CatalogueChange,
    changed,
)
from newsman.feeds.catalogue.term_tests import (
    Term,
    scanned_first,
    shown_under,
    stands_under,
    values,
)
from newsman.feeds.query.cursors import ListingPosition

NEWEST = ListingPosition(2**62, "")
MOST_MEMBERS = 1_000
MOST_OTHERS = 100
"""So many others of a story are counted."""

_STORY = "{0}.term >= 'story:' AND {0}.term < 'story;'"
_STANDS = (
    "EXISTS (SELECT 1 FROM terms z WHERE z.id = {0}.id AND z.shown = 1 "
    "AND z.term >= 'standing:' AND z.term < 'standing;')"
)
_MEMBERS = (
    "SELECT 1 FROM terms s JOIN terms m ON m.shown = 1 AND m.term = {0} "
    "WHERE s.id = a.id AND s.shown = 1 AND s.term >= 'story:' AND s.term < 'story;' "
    "AND m.at_ms >= ?"
)
_LAST = "NOT EXISTS (SELECT 1 FROM replaced r WHERE r.id = {0}.id)"
_SAME_SOURCE = (
    "EXISTS (SELECT 1 FROM terms mine JOIN terms its ON its.id = m.id AND its.term = mine.term "
    "WHERE mine.id = s.id AND mine.term >= 'source:' AND mine.term < 'source;')"
)
_OF_THE_STANDING = "'standing:' || substr(s.term, 7)"


def listed_stories(
    catalogue: Catalogue,
    terms: Sequence[Term],
    *,
    before: ListingPosition | None,
    top: ListingPosition | None,
    limit: int,
    oldest_ms: int = OLDEST_MS,
) -> list[ListingPosition]:
    """Positions of the articles that stand for their stories, among those under all the terms,
    newest first, after a place in that order; articles above `top` came after the reader began
    and don't count."""
    first, others = scanned_first(catalogue, terms)
    rows = catalogue.rows(
        f"SELECT a.at_ms, a.id FROM {shown_under(first)} a WHERE a.at_ms >= ? "  # noqa: S608
        f"AND (a.at_ms, a.id) < (?, ?) AND {_passes('a', others)} "
        f"AND NOT EXISTS ({_MEMBERS.format(_OF_THE_STANDING)} "
        f"AND (m.at_ms, m.id) <= (?, ?) AND {_passes('m', terms)} AND m.id != a.id "
        f"AND ((m.at_ms, m.id) > (a.at_ms, a.id) OR NOT {_STANDS.format('a')})) "
        f"AND ({_STANDS.format('a')} OR NOT EXISTS ({_MEMBERS.format('s.term')} "
        f"AND (m.at_ms, m.id) < (a.at_ms, a.id) AND {_passes('m', terms)})) "
        "ORDER BY a.at_ms DESC, a.id DESC LIMIT ?",
        *(*values([first]), oldest_ms, *_bound(before, top), *values(others)),
        *(oldest_ms, *(top or NEWEST), *values(terms)),
        *(oldest_ms, *values(terms)),
        limit,
    )
    return [ListingPosition(*row) for row in rows]


def members(
    catalogue: Catalogue, article_id: str, limit: int = MOST_OTHERS, *, elsewhere: bool = False
) -> list[str]:
    """Ids of the other articles of an article's story, or only those of other sources, the
    newest first."""
    from_elsewhere = f"AND NOT {_SAME_SOURCE} " if elsewhere else ""
    rows = catalogue.rows(
        "SELECT m.id FROM terms s JOIN terms m ON m.term = s.term AND m.shown = 1 "  # noqa: S608
        f"WHERE s.id = ? AND s.shown = 1 AND {_STORY.format('s')} AND m.id != s.id "
        f"{from_elsewhere}AND {_passes('m', ())} ORDER BY m.at_ms DESC, m.id DESC LIMIT ?",
        article_id,
        limit,
    )
    return [other_id for (other_id,) in rows]


def changed_stories(
    catalogue: Catalogue, terms: Sequence[Term], since: dict[int, int], limit: int
) -> tuple[list[CatalogueChange], dict[int, int]]:
    """Changes in a list of stories since a position, and the position to go on from.

    Of every story in which anything changed, the article that stands for it; what may have stood
    for it before is told to have moved.
    """
    changes, reached = changed(catalogue, terms, since, limit)
    by_article = {change.article_id: change for change in changes}
    touched = dict.fromkeys(story for change in changes for story in _stories(catalogue, change))
    for story in touched:
        stands, rest = _standing(catalogue, story, terms)
        if stands is None:
            continue
        if stands.article_id not in by_article:
            rest = [change for change in rest if change.article_id in by_article]
        by_article |= {change.article_id: replace(change, action=MOVED) for change in rest}
        by_article[stands.article_id] = stands
    return list(by_article.values()), reached


def _standing(
    catalogue: Catalogue, story: str, terms: Sequence[Term]
) -> tuple[CatalogueChange | None, list[CatalogueChange]]:
    """The article that stands for a story under the terms, and the others of it there."""
    rows = catalogue.rows(
        f"SELECT {CHANGE} FROM terms m JOIN articles a ON a.id = m.id "  # noqa: S608
        f"WHERE m.term = ? AND m.shown = 1 AND {_passes('m', terms)} "
        f"ORDER BY {_STANDS.format('m')} DESC, "
        f"CASE WHEN {_STANDS.format('m')} THEN -m.at_ms ELSE m.at_ms END, "
        f"CASE WHEN {_STANDS.format('m')} THEN NULL ELSE m.id END, m.id DESC LIMIT ?",
        story,
        *values(terms),
        MOST_MEMBERS,
    )
    changes = [CatalogueChange(*row) for row in rows]
    return (changes[0], changes[1:]) if changes else (None, [])


def _stories(catalogue: Catalogue, change: CatalogueChange) -> list[str]:
    """The stories that an article belongs to, or once did."""
    rows = catalogue.rows(
        f"SELECT s.term FROM terms s WHERE s.id = ? AND {_STORY.format('s')}",  # noqa: S608
        change.article_id,
    )
    return [term for (term,) in rows]


def _passes(name: str, terms: Sequence[Term]) -> str:
    """An article of a list: the last of its update chain, under all the terms."""
    return " AND ".join((_LAST.format(name), *(stands_under(name, term) for term in terms)))


def _bound(before: ListingPosition | None, top: ListingPosition | None) -> ListingPosition:
    """The place that all of a page lie below."""
    above_top = ListingPosition(top.at_ms, top.article_id + "~") if top else NEWEST
    return min(before, above_top) if before else above_top
