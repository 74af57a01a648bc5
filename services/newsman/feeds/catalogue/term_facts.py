"""Facts of a term, and of days: how many articles, the first and the last, with whom named."""

from dataclasses import dataclass
from itertools import pairwise

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.query.cursors import ListingPosition
from newsman_schemas.article_rules import LATEST

LOOKED_AT = 100
"""So many of the newest articles of a term tell what it is named with."""
DAY_MS = 86_400_000


@dataclass(frozen=True)
class TermFacts:
    """The number of articles under a term, the first and the last, the terms of the same kind that
    most often stand beside it with their names, and articles per day, the last day at the end."""

    number: int
    first: ListingPosition
    last: ListingPosition
    beside: tuple[tuple[str, str, int], ...]
    days: tuple[int, ...]


def term_facts(
    catalogue: Catalogue, term: str, *, until_ms: int, days: int, limit: int
) -> TermFacts | None:
    """The facts of a term, its days those of 24 hours before a Unix ms; None where no article
    stands under it."""
    shown = "FROM terms WHERE term = ? AND shown = 1"
    first = catalogue.rows(f"SELECT at_ms, id {shown} ORDER BY at_ms, id LIMIT 1", term)
    last = catalogue.rows(
        f"SELECT at_ms, id {shown} ORDER BY at_ms DESC, id DESC LIMIT 1",
        term,
    )
    if not first or not last:
        return None
    ((number,),) = catalogue.rows("SELECT shown FROM sizes WHERE term = ?", term)
    counted = catalogue.rows(
        f"SELECT (? - 1 - at_ms) / {DAY_MS}, count(*) {shown} AND at_ms >= ? AND at_ms < ? "
        "GROUP BY 1",
        until_ms,
        term,
        until_ms - days * DAY_MS,
        until_ms,
    )
    by_age = {int(age): int(count) for age, count in counted}
    return TermFacts(
        int(number),
        ListingPosition(*first[0]),
        ListingPosition(*last[0]),
        _beside(catalogue, term, limit),
        tuple(by_age.get(age, 0) for age in reversed(range(days))),
    )


def days_of(catalogue: Catalogue, bounds_ms: list[int]) -> list[int]:
    """The numbers of articles between each of these Unix ms and the next."""
    return [
        int(
            catalogue.rows(
                "SELECT count(*) FROM terms WHERE term = ? AND shown = 1 "
                "AND at_ms >= ? AND at_ms < ?",
                LATEST,
                begin,
                end,
            )[0][0]
        )
        for begin, end in pairwise(bounds_ms)
    ]


def oldest_ms(catalogue: Catalogue) -> int | None:
    """The Unix ms of the oldest article; None where there is none."""
    rows = catalogue.rows(
        "SELECT at_ms FROM terms WHERE term = ? AND shown = 1 ORDER BY at_ms LIMIT 1", LATEST
    )
    return int(rows[0][0]) if rows else None


def _beside(catalogue: Catalogue, term: str, limit: int) -> tuple[tuple[str, str, int], ...]:
    kind = term.partition(":")[0]
    rows = catalogue.rows(
        "SELECT b.term, n.name, b.times FROM (SELECT o.term, count(*) AS times FROM "
        "(SELECT id FROM terms WHERE term = ? AND shown = 1 ORDER BY at_ms DESC LIMIT ?) t "
        "JOIN terms o ON o.id = t.id AND o.shown = 1 AND o.term >= ? AND o.term < ? "
        "WHERE o.term != ? GROUP BY o.term ORDER BY times DESC, o.term LIMIT ?) b "
        "JOIN names n ON n.term = b.term ORDER BY b.times DESC, b.term",
        term,
        LOOKED_AT,
        f"{kind}:",
        f"{kind};",
        term,
        limit,
    )
    return tuple((term.partition(":")[2], name, times) for term, name, times in rows)
