"""Queries of the catalogue."""

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsman.assets.store import Asset
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.term_tests import (
    Term,
    ever_stood_under,
    looked_through,
    scanned_first,
    shown_under,
    stands_under,
    values,
)
from newsman.feeds.query.cursors import ListingPosition
from newsman.matching.words import match_of
from newsman.outputs.listing import Tombstone

WEIGHTS = "8.0, 4.0, 1.0"
"""Of headline, summary and text in a search."""
OLDEST_MS = -(2**62)
COMMON_TERM = 500
"""A term of so many articles relates none of them."""
MOST_RANKED = 1_000
"""A search that more articles pass ranks none: to weigh a word, all that have it are read."""
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
        "SELECT s.term, n.name, s.shown FROM sizes s JOIN names n ON n.term = s.term "
        "WHERE s.term >= ? AND s.term < ? AND s.shown > 0 "
        "ORDER BY s.shown DESC, s.term LIMIT ?",
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


def search(
    catalogue: Catalogue, words: str, terms: Sequence[Term], limit: int, offset: int = 0
) -> list[str]:
    """Ids of the articles with all the words, the best first; the last word may be unfinished.

    Of more than MOST_RANKED, where no term is asked for, the newest of these: those with the words
    in their headline first, then the newest.
    """
    wanted = match_of(words)
    if not wanted:
        return []
    if not terms and len(newest := _newest_hits(catalogue, wanted)) > MOST_RANKED:
        return _newest_first(catalogue, wanted, newest[:MOST_RANKED], limit, offset)
    rows = catalogue.rows(
        "SELECT a.id FROM words JOIN articles a ON a.number = words.rowid "  # noqa: S608
        f"WHERE words MATCH ? AND {_HEAD}{_tests(terms)} "
        f"ORDER BY bm25(words, {WEIGHTS}), a.told_ms DESC, a.id LIMIT ? OFFSET ?",
        wanted,
        *values(terms),
        limit,
        offset,
    )
    return [article_id for (article_id,) in rows]


def _newest_hits(catalogue: Catalogue, wanted: str, oldest: int = 0) -> list[int]:
    """The rows of the newest articles that match, down to one, and one more than are ranked."""
    rows = catalogue.rows(
        "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? ORDER BY rowid DESC LIMIT ?",
        wanted,
        oldest,
        MOST_RANKED + 1,
    )
    return [number for (number,) in rows]


def _newest_first(
    catalogue: Catalogue, wanted: str, newest: Sequence[int], limit: int, offset: int
) -> list[str]:
    in_headlines = _newest_hits(catalogue, f"headline : ({wanted})", newest[-1])
    rows = catalogue.rows(
        "SELECT a.id FROM json_each(?) h JOIN articles a ON a.number = h.value "  # noqa: S608
        f"WHERE {_HEAD} ORDER BY a.number IN (SELECT value FROM json_each(?)) DESC, "
        "a.told_ms DESC, a.id LIMIT ? OFFSET ?",
        json.dumps(newest),
        json.dumps(in_headlines),
        limit,
        offset,
    )
    return [article_id for (article_id,) in rows]


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
    begin, rare = looked_through(catalogue, terms)
    rows = catalogue.rows(
        f"SELECT {CHANGE}, 0 FROM {begin} WHERE a.action IN ('killed', 'withdrawn')"  # noqa: S608
        f" AND {_HEAD}{_tests(terms, ever_stood_under)} ORDER BY a.told_ms DESC, a.id LIMIT ?",
        *rare,
        *values(terms),
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
    begin, rare = looked_through(catalogue, terms)
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
