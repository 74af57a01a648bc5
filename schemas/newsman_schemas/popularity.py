"""Page views, and the rankings that come of them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from newsman_schemas.articles import ArticleId
from newsman_schemas.events import Event, UtcDatetime, Value

WindowName = Literal["1h", "24h", "7d"]
WINDOW_SECONDS: dict[WindowName, int] = {"1h": 3_600, "24h": 86_400, "7d": 604_800}


class ArticleViewed(Event):
    """Someone opened an article's page at `occurred_at`.

    `reader` is a keyed hash, never an address; `agent` is what the intake made of the user
    agent, which is not kept. `seconds` is the reading time where a beacon told it.
    """

    NAME: ClassVar[str] = "article-viewed"

    article_id: ArticleId
    reader: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    agent: Literal["reader", "crawler", "prefetch"] = "reader"
    resend_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None
    source: Annotated[str, StringConstraints(max_length=100)] | None = None

    @property
    def key(self) -> str:
        return self.article_id


class Ranked(Value):
    """One row of a ranking: counted views and the different readers behind them."""

    rank: Annotated[int, Field(ge=1)]
    article_id: ArticleId
    views: Annotated[int, Field(ge=0)]
    readers: Annotated[int, Field(ge=0)]


class RankingChanged(Event):
    """The most popular articles of a window are others than before, or in another order."""

    NAME: ClassVar[str] = "ranking-changed"

    window: WindowName
    as_of: UtcDatetime
    items: tuple[Ranked, ...]

    @property
    def key(self) -> str:
        return self.window
