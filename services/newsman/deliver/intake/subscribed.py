"""The subscriptions that have a queue, as the reader's thread sees them between two batches."""

from collections import Counter
from collections.abc import Iterable, Set
from queue import Empty, SimpleQueue

from newsman.deliver import metrics
from newsman.matching.standing_queries import StandingQueries
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.subscriptions import Subscription, SubscriptionState


class Subscribed:
    """Those of the registry whose kind is sent to, and their filters.

    The registry tells of changes from its own thread; they count from the next `drain` on.
    """

    def __init__(self, registry: Registry, kinds: Iterable[str]) -> None:
        self._registry = registry
        self._kinds = frozenset(kinds)
        self._changes: SimpleQueue[tuple[Subscription | None, Subscription | None]] = SimpleQueue()
        self._queries = StandingQueries()
        self.by_id: dict[str, Subscription] = {}
        """Every one, whatever its state."""

    def note(self, before: Subscription | None, after: Subscription | None) -> None:
        """A change of the registry; safe from any thread."""
        self._changes.put((before, after))

    def drain(self) -> set[str]:
        """Takes up what has changed; the ids of the subscriptions that did."""
        changed: set[str] = set()
        while True:
            try:
                before, after = self._changes.get_nowait()
            except Empty:
                return changed
            if after is not None and after.kind in self._kinds:
                self.by_id[after.id] = after
                products = self._registry.visible_products(after)
                self._queries.put(after.id, after.filter, products)
                changed.add(after.id)
            elif before is not None and before.id in self.by_id:
                del self.by_id[before.id]
                self._queries.remove(before.id)
                changed.add(before.id)

    def count(self) -> None:
        """Tells the metrics how many are in each state."""
        states = Counter(subscription.state for subscription in self.by_id.values())
        for state in SubscriptionState:
            metrics.subscriptions.labels(state.value).set(states[state])

    def match(self, event: ArticlePublished, told_of_story: Set[str]) -> set[str]:
        """The subscriptions whose filter the article of an event passes; none without one.

        `told_of_story` were told of another article of its story.
        """
        if event.article is None:
            return set()
        return self._queries.match(
            event.article, first_mentions=event.first_mentions, told_of_story=told_of_story
        )

    def products(self, subscription: Subscription) -> tuple[str, ...]:
        """Terms of which its owner may see what stands under one; empty: everything."""
        return self._registry.visible_products(subscription)

    def is_active(self, subscription_id: str) -> bool:
        """True while things may go into the queue."""
        subscription = self.by_id.get(subscription_id)
        return subscription is not None and subscription.state is SubscriptionState.ACTIVE
