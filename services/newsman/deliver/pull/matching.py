"""The events that a subscription which fetches may have to hear of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsman.deliver.intake.rankings import ranking_scopes
from newsman.deliver.intake.recipients import WITHDRAWN
from newsman.deliver.pull.window import LogEntry
from newsman.kafka.positions import Part
from newsman.kafka.records import Unprocessable, decode
from newsman.matching.events import event_name, wants
from newsman.matching.standing_queries import StandingQueries
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.popularity import RankingChanged
from newsman_schemas.subscriptions import RANKING_EVENT, Subscription
from newsman_schemas.topics import RANKING_CHANGED


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that passes the filter, or takes away what may have passed it before."""

    part: Part
    offset: int
    event: ArticlePublished | RankingChanged
    name: str
    is_match: bool


def is_ranking(part: Part) -> bool:
    """True for a partition of ranking-changed."""
    return part[0].endswith(f".{RANKING_CHANGED.name}")


def read_event(entry: LogEntry) -> ArticlePublished | RankingChanged | None:
    """The event of an entry; None for a tombstone, and for what cannot be read."""
    if not entry.value:
        return None
    try:
        if is_ranking(entry.part):
            return decode(RankingChanged, entry.value)
        return decode(ArticlePublished, entry.value)
    except Unprocessable:
        # deliver's reader has parked it.
        return None


class SubscriptionFilter:
    """The filter of one subscription; one thread at a time."""

    def __init__(self, subscription: Subscription, products: tuple[str, ...]) -> None:
        self._subscription = subscription
        self._products = products
        self._queries = StandingQueries()
        self._queries.put(subscription.id, subscription.filter, products)

    def candidates(
        self, entries: Iterable[LogEntry], matched_from: int | None = None
    ) -> Iterator[Candidate]:
        """What the entries hold for the subscription; those from a number on were matched as they
        came."""
        for entry in entries:
            if matched_from is not None and entry.number >= matched_from:
                is_match = self._subscription.id in entry.matched
                if not (is_match or entry.may_take_away):
                    continue
                event = read_event(entry)
            else:
                event = read_event(entry)
                is_match = self._matches(event)
            if event and (candidate := self._candidate(entry, event, is_match=is_match)):
                yield candidate

    def _candidate(
        self, entry: LogEntry, event: ArticlePublished | RankingChanged, *, is_match: bool
    ) -> Candidate | None:
        """An event as a candidate; None for one that cannot be meant for the subscription."""
        if isinstance(event, RankingChanged):
            if not self._wants_ranking(event.scope):
                return None
            return Candidate(entry.part, entry.offset, event, RANKING_EVENT, is_match=True)
        if not (is_match or may_take_away(event)):
            return None
        name = event_name(event) if is_match or event.article is None else WITHDRAWN
        if not wants(self._subscription, name):
            return None
        return Candidate(entry.part, entry.offset, event, name, is_match)

    def _wants_ranking(self, scope: str) -> bool:
        is_visible = not self._products or scope in self._products
        is_asked = scope in ranking_scopes(self._subscription.filter)
        return is_visible and is_asked and wants(self._subscription, RANKING_EVENT)

    def _matches(self, event: ArticlePublished | RankingChanged | None) -> bool:
        if not isinstance(event, ArticlePublished) or event.article is None:
            return False
        return bool(self._queries.match(event.article, first_mentions=event.first_mentions))


def may_take_away(event: ArticlePublished) -> bool:
    """True if somebody may have had the article who has it no more after this event."""
    return event.article is None or event.revision > 1
