"""The description of a way out; every file of one has `open_channel(context) -> Channel`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from newsman.deliver.channels.shown_request import ShownRequest
from newsman.settings import DeliverSettings
from newsman.web.outbound.policy import OutboundPolicy
from newsman.web.outbound.session import OutboundSession
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.subscriptions import OPERATOR, Subscription


class Delivery(NamedTuple):
    """One thing to tell one subscription of."""

    id: str
    """The same on every attempt: `msg_` and a digest of subscription and event."""
    event: str
    """`article.published` and so on."""
    article_id: str
    revision: int
    version: int
    occurred_at: datetime
    attempt: int
    """From 1 on."""
    body: bytes
    """What is told, in the subscription's payload."""
    media_type: str
    article: EnrichedArticle | None
    """The article as readers may see it now; None where it was taken away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one attempt.

    `status` is an HTTP status, or the one that comes nearest; None when no answer came.
    """

    status: int | None
    retry_after: str | None = None
    body: str = ""
    """The beginning of the answer, at most 4,096 characters."""
    detail: str | None = None
    """Why there is no answer, without anything secret."""
    is_refused: bool = False
    """True where the address is refused for good: the subscription is paused with `detail`."""
    request: ShownRequest | None = None
    """What was sent; None where it holds other articles, too."""


@dataclass(frozen=True)
class BadSubscription(Exception):
    """A subscription that the channel cannot serve; a JSON pointer says where it is wrong."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class ChannelContext:
    """What channels work with; opened in the loop that sends, and closed there."""

    settings: DeliverSettings
    strangers: OutboundSession
    """For addresses that somebody named: it reaches what the policy allows."""
    own: OutboundSession
    """For addresses that the operator's settings name: it reaches everything."""
    policy: OutboundPolicy

    def session(self, subscription: Subscription) -> OutboundSession:
        """The client for the subscription's target."""
        return self.own if self._is_own(subscription) else self.strangers

    def refusal(self, subscription: Subscription) -> str | None:
        """Why the target is never called; None where only its address remains to be seen."""
        if self._is_own(subscription):
            return None
        return self.policy.refusal(subscription.target)

    def _is_own(self, subscription: Subscription) -> bool:
        return subscription.owner == OPERATOR and subscription.target == self.settings.webhook_url


class Channel(Protocol):
    """A way out. `send` raises nothing that a receiver could cause."""

    kind: str
    """The name that subscriptions ask for it by."""
    payloads: tuple[str, ...]
    """The payloads that it takes, its usual one first."""
    together: int
    """The most deliveries of a subscription that one `send` takes; 1 for all but digests and
    files."""

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for a target or options that make no sense."""
        ...

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:
        """The moment at which what comes now is sent; None: at once."""
        ...

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """One attempt at each delivery; an answer for each, in their order."""
        ...
