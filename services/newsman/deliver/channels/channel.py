"""The description of a way out, which every file of one has as its `open_channel`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.subscriptions import Subscription


@dataclass(frozen=True)
class Delivery:
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


@dataclass(frozen=True)
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


class BadSubscription(Exception):
    """A subscription that the channel cannot serve; a JSON pointer says where it is wrong."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer} {detail}")
        self.pointer = pointer
        self.detail = detail


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
