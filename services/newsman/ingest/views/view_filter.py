"""Views that are no reader's although their user agent says nothing.

Everything is judged by the time of receipt. What a view with a key may do, and one without, is
decision 62.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from cachetools import LRUCache

from newsman.ingest.views.address_ranges import Ranges
from newsman.ingest.views.windowed_counts import Members, WindowedCounts

Reason = Literal["rate", "datacentre", "address", "agents", "network", "untokened"]

MINUTE_SECONDS, QUARTER_SECONDS = 60, 900
MOST_READERS, MOST_ADDRESSES, MOST_ARTICLES = 200_000, 100_000, 100_000
MOST_MEMBERS = 200_000
MOST_RESENDS = 100_000


@dataclass(frozen=True)
class ViewBounds:
    """Limits of one reader, one address and one network; 0: none."""

    reader_minute: int = 60
    address_minute: int = 600
    address_agents: int = 250
    network_readers: int = 500


class Sighting(NamedTuple):
    """One view as the filter looks at it."""

    article: str
    reader: str
    address: str
    """Empty where a newsroom forwards the view."""
    network: str
    now: datetime
    at: datetime
    """When it happened, as a source says; without a key that is now."""
    is_leaving: bool = False
    resend_id: str | None = None


@dataclass
class Charges:
    """The counters that a push was added to, to be taken back if it is not stored."""

    tallies: list[tuple[WindowedCounts, str]] = field(default_factory=list)
    resend_ids: list[str] = field(default_factory=list)


_Judge = Callable[[Sighting, Charges], Reason | None]


class ViewFilter:
    """Judges views by where they come from and how many there were before; in bounded memory.

    Each process of ingest counts by itself, but for addresses, whose counts are shared.
    """

    def __init__(self, datacentres: Ranges, bounds: ViewBounds) -> None:
        self._datacentres = datacentres
        self._bounds = bounds
        self._readers = WindowedCounts(window_seconds=MINUTE_SECONDS, most_keys=MOST_READERS)
        self.addresses = WindowedCounts(window_seconds=MINUTE_SECONDS, most_keys=MOST_ADDRESSES)
        self._agents = Members(window_seconds=QUARTER_SECONDS, most_members=MOST_MEMBERS)
        self._networks = WindowedCounts(window_seconds=QUARTER_SECONDS, most_keys=MOST_ARTICLES)
        self._articles = WindowedCounts(window_seconds=QUARTER_SECONDS, most_keys=MOST_ARTICLES)
        self._moment: datetime | None = None
        self._of_moment = 0
        self._resent: LRUCache[str, Reason | None] = LRUCache(MOST_RESENDS)

    @property
    def address_minute(self) -> int:
        """Views of an address that count in a minute; 0: all."""
        return self._bounds.address_minute

    def of_source(self, seen: Sighting, charges: Charges) -> Reason | None:
        """The reason why a view with a key does not count."""
        return self._once(seen, charges, self._by_reader)

    def of_public(self, seen: Sighting, charges: Charges) -> Reason | None:
        """The reason why a view without a key does not count."""
        return self._once(seen, charges, self._by_origin)

    def take_back(self, charges: Charges) -> None:
        """Counts a push as not received: it was answered with 503."""
        for tallies, key in charges.tallies:
            tallies.take_back(key)
        for resend_id in charges.resend_ids:
            self._resent.pop(resend_id, None)

    def _once(self, seen: Sighting, charges: Charges, judge: _Judge) -> Reason | None:
        """The verdict on a view, which a resend of it shares without being counted."""
        if seen.resend_id is None:
            return judge(seen, charges)
        if seen.resend_id in self._resent:
            return self._resent[seen.resend_id]
        reason = judge(seen, charges)
        charges.resend_ids.append(seen.resend_id)
        self._resent[seen.resend_id] = reason
        return reason

    def _by_reader(self, seen: Sighting, charges: Charges) -> Reason | None:
        if seen.address and seen.address in self._datacentres:
            return "datacentre"
        # A source may send the views of an hour at once. Attention reports count separately.
        most = self._bounds.reader_minute
        if not most:
            return None
        key = f"{seen.reader} {self._minute(seen.at)} {seen.is_leaving:d}"
        return "rate" if self._exceeds(self._readers, key, most, seen, charges) else None

    def _minute(self, moment: datetime) -> int:
        # Most views of a push are of one moment.
        if moment is not self._moment:
            self._moment, self._of_moment = moment, int(moment.timestamp()) // MINUTE_SECONDS
        return self._of_moment

    def _by_origin(self, seen: Sighting, charges: Charges) -> Reason | None:
        most = self._bounds.address_minute
        key = f"leaving {seen.address}" if seen.is_leaving else seen.address
        exceeds = self._exceeds(self.addresses, key, most, seen, charges)
        if (reason := self._by_reader(seen, charges)) is not None:
            return reason
        return "address" if exceeds else self._by_crowd(seen)

    def _exceeds(
        self, tallies: WindowedCounts, key: str, most: int, seen: Sighting, charges: Charges
    ) -> bool:
        if not most:
            return False
        tallies.move_to(seen.now)
        charges.tallies.append((tallies, key))
        return tallies.add(key) > most

    def _by_crowd(self, seen: Sighting) -> Reason | None:
        """Looks at how many readers of an article one address and one network have had.

        A network may have as many as all others together, and some without any others.
        """
        origin, member = f"{seen.address} {seen.article}", hash(seen.reader)
        network = f"{seen.network} {seen.article}"
        for counts in (self._agents, self._networks, self._articles):
            counts.move_to(seen.now)
        if self._agents.has(origin, member) or seen.is_leaving:
            return None
        if 0 < self._bounds.address_agents <= self._agents.count(origin):
            return "agents"
        here = self._networks.of(network)
        others = self._articles.of(seen.article) - here
        if 0 < self._bounds.network_readers <= here and here >= others:
            return "network"
        self._agents.add(origin, member)
        self._networks.add(network)
        self._articles.add(seen.article)
        return None
