"""Rankings from rows: orders, scopes, pins and bans; no I/O, no clock."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from newsman_schemas.article_rules import term_named
from newsman_schemas.popularity import FRONT, OVERALL, WINDOW_SECONDS, RankingEdited

SCOPE_KINDS = ("section", "tag", "entity", "language", "source")
"""The kinds of terms that have rankings of their own; such a term is a scope."""
ATTENTION = "attention"
"""An order beside those that are published: by the seconds that an article was read, together."""
PAST_OF = {"15m": "24h", "1h": "24h", "24h": "7d", "7d": "30d"}
"""The longer window whose rest is the past that a window's views rise against."""


@dataclass(frozen=True)
class AttentionShares:
    """Reading time and completion of an article, by those whose pages told it: mean seconds, and
    the share that read it to the end."""

    told: int
    seconds: float
    read_to_end: float


@dataclass(frozen=True)
class RankingRow:
    """One article in a ranking, and why it stands there; its place is its rank.

    `velocity` is views per hour over the last 15 minutes, `filtered_share` the share of what was
    seen of it that did not count as a reader's.
    """

    article_id: str
    views: int
    readers: int
    score: float
    velocity: float = 0.0
    filtered_share: float = 0.0
    pinned: bool = False
    attention: AttentionShares | None = None


@dataclass(frozen=True)
class FrontPin:
    """The place that an editor gave an article on the front page, from a Unix second on and until
    another one."""

    rank: int
    begins_at: float | None = None
    ends_at: float | None = None

    def holds_at(self, now: float) -> bool:
        """True if the article is to stand there at that Unix second."""
        has_begun = self.begins_at is None or self.begins_at <= now
        return has_begun and not self.has_ended_at(now)

    def has_ended_at(self, now: float) -> bool:
        """True if the place is the article's no more at that Unix second."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True)
class Edit:
    """The edits of one article by editors and rules."""

    pins: tuple[tuple[str, int], ...] = ()
    """Scope and rank."""
    banned: bool = False
    held: bool = False
    admitted: bool = False
    front: FrontPin | None = None

    @property
    def is_out(self) -> bool:
        """True if it stands in no ranking."""
        return self.banned or (self.held and not self.admitted)


NO_EDIT = Edit()


def edited(before: Edit, event: RankingEdited) -> Edit:
    """An article's edits after one more event."""
    if event.scope == FRONT and event.action in ("pin", "unpin"):
        return replace(before, front=_front_pin(event) if event.action == "pin" else None)
    # Editors may spell a scope in any way; rankings use its term.
    scope = scope_named(event.scope) or event.scope
    others = tuple(pin for pin in before.pins if pin[0] != scope)
    match event.action:
        case "pin":
            return replace(before, pins=(*others, (scope, event.rank or 1)))
        case "unpin":
            return replace(before, pins=others)
        case "ban" | "unban":
            return replace(before, banned=event.action == "ban")
        case "hold":
            return replace(before, held=True, admitted=False)
        case "admit":
            return replace(before, held=False, admitted=True)


def _front_pin(event: RankingEdited) -> FrontPin:
    bounds = (at.timestamp() if at else None for at in (event.begins_at, event.ends_at))
    return FrontPin(event.rank or 1, *bounds)


def front_pins(edits: Mapping[str, Edit], now: float) -> dict[str, FrontPin]:
    """The articles that are pinned to the front page at a Unix second."""
    return {
        article_id: edit.front
        for article_id, edit in edits.items()
        if edit.front is not None and edit.front.holds_at(now)
    }


def pins_of(edits: Mapping[str, Edit], scope: str) -> dict[str, int]:
    """The articles that are pinned in a scope, with their ranks."""
    return {
        article_id: rank
        for article_id, edit in edits.items()
        for pinned_in, rank in edit.pins
        if pinned_in == scope and not edit.is_out
    }


def with_pins(
    rows: Sequence[RankingRow],
    pinned: Mapping[str, RankingRow],
    ranks: Mapping[str, int],
    limit: int,
) -> list[RankingRow]:
    """The ranking with each pinned row at its rank, or at the end where it is not that long."""
    placed = [row for row in rows if row.article_id not in ranks]
    for article_id in sorted(ranks, key=lambda pinned_id: (ranks[pinned_id], pinned_id)):
        if article_id in pinned:
            row = replace(pinned[article_id], pinned=True)
            placed.insert(min(ranks[article_id] - 1, len(placed)), row)
    return placed[:limit]


def scope_named(text: str) -> str | None:
    """The scope that a text such as `section:World News` or `language:pt_BR` names: overall, or
    the term of articles (`section:world-news`, `language:pt-br`); None for any other text."""
    if text == OVERALL:
        return OVERALL
    kind, _, name = text.partition(":")
    scope = term_named(kind, name)
    return scope if kind in SCOPE_KINDS and not scope.endswith(":") else None


def by_readers(row: RankingRow) -> tuple[float, ...]:
    """Sorts by readers, then by views."""
    return (row.readers, row.views)


def expected_views(window: str, views: int, past_views: int) -> float:
    """The views of the window that the rest of the longer window makes one expect."""
    length, past = WINDOW_SECONDS_OF[window], WINDOW_SECONDS_OF[PAST_OF[window]]
    return max(0, past_views - views) * length / (past - length)


WINDOW_SECONDS_OF: Mapping[str, int] = {str(name): s for name, s in WINDOW_SECONDS.items()}


def rising(views: int, own_past: float, section_past: float) -> float:
    """Standard deviations of the views above what was to be expected.

    Views come as a Poisson process does, so that the variance of what is expected equals it; the
    larger of the article's own past and its section's counts, and one view more keeps a first
    view from being a sensation.
    """
    expected = max(own_past, section_past)
    return (views - expected) / math.sqrt(expected + 1)


def section_pasts(pasts: Iterable[tuple[str | None, float]]) -> dict[str | None, float]:
    """Per section, what its articles have in the mean, from (section, expected views) of each."""
    sums: dict[str | None, tuple[float, int]] = {}
    for section, past in pasts:
        total, number = sums.get(section, (0.0, 0))
        sums[section] = (total + past, number + 1)
    return {section: total / number for section, (total, number) in sums.items()}
