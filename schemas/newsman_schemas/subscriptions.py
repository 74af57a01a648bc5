"""Who subscribes to what, and who was sent what: subscribers, subscriptions, the ledger's entries.

Subscribers and subscriptions live on compacted topics, so that Redis may be lost; the ledger lives
on a topic of its own.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from newsman_schemas.articles import ArticleId, ShortText
from newsman_schemas.events import Event, UtcDatetime, Value

OPERATOR = "operator"
"""The owner of subscriptions that the operator made."""
HUB = "hub"
"""The owner of subscriptions that feed readers made at the WebSub hub."""

ARTICLE_EVENTS = (
    "article.published",
    "article.updated",
    "article.corrected",
    "article.killed",
    "article.withdrawn",
    "article.released",
)
RANKING_EVENT = "ranking.changed"
EVENTS = (*ARTICLE_EVENTS, RANKING_EVENT)
"""Everything that a subscription can ask for; `article.*` stands for those of articles."""
PAYLOADS = (
    "full",
    "thin",
    "ninjs-1.6",
    "ninjs-2.2",
    "ninjs-3.1",
    "ninjs-superdesk",
    "newsml-g2",
    "nitf",
)

SubscriptionId = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{16}$")]
SubscriberName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Term = Annotated[str, StringConstraints(min_length=1, max_length=300)]
FilterValue = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Alternatives = Annotated[tuple[FilterValue, ...], Field(max_length=50)]
"""Values of one filter: an article passes that has any of them."""


class Filter(Value):
    """The articles that a subscription asks for: those that pass every filter that is set.

    `q` is read as a search is: all the words, the last of which may be unfinished.
    """

    section: Alternatives = ()
    tag: Alternatives = ()
    entity: Alternatives = ()
    author: Alternatives = ()
    source: Alternatives = ()
    lang: Alternatives = ()
    q: Annotated[str, StringConstraints(max_length=500)] = ""
    urgency_max: Annotated[int, Field(ge=1, le=9)] | None = None
    """The least urgent that is wanted: IPTC urgency, 1 is the highest."""
    collapse: Literal["story"] | None = None
    """`story`: copies of a story that was told of already are left out."""
    first_mention: bool = False
    """Only articles that name an entity which no article named before; with `entity`, these."""


class SubscriptionState(StrEnum):
    """The states of a subscription; `unverified` waits for the receiver to confirm."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    UNVERIFIED = "unverified"


class Secret(Value):
    """A signing secret; `until` is set once another has taken its place."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=250)] = Field(repr=False)
    until: UtcDatetime | None = None


class Subscription(Value):
    """A wish to be told: what of, where to, in which form, and from where in the log on."""

    id: SubscriptionId
    owner: SubscriberName
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,20}$")]
    """The channel: webhook, superdesk, websub, email, kafka, s3, pull, stream."""
    target: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """The address that the channel sends to; empty where the subscriber fetches."""
    options: dict[str, str] = Field(default_factory=dict)
    """What the channel alone understands, for example the time zone of a digest."""
    events: tuple[str, ...] = ("article.*",)
    filter: Filter = Filter()
    payload: str = "full"
    start: dict[int, int] = Field(default_factory=dict)
    """Of each partition of `article-published` the first offset that it is told of."""
    state: SubscriptionState = SubscriptionState.ACTIVE
    reason: ShortText | None = None
    """Why it is paused, disabled or not verified."""
    secrets: tuple[Secret, ...] = ()
    """Newest first; all that have not ended sign."""
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    """Deliveries that may be under way at once; those of one article never are."""
    shadow: bool = False
    """True: all is matched and noted, and nothing is sent."""
    expires_at: UtcDatetime | None = None
    """The end of the lease of a WebSub subscription."""
    created_at: UtcDatetime
    changed_at: UtcDatetime


class SubscriptionChanged(Event):
    """A subscription as it is from now on; absent once it was deleted."""

    NAME: ClassVar[str] = "subscription-changed"

    subscription_id: SubscriptionId
    subscription: Subscription | None = None
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]

    @property
    def key(self) -> str:
        return self.subscription_id


class Token(Value):
    """A token of a subscriber, of which only the SHA-256 in hexadecimal is kept."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    added_at: UtcDatetime


class Subscriber(Value):
    """A system that subscribes: its tokens, what it may see, and how much."""

    name: SubscriberName
    title: ShortText | None = None
    tokens: tuple[Token, ...] = ()
    products: tuple[Term, ...] = ()
    """Terms such as `section:sport`: it sees articles that stand under any; with none, all."""
    most_subscriptions: Annotated[int, Field(ge=0)] = 100
    most_deliveries_per_second: Annotated[int, Field(ge=1)] = 200
    created_at: UtcDatetime


class SubscriberChanged(Event):
    """A subscriber as it is from now on; absent once it was removed."""

    NAME: ClassVar[str] = "subscriber-changed"

    name: SubscriberName
    subscriber: Subscriber | None = None
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]

    @property
    def key(self) -> str:
        return self.name


class DeliveryNoted(Event):
    """An entry of the ledger: a subscriber was sent, has acknowledged or has fetched something.

    `outcome`: `acknowledged` (the receiver took it), `fetched` (a pull, stream or feed handed it
    out), `failed` (every attempt did), `replaced` (a newer version took its place before it was
    taken), `dropped` (the subscription ended first), `shadowed` (it would have been sent).
    """

    NAME: ClassVar[str] = "delivery-noted"

    delivery_id: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """The same on every attempt."""
    subscription_id: SubscriptionId | None = None
    subscriber: SubscriberName
    channel: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    target: Annotated[str, StringConstraints(max_length=300)] = ""
    """Where to, without anything secret."""
    event: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    """One of EVENTS: what was told."""
    article_id: ArticleId
    revision: int
    version: int
    outcome: Literal["acknowledged", "fetched", "failed", "replaced", "dropped", "shadowed"]
    attempts: int = 1
    status: int | None = None
    """The HTTP or SMTP status of the last answer."""
    published_at: UtcDatetime
    """When the change became public, from which the time of a kill counts."""

    @property
    def key(self) -> str:
        return self.article_id
