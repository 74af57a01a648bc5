"""The order of the front page: editors' pins, then urgency, recency and attention. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsman.rankings.core import FrontPin

LEAST_URGENT = 6
"""Urgency from here on gives no points (IPTC: 1 is the most urgent, 5 is usual, 8 the least)."""
USUAL_URGENCY = 5
RECENCY_POINTS, RECENCY_HALF_LIFE_SECONDS = 4.0, 6 * 3_600
ATTENTION_POINTS = 3.0
ATTENTION_LEAST_VIEWS = 10
"""Fewer views of the most viewed than this give it less than all points."""


@dataclass(frozen=True)
class FrontCandidate:
    """A story that may lead, by what counts for it."""

    article_id: str
    urgency: int | None
    age_seconds: float
    views: int


@dataclass(frozen=True)
class FrontPoints:
    """Points of a story; `pinned` is the place that an editor gave it."""

    urgency: float
    recency: float
    attention: float
    pinned: int | None = None

    @property
    def total(self) -> float:
        """All of them."""
        return self.urgency + self.recency + self.attention


def front_order(
    candidates: Sequence[FrontCandidate], pins: Mapping[str, FrontPin]
) -> list[tuple[str, FrontPoints]]:
    """The ids of the stories with their points, the lead first; a pinned story has its place."""
    most = max([one.views for one in candidates] + [ATTENTION_LEAST_VIEWS])
    points = {one.article_id: _points(one, most, pins.get(one.article_id)) for one in candidates}
    free = [one for one in candidates if one.article_id not in pins]
    free.sort(key=lambda one: (-points[one.article_id].total, one.age_seconds, one.article_id))
    order = [one.article_id for one in free]
    for article_id in sorted(pins, key=lambda pinned: (pins[pinned].rank, pinned)):
        if article_id in points:
            order.insert(min(pins[article_id].rank - 1, len(order)), article_id)
    return [(article_id, points[article_id]) for article_id in order]


def _points(one: FrontCandidate, most_views: int, pin: FrontPin | None) -> FrontPoints:
    urgency = max(0, LEAST_URGENT - (one.urgency or USUAL_URGENCY))
    age = max(0.0, one.age_seconds)
    return FrontPoints(
        float(urgency),
        RECENCY_POINTS * 0.5 ** (age / RECENCY_HALF_LIFE_SECONDS),
        ATTENTION_POINTS * one.views / most_views,
        pin.rank if pin else None,
    )
