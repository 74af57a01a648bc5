"""Queries of the catalogue."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isqrt

from newsman.assets.store import Asset
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.term_tests import (
    Term,
    ever_stood_under,
    least_left,
    looked_through,
    scanned_first,
    shown_under,
    stands_under,
    values,
)
from newsman.feeds.query.cursors import ListingPosition
from newsman.outputs.listing import Tombstone

OLDEST_MS = -(2**62)
COMMON_TERM = 500
"""A term of so many articles relates none of them."""
MOVED = "moved"
"""The status of an article that is there, and no longer under what was asked for."""
GONE = frozenset({"killed", "withdrawn"})

CHANGE = "a.id, a.part, a.at, a.told_ms, a.action, a.uri, a.version, a.revision, a.chain"
"""The columns of a CatalogueChange."""
_HEAD = "NOT EXISTS (SELECT 1 FROM replaced r WHERE r.id = a.id)"
"""Lists show the last of an update chain only."""


@dataclass(frozen=True)
class CatalogueChange:
    """An article that changed, and where the log told of it; `action` is MOVED when it left."""

    article_id: str
    part: int
    offset: int
    told_ms: int
    action: str
    uri: str
    version: int
    revision: int
    chain_id: str

    @property
    def tombstone(self) -> Tombstone | None:
        """The tombstone of the article, if it went."""
        if self.action not in (*GONE, MOVED):
            return None
        at = datetime.fromtimestamp(self.told_ms / 1000, UTC)
        return Tombstone(
            self.article_id,
            self.uri,
            self.version,
            at,
            self.action,
            self.chain_id,
            0 if self.action == MOVED else self.revision,
        )


def term_name(catalogue: Catalogue, term: str) -> str | None:
    """The display name of a term; None if no article ever stood under it."""
    rows = catalogue.rows("SELECT name FROM names WHERE term = ?", term)
    return str(rows[0][0]) if rows else None


def largest(catalogue: Catalogue, kind: str, limit: int) -> list[tuple[str, str, int]]:
    """Slug, name and number of articles of the largest sections, tags and so on."""
    rows = catalogue.rows(
        "SELECT s.term, n.name, s.shown FROM (SELECT term, shown FROM sizes "
        "WHERE term >= ? AND term < ? AND shown > 0 ORDER BY shown DESC, term LIMIT ?) s "
        "JOIN names n ON n.term = s.term ORDER BY s.shown DESC, s.term",
        f"{kind}:",
        f"{kind};",
        limit,
    )
    return [(term.partition(":")[2], name, size) for term, name, size in rows]


def listed(
    catalogue: Catalogue,
    terms: Sequence[Term],
    before: ListingPosition | None,
    limit: int,
    oldest_ms: int = OLDEST_MS,
    offset: int = 0,
) -> list[ListingPosition]:
    """Articles under all the terms, newest first, after a place in that order, none older than
    a Unix ms."""
    first, others = scanned_first(catalogue, terms)
    rows = catalogue.rows(
        f"SELECT a.at_ms, a.id FROM {shown_under(first)} a "  # noqa: S608
        f"WHERE a.at_ms >= ? AND {_HEAD} AND (a.at_ms, a.id) < (?, ?){_tests(others)} "
        "ORDER BY a.at_ms DESC, a.id DESC LIMIT ? OFFSET ?",
        *values([first]),
        oldest_ms,
        *(before or ListingPosition(2**62, "")),
        *values(others),
        limit,
        offset,
    )
    return [ListingPosition(*row) for row in rows]


def related(catalogue: Catalogue, article_id: str, limit: int) -> list[str]:
    """Ids of the articles that share the most tags and entities with one, the newest first among
    equals; terms that many articles carry say less."""
    rows = catalogue.rows(
        "WITH own AS (SELECT term FROM terms WHERE id = ? AND shown = 1 "
        "AND (term GLOB 'tag:*' OR term GLOB 'entity:*')), "
        "rare AS (SELECT own.term, (SELECT count(*) FROM (SELECT 1 FROM terms t "
        "WHERE t.term = own.term AND t.shown = 1 LIMIT ?)) AS size FROM own) "
        "SELECT o.id FROM rare JOIN (SELECT term, id, at_ms FROM terms WHERE shown = 1) o "
        "ON o.term = rare.term WHERE o.id != ? AND rare.size < ? "
        "GROUP BY o.id ORDER BY sum(1.0 / rare.size) DESC, o.at_ms DESC, o.id LIMIT ?",
        article_id,
        COMMON_TERM,
        article_id,
        COMMON_TERM,
        limit,
    )
    return [other_id for (other_id,) in rows]


def showing(catalogue: Catalogue, asset: Asset, after: str, limit: int) -> list[str]:
    """Ids, behind one in their order, of articles that show a rendition or did when they went;
    only those of its own source."""
    rows = catalogue.rows(
        "SELECT id FROM assets WHERE asset = ? AND source = ? AND shown = 1 AND id > ? "
        "ORDER BY id LIMIT ?",
        asset.id,
        asset.source,
        after,
        limit,
    )
    return [article_id for (article_id,) in rows]


def was_shown(catalogue: Catalogue, asset: Asset) -> bool:
    """True if any article of its own source ever showed a rendition."""
    rows = catalogue.rows(
        "SELECT 1 FROM assets WHERE asset = ? AND source = ? LIMIT 1", asset.id, asset.source
    )
    return bool(rows)


def changed(
    catalogue: Catalogue, terms: Sequence[Term], since: dict[int, int], limit: int
) -> tuple[list[CatalogueChange], dict[int, int]]:
    """Changes under the terms since a position, and the position to go on from.

    Each partition in its own order, so that a reader who goes on from there misses nothing.
    """
    ends = catalogue.positions()
    spans = {part: (since.get(part, 0), end) for part, end in ends.items()}
    lists = {part: _of_part(catalogue, part, span, terms, limit) for part, span in spans.items()}
    merged = heapq.merge(*lists.values(), key=lambda change: change.told_ms)
    taken = [change for change, _ in zip(merged, range(limit), strict=False)]
    reached = dict(since)
    for part, batch in lists.items():
        count = sum(change.part == part for change in taken)
        end = max(ends[part], since.get(part, 0))
        reached[part] = batch[count].offset if count < len(batch) else _after(batch, limit, end)
    return taken, reached


def departed(catalogue: Catalogue, terms: Sequence[Term], limit: int) -> list[Tombstone]:
    """Articles taken away while they stood under all the terms, the last first."""
    first = least_left(catalogue, terms)
    others = [term for term in terms if term != first]
    rows = catalogue.rows(
        f"SELECT {CHANGE}, 0 FROM terms t CROSS JOIN articles a ON a.id = t.id "  # noqa: S608
        "WHERE t.term = ? AND t.shown = 0 AND a.action IN ('killed', 'withdrawn')"
        f" AND {_HEAD}{_tests(others, ever_stood_under)} ORDER BY t.at_ms DESC, t.id LIMIT ?",
        first,
        *values(others),
        limit,
    )
    return [tombstone for row in rows if (tombstone := _change(row).tombstone)]


def _after(changes: Sequence[CatalogueChange], limit: int, end: int) -> int:
    # There may be more after a full list.
    return changes[-1].offset + 1 if len(changes) == limit else end


def _of_part(
    catalogue: Catalogue, part: int, span: tuple[int, int], terms: Sequence[Term], limit: int
) -> list[CatalogueChange]:
    has = " AND ".join(stands_under("a", term) for term in terms)
    begin, rare = looked_through(catalogue, terms, most=isqrt(limit * max(span[1] - span[0], 0)))
    tests = _tests(terms, ever_stood_under)
    rows = catalogue.rows(
        f"SELECT {CHANGE}, {has} FROM {begin} "  # noqa: S608 - names and tests of our own
        f"WHERE a.part = ? AND a.at >= ? AND a.at < ? AND {_HEAD}{tests} ORDER BY a.at LIMIT ?",
        *values(terms),
        *rare,
        part,
        *span,
        *values(terms),
        limit,
    )
    return [_change(row) for row in rows]


def _change(row: tuple[object, ...]) -> CatalogueChange:
    *values, is_under = row
    change = CatalogueChange(*values)  # type: ignore[arg-type]
    if is_under or change.action in GONE:
        return change
    return CatalogueChange(**{**vars(change), "action": MOVED})


def _tests(terms: Sequence[Term], test: Callable[[str, Term], str] = stands_under) -> str:
    return "".join(f" AND {test('a', term)}" for term in terms)
