"""The queries of listings: filters, and which part of what passes them."""

from typing import Annotated, Literal, Self

from pydantic import AliasChoices, Field, model_validator

from newsman.feeds.core import PAGE_ROWS
from newsman.feeds.query.cursors import ListingPosition
from newsman.feeds.query.parameters import BEFORE, SINCE, SLUG
from newsman.feeds.query.selection import Selection
from newsman.web.query import BadParameter, QueryModel, one_of, whole_number
from newsman_schemas.article_rules import TERM_KINDS

MAX_ROWS = 100
PAGING = ("before", "since", "limit")
STORY: Literal["story"] = "story"

Slug = Annotated[str | None, SLUG]
RowLimit = Annotated[int, whole_number(1, MAX_ROWS)]


class Filters(QueryModel):
    """Filters that an article must all pass; one whose slug is empty is none."""

    section: Slug = Field(None, description="Only this section.")
    tag: Slug = Field(None, description="Only this tag.")
    entity: Slug = Field(None, description="Only this entity.")
    author: Slug = Field(None, description="Only this author.")
    source: Slug = Field(None, description="Only this source.")
    language: Slug = Field(
        None, description="Only this language.", validation_alias=AliasChoices("language", "lang")
    )
    story: Slug = Field(None, description="Only this story.")

    @property
    def selection(self) -> Selection:
        """The filters that are set."""
        slugs = [(name, getattr(self, name)) for name in TERM_KINDS]
        return Selection(tuple((name, slug) for name, slug in slugs if slug))


class Paging(QueryModel):
    """The part of a listing: what comes `before` a place, or changed `since` a position."""

    limit: RowLimit = Field(PAGE_ROWS, description="How many.")
    before: Annotated[tuple[ListingPosition, ListingPosition | None] | None, BEFORE] = Field(
        None, description="A cursor, as `next` has it; goes without `since`."
    )
    since: Annotated[tuple[tuple[int, int], ...] | None, SINCE] = Field(
        None, description="Only what changed since this cursor; `0` is the beginning."
    )
    collapse: Annotated[str | None, one_of([STORY], f"is {STORY}, or is left out")] = Field(
        None, description="Of each story one article, with the others of it."
    )

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.before is not None and self.since is not None:
            raise BadParameter("since", "goes without before")
        return self

    @property
    def is_asked_for(self) -> bool:
        """True if the query names any of these parameters."""
        return not self.model_fields_set.isdisjoint(Paging.model_fields)


class ListingQuery(Paging, Filters):
    """A listing of what passes the filters."""
