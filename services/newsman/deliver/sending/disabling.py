"""Disabling a subscription whose receiver is gone or has failed for days; the operator is told."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from newsman.deliver.queue.inlet import Inlet, Put, Row
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.notes import shown_target
from newsman.deliver.subscriptions.registry import Registry
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman_schemas.events import digest, unix_ms
from newsman_schemas.subscriptions import OPERATOR, Subscription, SubscriptionState

log = logging.getLogger(__name__)

DISABLED_EVENT = "subscription.disabled"
WANTED_AS = frozenset({DISABLED_EVENT, "subscription.*"})
BY = "deliver"


class Disabling:
    """Changes the registry, which every process reads, and queues a notice; it blocks."""

    def __init__(
        self, registry: Registry, writer: RegistryWriter, inlet: Inlet, wake: Callable[[], None]
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._inlet = inlet
        self._wake = wake

    def disable(self, subscription_id: str, reason: str) -> None:
        """Disables the subscription unless it is so already; when that is impossible just now,
        the next failure comes here again."""
        try:
            after = self._writer.change(subscription_id, partial(_disabled, reason=reason), by=BY)
        except RegistryUnavailable as problem:
            log.error("subscription %s is not disabled yet: %s", subscription_id, problem)
            return
        if after is None or after.state is not SubscriptionState.DISABLED:
            return
        log.error("subscription %s is disabled: %s", subscription_id, reason)
        self._inlet.put(list(self._notices(after)))
        self._wake()

    def _notices(self, disabled: Subscription) -> Iterable[Put]:
        for subscription in self._registry.of_owner(OPERATOR):
            if subscription.id != disabled.id and WANTED_AS & set(subscription.events):
                row = Row(_notice(disabled), offset=0, is_urgent=True)
                yield Put(subscription.id, [row])


def _disabled(subscription: Subscription, reason: str) -> Subscription:
    if subscription.state is not SubscriptionState.ACTIVE:
        return subscription
    return subscription.model_copy(update={"state": SubscriptionState.DISABLED, "reason": reason})


def _notice(disabled: Subscription) -> Reference:
    at = disabled.changed_at
    body = {
        "type": DISABLED_EVENT,
        "timestamp": at.astimezone(UTC).isoformat(),
        "data": {
            "id": disabled.id,
            "owner": disabled.owner,
            "kind": disabled.kind,
            "target": shown_target(disabled.target),
            "reason": disabled.reason,
        },
    }
    return notice(DISABLED_EVENT, disabled.id, at, body)


def notice(event: str, about: str, at: datetime, body: Mapping[str, object]) -> Reference:
    """A reference that holds its body whole: an event of the subscriptions themselves."""
    moment = unix_ms(at)
    return Reference(
        key=f"notice:{event}:{about}",
        event=event,
        event_id=digest(event, about, str(moment)),
        revision=moment,
        at_ms=moment,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )
