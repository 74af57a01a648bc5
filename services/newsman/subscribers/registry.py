"""Subscribers and subscriptions as the logs have them, in memory; any thread may ask."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping

from newsman.subscribers.tokens import token_digest
from newsman_schemas.subscriptions import (
    HUB,
    OPERATOR,
    Subscriber,
    SubscriberChanged,
    Subscription,
    SubscriptionChanged,
)
from newsman_schemas.topics import Topic

OWN = frozenset({OPERATOR, HUB})
"""Owners that are no subscribers: they may see everything."""

Listener = Callable[[Subscription | None, Subscription | None], None]
"""Receives a subscription before and after a change; None where there was or is none."""


class Registry:
    """The newest state of every subscriber and subscription.

    A subscription whose owner is not known, or no longer, is not there, whichever of the two logs
    is read first. One thread changes the registry: the tail of the logs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._telling = threading.RLock()
        self._moved = threading.Condition(self._lock)
        self._logged: dict[str, dict[str, Subscription]] = defaultdict(dict)
        """By owner and id, those of unknown owners too."""
        self._owners: dict[str, str] = {}
        """Of each logged subscription."""
        self._shown: dict[str, Subscription] = {}
        self._subscribers: dict[str, Subscriber] = {}
        self._by_digest: dict[str, str] = {}
        self._listeners: list[Listener] = []
        self._reached: dict[str, int] = {}
        self._is_whole = False

    @property
    def is_whole(self) -> bool:
        """True once all that the logs held at the start has been read."""
        return self._is_whole

    def subscription(self, subscription_id: str) -> Subscription | None:
        """The subscription of this id."""
        with self._lock:
            return self._shown.get(subscription_id)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """All subscriptions, in no order."""
        with self._lock:
            return tuple(self._shown.values())

    def of_owner(self, owner: str) -> tuple[Subscription, ...]:
        """The subscriptions of one subscriber, or of `OPERATOR` or `HUB`, the oldest first."""
        with self._lock:
            owned = [s for s in self._logged.get(owner, {}).values() if s.id in self._shown]
        return tuple(sorted(owned, key=lambda s: (s.created_at, s.id)))

    def subscriber(self, name: str) -> Subscriber | None:
        """The subscriber of this name; None for `OPERATOR` and `HUB`."""
        with self._lock:
            return self._subscribers.get(name)

    def subscribers(self) -> tuple[Subscriber, ...]:
        """All subscribers by name."""
        with self._lock:
            return tuple(self._subscribers[name] for name in sorted(self._subscribers))

    def by_token(self, token: str) -> Subscriber | None:
        """The subscriber that was given this token."""
        with self._lock:
            name = self._by_digest.get(token_digest(token))
            return self._subscribers.get(name) if name is not None else None

    def visible_products(self, subscription: Subscription) -> tuple[str, ...]:
        """Terms of which an article must stand under one for the owner to see it; empty: all may
        be seen."""
        subscriber = self.subscriber(subscription.owner)
        return subscriber.products if subscriber else ()

    def listen(self, listener: Listener) -> None:
        """Has the listener told of every subscription that is there, and of each change to come.

        It is told by the thread of the tail, one change at a time, after the registry shows the
        change. `before` and `after` are equal when it is the owner's products or quotas that
        changed.
        """
        with self._telling:
            self._listeners.append(listener)
            for subscription in self.subscriptions():
                listener(None, subscription)

    def take_subscription(self, subscription_id: str, event: SubscriptionChanged | None) -> None:
        """A record of subscription-changed; None is a tombstone."""
        after = event.subscription if event else None
        with self._telling:
            with self._lock:
                before = self._shown.get(subscription_id)
                self._forget(subscription_id)
                if after:
                    self._logged[after.owner][after.id] = after
                    self._owners[after.id] = after.owner
                if after and self._is_owner(after.owner):
                    self._shown[after.id] = after
                else:
                    after = None
            self._tell(before, after)

    def take_subscriber(self, name: str, event: SubscriberChanged | None) -> None:
        """A record of subscriber-changed; None is a tombstone."""
        after = event.subscriber if event else None
        with self._telling:
            with self._lock:
                was_there = self._replace(name, after)
                owned = dict(self._logged.get(name, {}))
                for subscription_id in owned:
                    self._shown.pop(subscription_id, None)
                if after:
                    self._shown |= owned
            for subscription in owned.values():
                self._tell(subscription if was_there else None, subscription if after else None)

    def reach(self, offsets: Mapping[str, int], *, is_whole: bool) -> None:
        """All before these offsets has been taken, by the topic's name."""
        with self._moved:
            self._reached |= offsets
            self._is_whole = self._is_whole or is_whole
            self._moved.notify_all()

    def wait_for(self, topic: Topic, offset: int, *, seconds: float) -> bool:
        """True as soon as all before the offset has been taken, False once the time is over."""
        with self._moved:
            return self._moved.wait_for(
                lambda: self._reached.get(topic.name, 0) >= offset, timeout=seconds
            )

    def wait_until_whole(self, *, seconds: float) -> bool:
        """True as soon as the registry is whole, False once the time is over."""
        with self._moved:
            return self._moved.wait_for(lambda: self._is_whole, timeout=seconds)

    def _is_owner(self, owner: str) -> bool:
        return owner in OWN or owner in self._subscribers

    def _forget(self, subscription_id: str) -> None:
        owner = self._owners.pop(subscription_id, None)
        if owner is not None:
            del self._logged[owner][subscription_id]
            if not self._logged[owner]:
                del self._logged[owner]
        self._shown.pop(subscription_id, None)

    def _replace(self, name: str, after: Subscriber | None) -> bool:
        before = self._subscribers.pop(name, None)
        for token in before.tokens if before else ():
            self._by_digest.pop(token.digest, None)
        if after:
            self._subscribers[name] = after
            self._by_digest |= {token.digest: name for token in after.tokens}
        return before is not None

    def _tell(self, before: Subscription | None, after: Subscription | None) -> None:
        if before or after:
            for listener in self._listeners:
                listener(before, after)
