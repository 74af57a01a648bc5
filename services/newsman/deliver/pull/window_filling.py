"""The thread that reads on: matches what comes for all who fetch, and fills the window."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from queue import Empty, SimpleQueue

from newsman.deliver.pull.log import FetchLog
from newsman.deliver.pull.matching import may_take_away, read_event
from newsman.deliver.pull.window import EventWindow, LogEntry
from newsman.deliver.subscriptions.validation import FETCHED
from newsman.kafka.positions import Positions
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.matching.standing_queries import StandingQueries
from newsman.runtime.health import Pulse
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Filter, Subscription

Change = tuple[Subscription | None, Subscription | None]
Heard = Callable[[list[LogEntry]], None]


@dataclass(frozen=True, slots=True)
class MatchedSince:
    """Entries from this number on were matched against this filter."""

    number: int
    filter: Filter
    products: tuple[str, ...]


class WindowFilling:
    """Follows the log in a thread of its own, and tells the event loop of what comes."""

    def __init__(self, past: FetchLog, registry: Registry, window: EventWindow) -> None:
        self._past = past
        self._registry = registry
        self._window = window
        self._loop = asyncio.get_running_loop()
        self._queries = StandingQueries()
        self._changes: SimpleQueue[Change] = SimpleQueue()
        self._number = 0
        self.matched_since: dict[str, MatchedSince] = {}
        """By subscription; changed by the thread, read by the loop."""

    def run(
        self, heard: Heard, stopping: threading.Event, pulse: Pulse, watch: PartitionWatch
    ) -> None:
        """The body of the thread; `heard` is called in the loop with what has come."""
        self._registry.listen(self._note)

        def take(entries: list[LogEntry], reached: Positions) -> None:
            self._tell(self._add, self.matched(entries), reached, heard)

        self._past.follow(
            lambda starts: self._tell(self._window.begin, starts), take, stopping, pulse, watch
        )

    def matched(self, entries: list[LogEntry]) -> list[LogEntry]:
        """The entries with their numbers, and the subscriptions that they are for."""
        self._take_changes()
        return [self._matched(entry) for entry in entries]

    def _matched(self, entry: LogEntry) -> LogEntry:
        self._number += 1
        if not self.matched_since:
            return replace(entry, number=self._number)
        event = read_event(entry)
        if not isinstance(event, ArticlePublished):
            # Rankings have no filter: everybody who asked for them is woken.
            wanted = frozenset(self.matched_since) if event else frozenset[str]()
            return replace(entry, number=self._number, matched=wanted)
        found: set[str] = set()
        if event.article is not None:
            found = self._queries.match(event.article, first_mentions=event.first_mentions)
        return replace(
            entry,
            number=self._number,
            matched=frozenset(found),
            may_take_away=may_take_away(event),
            about=event.article_id,
        )

    def _note(self, before: Subscription | None, after: Subscription | None) -> None:
        kinds = {each.kind for each in (before, after) if each}
        if kinds.isdisjoint(FETCHED):
            return
        self._changes.put((before, after))
        ids = {each.id for each in (before, after) if each}
        self._tell(self._window.wake, ids)

    def _take_changes(self) -> None:
        while True:
            try:
                before, after = self._changes.get_nowait()
            except Empty:
                return
            if after is not None:
                products = self._registry.visible_products(after)
                self._queries.put(after.id, after.filter, products)
                self.matched_since[after.id] = MatchedSince(
                    self._number + 1, after.filter, products
                )
            elif before is not None:
                self.matched_since.pop(before.id, None)
                self._queries.remove(before.id)

    def _add(self, entries: list[LogEntry], reached: Positions, heard: Heard) -> None:
        for entry in entries:
            self._window.add(entry)
        self._window.reach(reached)
        self._window.wake(set(chain.from_iterable(entry.matched for entry in entries)))
        heard(entries)

    def _tell(self, function: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)
