"""Order of the versions of an article: number, then the time that the newsroom gives them, then
their place in the log; and the moments of a version, as far as its dates can be believed.

Pure. `docs/decisions/0079-the-log-decides-where-nothing-is-said.md` says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key

from newsman_schemas.articles import Article, EnrichedArticle, LogPlace

AHEAD = timedelta(minutes=15)
"""A newsroom's clock may be so much ahead of Newsman's; what is later has not happened yet."""
ONE_LOG = timedelta(days=1)
"""Offsets that disagree by more than this with the times beside them are of two logs: the topic
was made anew, or is a mirror."""
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def stated_at(article: Article) -> datetime | None:
    """The time that the newsroom gives a version; None where it gives none, or one to come."""
    created, received = article.version_created, article.received_at
    if received is None:
        return created
    return None if created == received or created > received + AHEAD else created


def changed_at(article: Article) -> datetime:
    """The moment of a version: as the newsroom says, or else when it was received."""
    stated = article.corrected_at or stated_at(article)
    return stated or article.received_at or article.version_created


def listed_at(article: Article) -> datetime:
    """The moment that orders an article among others in every list, the newest first.

    The earlier of its date and its receipt; without a date that can be, the first receipt.
    """
    moment = _dated_at(article)
    return max(moment, article.embargoed_until) if article.embargoed_until else moment


def _dated_at(article: Article) -> datetime:
    dates = (article.published_at, article.first_created, stated_at(article))
    received = article.received_at
    if received is None:
        return next((date for date in dates if date), article.version_created)
    date = next((date for date in dates if date and date <= received + AHEAD), None)
    if date is not None:
        return min(date, received)
    return article.first_received_at or received


def is_later(place: LogPlace | None, other: LogPlace | None) -> bool:
    """True if the first place comes after the other in the log; whatever has none was before."""
    return _compared(place, other) > 0


def _compared(place: LogPlace | None, other: LogPlace | None) -> int:
    if place is None or other is None:
        return (place is not None) - (other is not None)
    apart = abs(place.logged_at - other.logged_at)
    if place.partition == other.partition and apart <= ONE_LOG:
        return place.offset - other.offset
    one, two = ((p.logged_at, p.partition, p.offset) for p in (place, other))
    return (one > two) - (one < two)


@dataclass(frozen=True)
class VersionOrder:
    """The place of a version among its article's.

    `reached_at` is the time that the newsroom gives it; where it gives none (`is_stated` is
    False), the latest that it gave before. `event_id` tells apart what was made of one message.
    """

    version: int
    reached_at: datetime | None
    is_stated: bool
    place: LogPlace | None
    event_id: str

    def __lt__(self, other: "VersionOrder") -> bool:
        if self.version != other.version:
            return self.version < other.version
        mine, theirs = self.reached_at or BEFORE_ALL, other.reached_at or BEFORE_ALL
        if self.is_stated and other.is_stated and mine != theirs:
            return mine < theirs
        step = _compared(self.place, other.place)
        if step == 0:
            return self.event_id < other.event_id
        if step < 0:
            return not other.is_stated or mine <= theirs
        return self.is_stated and mine < theirs

    def after(self, earlier: "VersionOrder | None") -> "VersionOrder":
        """This place, knowing of one that it comes after: what that reached, it has too."""
        if self.is_stated or earlier is None or earlier.version != self.version:
            return self
        return replace(self, reached_at=earlier.reached_at)


def version_order(
    article: Article, event_id: str, reached_at: datetime | None = None
) -> VersionOrder:
    """The sort key of a version among its article's versions; `reached_at` is what is known to
    have come before one that names no time."""
    stated = stated_at(article)
    return VersionOrder(
        article.version, stated or reached_at, stated is not None, article.log_place, event_id
    )


def in_version_order(versions: Iterable[tuple[str, EnrichedArticle]]) -> list[EnrichedArticle]:
    """The versions of an article, each with the event that brought it, the oldest first."""
    keys = [(version_order(article, event), article) for event, article in versions]
    keys.sort(key=lambda pair: (pair[0].version, _by_place(pair[0].place), pair[0].event_id))
    latest: VersionOrder | None = None
    known: list[tuple[VersionOrder, EnrichedArticle]] = []
    for order, article in keys:
        placed = order.after(latest)
        known.append((placed, article))
        latest = placed if latest is None or placed > latest else latest
    known.sort(key=lambda pair: _sort_key(pair[0]))
    return [article for _, article in known]


def _sort_key(order: VersionOrder) -> tuple[object, ...]:
    reached = order.reached_at or BEFORE_ALL
    return order.version, reached, _by_place(order.place), order.event_id


_by_place = cmp_to_key(_compared)
