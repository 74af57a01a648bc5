"""The end of an attempt: what is kept of it, noted of it and done with it, by the answer."""

import logging
import random
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from newsman.deliver import metrics
from newsman.deliver.channels.channel import Answer
from newsman.deliver.core import (
    AttemptResult,
    Delivered,
    Disable,
    GiveUp,
    Pause,
    Retry,
    Verdict,
    decide,
)
from newsman.deliver.queue.outlet import Outcome, Settlement, Taken
from newsman.deliver.sending.attempts import (
    Attempt,
    dump_attempt,
    dump_exchange,
    exchange_field,
)
from newsman.deliver.sending.bodies import Body
from newsman.deliver.sending.notes import Note
from newsman.deliver.sending.stopping import Stop
from newsman.runtime.logs import about
from newsman_schemas.subscriptions import Subscription, SubscriptionState

log = logging.getLogger(__name__)

HOLD_AFTER_STOP_MS = 60_000
"""Until every process has read that the subscription is disabled or paused."""
NAMES = {
    Delivered: "delivered",
    Retry: "retry",
    Disable: "disabled",
    Pause: "paused",
    GiveUp: "failed",
}


class Ended(NamedTuple):
    """The end of one attempt, or of a reference that was not sent at all."""

    subscription: Subscription
    taken: Taken
    settlement: Settlement
    note: Note | None = None
    hold_until_ms: int = 0
    stop: Stop | None = None
    """What the subscription is to be, and why, where nothing more is to be sent."""

    @property
    def is_delivered(self) -> bool:
        """True if the receiver has taken it."""
        return self.settlement.outcome is Outcome.DONE


def ended_attempt(
    subscription: Subscription,
    taken: Taken,
    delivery_id: str,
    body: Body,
    answer: Answer,
    *,
    seconds: float,
) -> Ended:
    """The end of an attempt, by its answer."""
    now = datetime.now(UTC)
    attempt = taken.failures + 1
    verdict = decide(
        AttemptResult(answer.status, answer.retry_after, answer.detail, answer.is_refused),
        event=taken.reference.event,
        attempt=attempt,
        jitter=random.random(),
        now=now,
    )
    name = NAMES[type(verdict)]
    _count(subscription, taken, answer, name, seconds)
    now_ms = _now_ms()
    exchange = dump_exchange(answer)
    field = exchange_field(taken.reference.key, now_ms) if exchange else ""
    line = Attempt(
        id=delivery_id,
        event=taken.reference.event,
        key=taken.reference.key,
        revision=taken.reference.revision,
        at_ms=now_ms,
        status=answer.status,
        ms=round(seconds * 1_000),
        attempt=attempt,
        outcome=name,
        body_bytes=len(body.content),
        media_type=body.media_type,
        detail=answer.detail,
        event_id=taken.reference.event_id,
        version=taken.reference.version,
        occurred_ms=taken.reference.at_ms,
        source=taken.reference.source,
        uri=taken.reference.uri,
        reason=taken.reference.reason,
        exchange=field,
    )
    wait_ms, hold_ms = _waits(verdict)
    return Ended(
        subscription,
        taken,
        Settlement(taken, _outcome(verdict), now_ms + wait_ms, dump_attempt(line), field, exchange),
        _note(subscription, taken, delivery_id, verdict, answer),
        now_ms + hold_ms if hold_ms else 0,
        _stop(verdict, answer),
    )


def _stop(verdict: Verdict, answer: Answer) -> Stop | None:
    if isinstance(verdict, Pause):
        return Stop(SubscriptionState.PAUSED, answer.detail or "its address is refused")
    if isinstance(verdict, Disable):
        reason = answer.detail or "the receiver answered 410 Gone"
        return Stop(SubscriptionState.DISABLED, reason)
    return None


def _outcome(verdict: Verdict) -> Outcome:
    if isinstance(verdict, Delivered):
        return Outcome.DONE
    return Outcome.FAILED if isinstance(verdict, GiveUp) else Outcome.RETRY


def _waits(verdict: Verdict) -> tuple[int, int]:
    """Ms until the next attempt, and for which the whole subscription is held back."""
    if isinstance(verdict, Retry):
        return round(verdict.wait_seconds * 1_000), round(verdict.hold_seconds * 1_000)
    return 0, HOLD_AFTER_STOP_MS if isinstance(verdict, Disable | Pause) else 0


def _note(
    subscription: Subscription, taken: Taken, delivery_id: str, verdict: Verdict, answer: Answer
) -> Note | None:
    if not isinstance(verdict, Delivered | GiveUp):
        return None
    return Note(
        subscription,
        taken.reference,
        "acknowledged" if isinstance(verdict, Delivered) else "failed",
        taken.failures + 1,
        answer.status,
        delivery_id,
    )


def _count(
    subscription: Subscription, taken: Taken, answer: Answer, name: str, seconds: float
) -> None:
    _attempts(subscription.kind, name).inc()
    metrics.attempt_seconds.observe(seconds)
    if name == "delivered":
        waited_ms = _now_ms() - taken.reference.at_ms
        metrics.latency_seconds.observe(max(0, waited_ms) / 1000)
        return
    what = answer.detail or f"status {answer.status}"
    delivery_id = taken.reference.delivery_id(subscription.id)
    key = taken.reference.key
    told = (delivery_id, key, subscription.id, name, what)
    log.warning("%s of %s to %s: %s: %s", *told, extra=about(key))


_attempts = lru_cache(maxsize=None)(metrics.attempts.labels)
"""There are as many as kinds and outcomes; looking one up takes longer than counting."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
