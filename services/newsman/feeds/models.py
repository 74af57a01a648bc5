"""Models of the API's answers, from which its OpenAPI document is made."""

from datetime import date
from typing import Any, Literal

from pydantic import Field

from newsman_schemas.articles import ArticleId, EnrichedArticle, Stage
from newsman_schemas.events import UtcDatetime, Value


class Links(Value):
    """Where an article is: its address here, its page, and all articles of its story."""

    self_: str = Field(alias="self")
    page: str
    story: str | None = None


class OtherArticle(Value):
    """Another article of the same story."""

    id: ArticleId
    source: str
    role: Literal["original", "copy", "update", "follow-up"]
    headline: str
    url: str


class OtherArticles(Value):
    """The number of other articles of a story, 100 at most, and the newest of them."""

    count: int
    newest: tuple[OtherArticle, ...]


class ListedArticle(EnrichedArticle):
    """An article as the API shows it; members that say nothing are left out."""

    revision: int
    links: Links
    others: OtherArticles | None = None


class Views(Value):
    """Counts of a window."""

    views: int
    readers: int


class OneArticle(ListedArticle):
    """An article with its way through the services, and how often it was read per window."""

    popularity: dict[str, Views]
    trail: tuple[Stage, ...]
    statement: str | None = None
    """The newest signed statement about it (JWS), where the site signs what it publishes."""


class GoneArticle(Value):
    """An article that may not be seen any more, or no longer belongs under what was asked for."""

    id: ArticleId
    uri: str | None = None
    version: int
    at: UtcDatetime
    status: Literal["killed", "withdrawn", "moved"]


class ArticlePage(Value):
    """Articles, and the address that goes on; `gone` where changes were asked for."""

    items: tuple[ListedArticle, ...]
    next: str | None = None
    gone: tuple[GoneArticle, ...] = ()


class Versions(Value):
    """The versions of an article that readers may see, the newest first."""

    items: tuple[EnrichedArticle, ...]


class StatementFinding(Value):
    """Something that is wrong with a statement, by its code and in words."""

    code: str
    detail: str


class ToldStatement(Value):
    """A signed statement (JWS), what it says, and what is wrong with it.

    `content` and `previous` are SHA-256 in base64url: of what readers had, and of the statement
    before.
    """

    statement: str
    key: str | None = None
    at: UtcDatetime | None = None
    source: str | None = None
    uri: str | None = None
    version: int | None = None
    revision: int | None = None
    action: Literal["published", "updated", "killed", "withdrawn"] | None = None
    profile: str | None = None
    content: str | None = None
    previous: str | None = None
    findings: tuple[StatementFinding, ...] = ()


class ProvenanceAnswer(Value):
    """The statements about an article, the oldest first, and what their check found.

    `article` are the members that are vouched for, as they are now; absent where it is withdrawn.
    `earlier` counts statements before those that are told, `keys` is where the public keys are.
    """

    id: ArticleId
    revision: int
    holds: bool
    summary: str
    keys: str
    article: dict[str, Any] | None = None
    content_findings: tuple[StatementFinding, ...] = ()
    earlier: int = 0
    statements: tuple[ToldStatement, ...]


class Attention(Value):
    """Attention as pages reported it: mean seconds, and the share that read to the end."""

    told: int
    seconds: float
    read_to_end: float


class Why(Value):
    """Why a row stands where it stands; `velocity` is views per hour, lately."""

    score: float
    velocity: float
    filtered_share: float
    pinned: bool
    attention: Attention | None


class Ranked(Value):
    """A place in a ranking; of the past the views alone are told."""

    rank: int
    id: ArticleId
    headline: str
    url: str
    section: str | None = None
    views: int
    readers: int | None = None
    why: Why | None = None


class Ranking(Value):
    """The articles of a window or of a day in one order, of one scope."""

    window: str | None = None
    day: date | None = None
    timezone: str | None = None
    order: str
    scope: str
    as_of: UtcDatetime
    items: tuple[Ranked, ...]


class FrontWhy(Value):
    """The points of a story on the front page, and the place where an editor pinned it."""

    pinned: int | None
    urgency: float
    recency: float
    attention: float
    points: float


class FrontRow(Value):
    """A place on the front page."""

    rank: int
    id: ArticleId
    headline: str
    url: str
    why: FrontWhy


class FrontOrder(Value):
    """The order of the front page, the lead first."""

    items: tuple[FrontRow, ...]


class Point(Value):
    """The counted views of the minute, hour or day that begins at `at`."""

    at: UtcDatetime
    views: int


class ArticleSeries(Value):
    """An article's views over time, the oldest first."""

    id: ArticleId
    span: str
    points: tuple[Point, ...]


class ScopeSeries(Value):
    """A scope's views over time, the oldest first."""

    scope: str
    span: str
    points: tuple[Point, ...]


class FollowedStream(Value):
    """A live stream: the topic that it is made from, the events it sends, what filters them."""

    name: str
    url: str
    topic: str
    summary: str
    events: tuple[str, ...]
    filters: tuple[str, ...]


class StreamList(Value):
    """The live streams that there are."""

    items: tuple[FollowedStream, ...]


class WrongField(Value):
    """A problem with a parameter; a JSON pointer names it."""

    pointer: str
    detail: str


class Problem(Value):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[WrongField, ...] = ()
    id: ArticleId | None = None
    trail: tuple[dict[str, Any], ...] = ()


ANSWERS = (
    ArticlePage,
    OneArticle,
    Versions,
    ProvenanceAnswer,
    Ranking,
    FrontOrder,
    ArticleSeries,
    ScopeSeries,
    StreamList,
    Problem,
)
