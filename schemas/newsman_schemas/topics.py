"""The one list of topics: name, event class, partitions, retention or compaction."""

from dataclasses import dataclass

from newsman_schemas.agenda import AgendaItemReceived
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticlePublished,
    ArticleReceived,
    StatementIssued,
)
from newsman_schemas.editing import ArticleOverridden, NameDefined
from newsman_schemas.events import Event
from newsman_schemas.noticing import SourceNoticed
from newsman_schemas.popularity import (
    ArticlesViewed,
    ArticleViewed,
    RankingChanged,
    RankingChangedV1,
    RankingEdited,
)
from newsman_schemas.subscriptions import DeliveryNoted, SubscriberChanged, SubscriptionChanged

DAY_MS = 86_400_000
KEEP_FOR_EVER_MS = -1
MAX_MESSAGE_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Topic:
    """A topic and what it carries; `event` is None where the original bytes travel untouched.

    Where `most_ahead_ms` is set, the broker refuses messages whose producer's clock is so far ahead
    of its own.
    """

    name: str
    event: type[Event] | None
    key: str
    partitions: int
    retention_ms: int
    compacted: bool
    summary: str
    most_ahead_ms: int | None = None

    def full_name(self, namespace: str) -> str:
        """The name on the broker: `newsman.article-received.v1` in the namespace `newsman`."""
        return f"{namespace}.{self.name}"

    def config(self) -> dict[str, str]:
        """The broker's settings for this topic (Kafka topic configuration names)."""
        config = {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        }
        if self.most_ahead_ms is not None:
            config["message.timestamp.after.max.ms"] = str(self.most_ahead_ms)
        return config


ARTICLE_RECEIVED = Topic(
    name="article-received.v1",
    event=ArticleReceived,
    key="article id",
    partitions=4,
    retention_ms=30 * DAY_MS,
    compacted=False,
    summary="Every version of every article that a newsroom pushed.",
)
ARTICLE_ENRICHED = Topic(
    name="article-enriched.v1",
    event=ArticleEnriched,
    key="article id",
    partitions=4,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=False,
    summary="The same with tags and entities; the log that the article store is rebuilt from.",
)
ARTICLE_OVERRIDDEN = Topic(
    name="article-overridden.v1",
    event=ArticleOverridden,
    key="article id",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="What editors decided of articles' tags and entities; the last word on each.",
)
NAME_DEFINED = Topic(
    name="name-defined.v1",
    event=NameDefined,
    key="slug of the name",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="The newsroom's own names: what each is, or never is; the last word on each.",
)
ARTICLE_PUBLISHED = Topic(
    name="article-published.v1",
    event=ArticlePublished,
    key="article id",
    partitions=4,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="The public contract: the newest state of every article that readers may see.",
)
STATEMENT_ISSUED = Topic(
    name="statement-issued.v1",
    event=StatementIssued,
    key="article id",
    partitions=ARTICLE_PUBLISHED.partitions,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=False,
    summary="Signed statements of what was published: every one, also of revisions that are "
    "compacted away.",
)
ARTICLE_VIEWED_V1 = Topic(
    name="article-viewed.v1",
    event=ArticleViewed,
    key="article id",
    partitions=4,
    retention_ms=400 * DAY_MS,
    compacted=False,
    summary="Page views, one each, as they were written before the second version.",
    # Views are judged by when they were logged, so that must not lie ahead.
    most_ahead_ms=300_000,
)
ARTICLE_VIEWED = Topic(
    name="article-viewed.v2",
    event=ArticlesViewed,
    key="id of an article of the partition",
    partitions=ARTICLE_VIEWED_V1.partitions,
    retention_ms=400 * DAY_MS,
    compacted=False,
    summary="Page views, those of a push together; with the first version, which comes before, "
    "the log that the counts are rebuilt from.",
    most_ahead_ms=300_000,
)
RANKING_CHANGED_V1 = Topic(
    name="ranking-changed.v1",
    event=RankingChangedV1,
    key="window",
    partitions=1,
    retention_ms=7 * DAY_MS,
    compacted=False,
    summary="The most popular articles of an hour, a day or a week, each time they change; the "
    "second version says more.",
)
RANKING_CHANGED = Topic(
    name="ranking-changed.v2",
    event=RankingChanged,
    key="order, window and scope",
    partitions=1,
    retention_ms=7 * DAY_MS,
    compacted=False,
    summary="A ranking, each time it changes: who stands where, who stood where, and why.",
)
RANKING_EDITED = Topic(
    name="ranking-edited.v1",
    event=RankingEdited,
    key="article id",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=False,
    summary="What editors and operators have pinned, banned, held and let in: the log of it.",
)
AGENDA_ITEM_RECEIVED = Topic(
    name="agenda-item-received.v1",
    event=AgendaItemReceived,
    key="item id",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="Events to come and planned coverage, as newsrooms pushed them.",
)
SUBSCRIBER_CHANGED = Topic(
    name="subscriber-changed.v1",
    event=SubscriberChanged,
    key="subscriber's name",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="Systems that may subscribe, with the digests of their tokens.",
)
SUBSCRIPTION_CHANGED = Topic(
    name="subscription-changed.v1",
    event=SubscriptionChanged,
    key="subscription id",
    partitions=1,
    retention_ms=KEEP_FOR_EVER_MS,
    compacted=True,
    summary="What was subscribed to; deliver makes its queues again from it. Holds secrets.",
)
DELIVERY_NOTED = Topic(
    name="delivery-noted.v1",
    event=DeliveryNoted,
    key="article id",
    partitions=4,
    retention_ms=400 * DAY_MS,
    compacted=False,
    summary="The ledger: who was sent which version of an article, and who has it.",
)
SOURCE_NOTICED = Topic(
    name="source-noticed.v1",
    event=SourceNoticed,
    key="source",
    partitions=1,
    retention_ms=90 * DAY_MS,
    compacted=False,
    summary="Sources that fell silent, send far less or more than usual, or something else.",
)
REJECTED = Topic(
    name="rejected.v1",
    event=None,
    key="the rejected message's key",
    partitions=1,
    retention_ms=90 * DAY_MS,
    compacted=False,
    summary="What cannot be processed: the original bytes, with the reason in the headers.",
)

TOPICS: tuple[Topic, ...] = (
    ARTICLE_RECEIVED,
    ARTICLE_ENRICHED,
    ARTICLE_OVERRIDDEN,
    NAME_DEFINED,
    ARTICLE_PUBLISHED,
    STATEMENT_ISSUED,
    ARTICLE_VIEWED_V1,
    ARTICLE_VIEWED,
    RANKING_CHANGED_V1,
    RANKING_CHANGED,
    RANKING_EDITED,
    AGENDA_ITEM_RECEIVED,
    SUBSCRIBER_CHANGED,
    SUBSCRIPTION_CHANGED,
    DELIVERY_NOTED,
    SOURCE_NOTICED,
    REJECTED,
)
