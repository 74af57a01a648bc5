"""What the API answers, as models: the source of its OpenAPI document."""

from typing import Any, Literal

from pydantic import Field

from newsman_schemas.articles import ArticleId, EnrichedArticle, Stage
from newsman_schemas.events import UtcDatetime, Value


class Links(Value):
    """Where an article is: its address here, and its page."""

    self_: str = Field(alias="self")
    page: str


class ListedArticle(EnrichedArticle):
    """An article as the API shows it; members that say nothing are left out."""

    revision: int
    links: Links


class Views(Value):
    """What was counted in a window."""

    views: int
    readers: int


class OneArticle(ListedArticle):
    """An article with its way through the services, and how often it was read per window."""

    popularity: dict[str, Views]
    trail: tuple[Stage, ...]


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


class Ranked(Value):
    """A place in a ranking."""

    rank: int
    id: ArticleId
    headline: str
    url: str
    section: str | None = None
    views: int
    readers: int


class Ranking(Value):
    """The most viewed articles of a window."""

    window: str
    as_of: UtcDatetime
    items: tuple[Ranked, ...]


class WrongField(Value):
    """What is wrong with a parameter; a JSON pointer names it."""

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


ANSWERS = (ArticlePage, OneArticle, Versions, Ranking, Problem)
