"""Page views, and the rankings that come of them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from newsman_schemas.articles import ArticleId
from newsman_schemas.events import Event, UtcDatetime, Value

WindowName = Literal["15m", "1h", "24h", "7d", "30d", "all"]
WINDOW_SECONDS: dict[WindowName, int] = {
    "15m": 900,
    "1h": 3_600,
    "24h": 86_400,
    "7d": 604_800,
    "30d": 2_592_000,
}
"""The windows that end with the current minute; `all` has no beginning."""
WINDOWS: tuple[WindowName, ...] = (*WINDOW_SECONDS, "all")
OrderName = Literal["views", "readers", "decayed", "rising"]
ORDERS: tuple[OrderName, ...] = ("views", "readers", "decayed", "rising")
OVERALL = "all"
"""The scope of a ranking of everything; others are `section:sport`, `language:en`, and so on."""
FRONT = "front"
"""The scope of what an editor puts on the front page, which is no ranking."""
MOST_VIEWS = 1_000
"""So many views are in one event at most."""


class ArticleViewed(Event):
    """Someone opened an article's page at `occurred_at`.

    `reader` is a keyed hash, never an address; `agent` is what the intake made of the user
    agent, which is not kept, and `filtered` says why one that looks like a reader's is taken for a
    crawler's; `discounted` says the same of one that came without a key: too many of its address,
    too many agents at its address, too many of its network, or no token of a page. `token` is
    what the intake made of the token that a view without a key came with. `seconds` is the
    reading time and `read_to_end` whether the end was seen, where a beacon told it; one that is
    `leaving` was counted when it came, and is no view of its own.
    """

    NAME: ClassVar[str] = "article-viewed"

    article_id: ArticleId
    reader: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    agent: Literal["reader", "crawler", "prefetch"] = "reader"
    filtered: Literal["rate", "datacentre"] | None = None
    discounted: Literal["address", "agents", "network", "untokened"] | None = None
    token: Literal["valid", "missing", "expired", "wrong"] | None = None
    resend_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None
    read_to_end: bool | None = None
    leaving: bool = False
    source: Annotated[str, StringConstraints(max_length=100)] | None = None

    @property
    def key(self) -> str:
        return self.article_id


class ArticleView(Value):
    """Someone opened an article's page; the fields are those of `ArticleViewed`, and `at` is said
    where it is not the time of the event that holds the view."""

    article_id: ArticleId
    reader: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    at: UtcDatetime | None = None
    agent: Literal["reader", "crawler", "prefetch"] = "reader"
    filtered: Literal["rate", "datacentre"] | None = None
    discounted: Literal["address", "agents", "network", "untokened"] | None = None
    token: Literal["valid", "missing", "expired", "wrong"] | None = None
    resend_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None
    read_to_end: bool | None = None
    leaving: bool = False


class ArticlesViewed(Event):
    """Views that were pushed together, of articles whose views meet in one partition of the log.

    Fields that are not said have their defaults. The id of a view is its `resend_id`, or else that
    of the event, a hyphen, and its place in `views`.
    """

    NAME: ClassVar[str] = "article-viewed"
    VERSION: ClassVar[int] = 2

    views: Annotated[tuple[ArticleView, ...], Field(min_length=1, max_length=MOST_VIEWS)]
    source: Annotated[str, StringConstraints(max_length=100)] | None = None

    @property
    def key(self) -> str:
        """The id of the first article, which leads to the partition of all of them."""
        return self.views[0].article_id

    def view_id(self, place: int) -> str:
        """The id of one of the views."""
        return self.views[place].resend_id or f"{self.event_id}-{place}"


class Ranked(Value):
    """One row of a ranking: counted views and the different readers behind them."""

    rank: Annotated[int, Field(ge=1)]
    article_id: ArticleId
    views: Annotated[int, Field(ge=0)]
    readers: Annotated[int, Field(ge=0)]


class RankingChangedV1(Event):
    """The most popular articles of a window are others than before, or in another order."""

    NAME: ClassVar[str] = "ranking-changed"

    window: Literal["1h", "24h", "7d"]
    as_of: UtcDatetime
    items: tuple[Ranked, ...]

    @property
    def key(self) -> str:
        return self.window


class Standing(Value):
    """One row of a ranking: where it stands, where it stood, and why.

    `views` and `readers` are those of the window, `velocity` is views per hour over the last 15
    minutes, `filtered_share` the share of what was seen of it that did not count as a reader's;
    `score` is what the order goes by; `pinned` rows stand where an editor put them.
    """

    rank: Annotated[int, Field(ge=1)]
    was: Annotated[int, Field(ge=1)] | None = None
    article_id: ArticleId
    views: Annotated[int, Field(ge=0)]
    readers: Annotated[int, Field(ge=0)]
    score: float
    velocity: Annotated[float, Field(ge=0)]
    filtered_share: Annotated[float, Field(ge=0, le=1)]
    pinned: bool = False


class RankingChanged(Event):
    """A ranking has other articles than before, or another order; `gone` are those that left it."""

    NAME: ClassVar[str] = "ranking-changed"
    VERSION: ClassVar[int] = 2

    window: WindowName
    order: OrderName
    scope: Annotated[str, StringConstraints(min_length=1, max_length=300)] = OVERALL
    as_of: UtcDatetime
    items: tuple[Standing, ...]
    gone: tuple[ArticleId, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.order} {self.window} {self.scope}"


class RankingEdited(Event):
    """An editor or operator has put an article somewhere in the rankings or taken it out.

    `pin` gives it a `rank` in a `scope` until `unpin`, on the front page (`front`) from
    `begins_at` until `ends_at` where they are said; `ban` takes it out until `unban`; `hold`
    takes it out because its views look artificial, and `admit` lets it in whatever they look like.
    What rules hold is no event; where one is still on the log it holds nothing.
    """

    NAME: ClassVar[str] = "ranking-edited"

    article_id: ArticleId
    action: Literal["pin", "unpin", "ban", "unban", "hold", "admit"]
    rank: Annotated[int, Field(ge=1, le=100)] | None = None
    scope: Annotated[str, StringConstraints(min_length=1, max_length=300)] = OVERALL
    begins_at: UtcDatetime | None = None
    ends_at: UtcDatetime | None = None
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""

    @property
    def key(self) -> str:
        return self.article_id
