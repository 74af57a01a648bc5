"""Answers about subscriptions and deliveries."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from newsman_schemas.subscriptions import Filter


class Shown(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class Requested(Shown):
    """A request as it was sent, without what is secret in it."""

    headers: dict[str, str] = Field(description="In lower case; of a signature its kind alone.")
    body: str = Field(description="The beginning of the body, at most 4 kB.")


class Attempted(Shown):
    """One attempt at a delivery."""

    id: str = Field(description="Of the delivery; the same on every attempt, as in webhook-id.")
    subscription: str
    event: str
    about: str = Field(description="An article's id, or a ranking or notice.")
    revision: int
    at: datetime
    attempt: int
    outcome: str = Field(description="delivered, retry, failed, disabled or paused.")
    status: int | None = Field(description="The receiver's; null when no answer came.")
    ms: int
    sent_bytes: int
    sent_type: str
    request: Requested | None = Field(
        description="Null where it is not kept: its article was taken away since, or it held "
        "several."
    )
    answer: str = Field(
        description="The beginning of the answer's body, at most 4 kB; it is kept as long as the "
        "request."
    )
    detail: str | None = Field(description="Why no answer came.")


class Links(Shown):
    """Addresses of what belongs to a subscription."""

    self: str
    deliveries: str
    events: str | None = Field(description="Long polling, where the subscriber fetches.")
    stream: str | None = Field(description="Server-sent events, where the subscriber fetches.")


class Progress(Shown):
    """How a subscription stands."""

    waiting: int = Field(description="Deliveries that wait or are under way.")
    under_way: int
    behind: int | None = Field(
        description="Events of the log that it has yet to be matched with; null: not known."
    )
    unacknowledged: int = Field(description="Events that were fetched without a later cursor.")
    failing_since: datetime | None
    held_until: datetime | None = Field(description="Until then its receiver asked for a pause.")
    success_rate: float | None = Field(description="Of the last 200 attempts at most.")
    last: tuple[Attempted, ...] = Field(description="The last attempts, the newest first.")


class SubscriptionShown(Shown):
    """A subscription as its owner sees it, without its secrets."""

    id: str
    owner: str
    kind: str
    url: str
    options: dict[str, str]
    events: tuple[str, ...]
    filter: Filter
    payload: str
    state: str = Field(description="active, paused, disabled or unverified.")
    reason: str | None
    concurrency: int
    shadow: bool
    secrets: int = Field(description="The number of secrets that sign.")
    created_at: datetime
    changed_at: datetime
    links: Links


class OneSubscription(SubscriptionShown):
    """A subscription and how it stands."""

    progress: Progress


class NewSubscription(SubscriptionShown):
    """A subscription that was made just now."""

    secret: str | None = Field(description="The secret that signs; it is not shown again.")


class SubscriptionList(Shown):
    """Subscriptions, the oldest first."""

    items: tuple[SubscriptionShown, ...]


class Rotated(Shown):
    """A new secret; the one before signs as well until then."""

    secret: str
    old_until: datetime


class Accepted(Shown):
    """A delivery that is on its way."""

    id: str
    links: dict[str, str]


class Replayed(Shown):
    """The part of the log that is told again."""

    start: str = Field(description="A cursor.")
    end: str = Field(description="A cursor.")


class DeliveryList(Shown):
    """Attempts at deliveries, the newest first."""

    items: tuple[Attempted, ...]


class EventPage(Shown):
    """Events in the order of the log; each article's in the order of its revisions."""

    items: tuple[dict[str, Any], ...]
    next: str = Field(description="The cursor to go on with; asking with it acknowledges these.")
    live: bool = Field(description="True if there is nothing more for now.")


ANSWERS = (
    OneSubscription, NewSubscription, SubscriptionShown, SubscriptionList, Rotated, Accepted,
    Replayed, DeliveryList, EventPage,
)  # fmt: skip
