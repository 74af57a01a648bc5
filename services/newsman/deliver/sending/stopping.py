"""Stopping a subscription whose receiver is gone, refuses or has failed for days; the operator is
told."""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from newsman.deliver.queue.inlet import Inlet, Put, Row
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.notes import shown_target
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.subscribers.registry import Registry
from newsman_schemas.events import digest, unix_ms
from newsman_schemas.subscriptions import OPERATOR, Subscription, SubscriptionState

log = logging.getLogger(__name__)

DISABLED_EVENT = "subscription.disabled"
WANTED_AS = frozenset({DISABLED_EVENT, "subscription.*"})
BY = "deliver"


@dataclass(frozen=True, slots=True)
class Stop:
    """The state in which nothing is sent (disabled or paused), and why."""

    state: SubscriptionState
    reason: str


class Stopping:
    """Changes the registry, which every process reads, and queues a notice; it blocks."""

    def __init__(self, registry: Registry, writer: RegistryWriter, inlet: Inlet) -> None:
        self._registry = registry
        self._writer = writer
        self._inlet = inlet

    def stop_or_wait(self, subscription_id: str, stop: Stop) -> None:
        """Stops the subscription; when that is impossible just now, the next failure comes here
        again."""
        try:
            self.stop(subscription_id, stop)
        except RegistryUnavailable as problem:
            log.error("subscription %s is not stopped yet: %s", subscription_id, problem)

    def stop(self, subscription_id: str, stop: Stop) -> None:
        """Stops the subscription if it is active; raises RegistryUnavailable, or RedisError where
        only the notice is missing."""
        after = self._writer.change(subscription_id, partial(_stopped, stop=stop), by=BY)
        if after is None or (after.state, after.reason) != (stop.state, stop.reason):
            return
        log.error("subscription %s is %s: %s", subscription_id, stop.state.value, stop.reason)
        self._inlet.put(list(self._notices(after)))

    def _notices(self, stopped: Subscription) -> Iterable[Put]:
        for subscription in self._registry.of_owner(OPERATOR):
            if subscription.id != stopped.id and WANTED_AS & set(subscription.events):
                row = Row(_notice(stopped), offset=0, is_urgent=True)
                yield Put(subscription.id, [row])


def _stopped(subscription: Subscription, stop: Stop) -> Subscription:
    if subscription.state is not SubscriptionState.ACTIVE:
        return subscription
    return subscription.model_copy(update={"state": stop.state, "reason": stop.reason})


def _notice(stopped: Subscription) -> Reference:
    at = stopped.changed_at
    body = {
        "type": DISABLED_EVENT,
        "timestamp": at.astimezone(UTC).isoformat(),
        "data": {
            "id": stopped.id,
            "owner": stopped.owner,
            "kind": stopped.kind,
            "target": shown_target(stopped.target),
            "state": stopped.state.value,
            "reason": stopped.reason,
        },
    }
    return notice(DISABLED_EVENT, stopped.id, at, body)


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
