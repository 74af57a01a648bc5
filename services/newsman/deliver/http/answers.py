"""Subscriptions, attempts and progress as answers. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from newsman.deliver.http.models import (
    Attempted,
    Links,
    NewSubscription,
    OneSubscription,
    Progress,
    Requested,
    SubscriptionShown,
)
from newsman.deliver.sending.attempts import Attempt, Exchange
from newsman.deliver.sending.requests import QueueState
from newsman.deliver.subscriptions.validation import FETCHED
from newsman_schemas.subscriptions import Subscription

SHOWN_ATTEMPTS = 5


def shown(subscription: Subscription) -> SubscriptionShown:
    """A subscription without its secrets."""
    return SubscriptionShown(**_fields(subscription))


def shown_new(subscription: Subscription) -> NewSubscription:
    """A subscription with its newest secret."""
    secret = subscription.secrets[0].value if subscription.secrets else None
    return NewSubscription(**_fields(subscription), secret=secret)


def shown_whole(
    subscription: Subscription,
    state: QueueState,
    attempts: Sequence[Attempt],
    last: Sequence[tuple[str, Attempt, Exchange | None]],
    *,
    behind: int | None,
    unacknowledged: int,
    held_until_ms: int,
) -> OneSubscription:
    """A subscription and how it stands; `last` are the newest of its attempts."""
    delivered = sum(attempt.outcome == "delivered" for attempt in attempts)
    progress = Progress(
        waiting=state.waiting,
        under_way=state.under_way,
        behind=behind,
        unacknowledged=unacknowledged,
        failing_since=_moment(state.failing_since_ms),
        held_until=_moment(held_until_ms),
        success_rate=round(delivered / len(attempts), 4) if attempts else None,
        last=tuple(shown_attempt(*each) for each in last),
    )
    return OneSubscription(**_fields(subscription), progress=progress)


def shown_attempt(subscription_id: str, attempt: Attempt, exchange: Exchange | None) -> Attempted:
    """An attempt at a delivery."""
    exchange = exchange or Exchange()
    has_request = bool(exchange.headers or exchange.body)
    return Attempted(
        id=attempt.id,
        subscription=subscription_id,
        event=attempt.event,
        about=attempt.key,
        revision=attempt.revision,
        at=datetime.fromtimestamp(attempt.at_ms / 1_000, UTC),
        attempt=attempt.attempt,
        outcome=attempt.outcome,
        status=attempt.status,
        ms=attempt.ms,
        sent_bytes=attempt.body_bytes,
        sent_type=attempt.media_type,
        request=Requested(headers=dict(exchange.headers), body=exchange.body)
        if has_request
        else None,
        answer=exchange.answer,
        detail=attempt.detail,
    )


def _fields(subscription: Subscription) -> dict[str, object]:
    own = subscription.model_dump(
        include={
            *("id", "owner", "kind", "options", "events", "filter", "payload", "reason"),
            *("concurrency", "shadow", "created_at", "changed_at"),
        }
    )
    return {
        **own,
        "url": subscription.target,
        "state": subscription.state.value,
        "secrets": len(subscription.secrets),
        "links": _links(subscription),
    }


def _links(subscription: Subscription) -> Links:
    here = f"/v1/subscriptions/{subscription.id}"
    is_fetched = subscription.kind in FETCHED
    return Links(
        self=here,
        deliveries=f"{here}/deliveries",
        events=f"{here}/events" if is_fetched else None,
        stream=f"{here}/stream" if is_fetched else None,
    )


def _moment(ms: int) -> datetime | None:
    return datetime.fromtimestamp(ms / 1_000, UTC) if ms else None
