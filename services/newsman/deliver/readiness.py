"""Checks and notes of `/readyz` about subscriptions."""

from collections.abc import Sequence

from newsman.runtime.health import Check
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription, SubscriptionState

STOPPED = (SubscriptionState.DISABLED, SubscriptionState.PAUSED)
MOST_NAMED = 3


def registry_check(registry: Registry) -> Check:
    """Not ready until the subscriptions have been read."""

    def check() -> str | None:
        return None if registry.is_whole else "the subscriptions have not been read yet"

    return check


def note_of(registry: Registry) -> Check:
    """The note that an operator should read of subscriptions: there are none, or some stand."""

    def note() -> str | None:
        subscriptions = registry.subscriptions()
        if not subscriptions:
            return "there are no subscriptions: what is published is delivered nowhere"
        stopped = [_stopped(subscriptions, state) for state in STOPPED]
        return "; ".join(filter(None, stopped)) or None

    return note


def _stopped(subscriptions: Sequence[Subscription], state: SubscriptionState) -> str:
    found = [each for each in subscriptions if each.state is state]
    reasons = "; ".join(f"{each.id}: {each.reason}" for each in found[:MOST_NAMED])
    return f"{len(found)} subscriptions are {state.value}: {reasons}" if found else ""
