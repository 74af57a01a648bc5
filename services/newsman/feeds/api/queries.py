"""The queries of the API."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Annotated, ClassVar, Self

from pydantic import AliasChoices, Field, ValidationInfo, field_validator, model_validator

from newsman.feeds.query.listings import ListingQuery, RowLimit
from newsman.feeds.query.parameters import DAY, MINUTE, MOMENT, ZONE
from newsman.rankings.core import ATTENTION, PAST_OF, SCOPE_KINDS
from newsman.rankings.ranking import RankingRequest
from newsman.rankings.series import (
    MOST_DAYS_OF_ARTICLE,
    MOST_DAYS_OF_SCOPE,
    MOST_OF_ARTICLE,
    MOST_OF_SCOPE,
    SPAN_SECONDS,
)
from newsman.web.query import (
    TEXT,
    BadParameter,
    OtherNames,
    QueryModel,
    one_of,
    read_number,
    whole_number,
)
from newsman_schemas.article_rules import term_named
from newsman_schemas.popularity import ORDERS, OVERALL, WINDOWS

MAX_OFFSET = 1_000_000
API_ROWS = 20
DEFAULT_ORDER = "views"
DEFAULT_SPAN = "hour"

Moment = Annotated[int | None, MOMENT]
ScopeName = Annotated[str, TEXT]
Zone = Annotated[tzinfo | None, ZONE]


class ArticlesQuery(ListingQuery):
    """GET /v1/articles."""

    other_names = OtherNames.REFUSED

    limit: RowLimit = Field(API_ROWS, description="How many.")
    q: Annotated[str, TEXT] = Field(
        "", description="Words that must all be there; the last may be unfinished."
    )
    published_after: Moment = Field(
        None, description="None older. ISO 8601 with a zone, or Unix ms."
    )
    published_before: Moment = Field(
        None, description="Only older. ISO 8601 with a zone, or Unix ms."
    )
    offset: Annotated[int, whole_number(0, MAX_OFFSET)] = Field(
        0, description="How many to leave out; cursors are better."
    )


class ScopeQuery(QueryModel):
    """The scope of a ranking or a series: one section, tag, entity, language or source, or all."""

    other_names = OtherNames.REFUSED

    section: ScopeName = Field("", description="Of one section only; one of these at a time.")
    tag: ScopeName = Field("", description="Of one tag only; one of these at a time.")
    entity: ScopeName = Field("", description="Of one entity only; one of these at a time.")
    language: ScopeName = Field(
        "",
        description="Of one language only; one of these at a time.",
        validation_alias=AliasChoices("language", "lang"),
    )
    source: ScopeName = Field("", description="Of one source only; one of these at a time.")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self._kinds) > 1:
            raise BadParameter(self._kinds[1], "one of them at a time")
        return self

    @property
    def _kinds(self) -> list[str]:
        return [kind for kind in SCOPE_KINDS if getattr(self, kind)]

    @property
    def scope(self) -> str:
        """The scope as rankings name it."""
        kinds = self._kinds
        return term_named(kinds[0], getattr(self, kinds[0])) if kinds else OVERALL


class PopularQuery(ScopeQuery):
    """GET /v1/popular."""

    window: Annotated[str, one_of(WINDOWS)] = Field("24h", description="How far back views count.")
    order: Annotated[str, one_of((*ORDERS, ATTENTION))] = Field(
        DEFAULT_ORDER, description="What the order goes by."
    )
    as_of: Annotated[datetime | None, MINUTE] = Field(
        None, description="As of this past minute; its views alone. ISO 8601, UTC without a zone."
    )
    day: Annotated[date | None, DAY] = Field(
        None, description="Of the views of this day, one of the last 30; without a window."
    )
    timezone: Zone = Field(None, description="Zone of the day; the site's, where it is not said.")
    limit: RowLimit = Field(API_ROWS, description="How many.")

    @model_validator(mode="after")
    def _has_a_past(self) -> Self:
        if self.order == "rising" and self.window not in PAST_OF:
            raise BadParameter("window", f"of what rises is one of {', '.join(PAST_OF)}")
        if self.as_of is not None and self.order != DEFAULT_ORDER:
            raise BadParameter("order", f"of the past is {DEFAULT_ORDER}")
        return self

    @model_validator(mode="after")
    def _has_one_stretch(self) -> Self:
        if self.timezone is not None and self.day is None:
            raise BadParameter("timezone", "is that of a day")
        if self.day is None:
            return self
        if not self.model_fields_set.isdisjoint({"window", "as_of"}):
            raise BadParameter("day", "goes without window and as_of")
        if self.order != DEFAULT_ORDER:
            raise BadParameter("order", f"of a day is {DEFAULT_ORDER}")
        return self

    @property
    def ranking(self) -> RankingRequest:
        """The ranking that is asked for."""
        return RankingRequest(self.order, self.window, self.scope, self.limit)


def _spans(most: Mapping[str, int]) -> str:
    limits = ", ".join(f"{number} {span}s" for span, number in most.items())
    return f"How many, the current one included: at most {limits}."


class SpansQuery(QueryModel):
    """A number of minutes, hours or days up to now; of each at most so many."""

    other_names = OtherNames.REFUSED

    most: ClassVar[Mapping[str, int]]
    most_days: ClassVar[int]
    """Of days that are not those of UTC."""

    span: Annotated[str, one_of(SPAN_SECONDS)] = Field(
        DEFAULT_SPAN, description="How long each is."
    )
    last: int = 24
    timezone: Zone = Field(
        None, description="Zone whose days they are, where they are days; UTC if it is not said."
    )

    @field_validator("last", mode="plain", check_fields=False)
    @classmethod
    def _read_last(cls, text: str, read: ValidationInfo) -> int:
        return read_number(text, 1, cls.most[read.data.get("span", DEFAULT_SPAN)])

    @model_validator(mode="after")
    def _has_hours(self) -> Self:
        if "last" in self.model_fields_set and self.last > self.number:
            raise BadParameter("last", f"is at most {self.most_days} in a zone beside UTC")
        return self

    @property
    def number(self) -> int:
        """The number that there are to be; where nothing was said, as many as there can be."""
        is_in_a_zone = self.zone is not UTC and self.span == "day"
        return min(self.last, self.most_days) if is_in_a_zone else self.last

    @property
    def zone(self) -> tzinfo:
        """The zone in which days begin."""
        return self.timezone or UTC


class ScopeSeriesQuery(SpansQuery, ScopeQuery):
    """GET /v1/series."""

    most = MOST_OF_SCOPE
    most_days = MOST_DAYS_OF_SCOPE

    last: Annotated[int, whole_number(1, max(most.values()))] = Field(24, description=_spans(most))


class ArticleSeriesQuery(SpansQuery):
    """GET /v1/articles/{article_id}/series."""

    most = MOST_OF_ARTICLE
    most_days = MOST_DAYS_OF_ARTICLE

    last: Annotated[int, whole_number(1, max(most.values()))] = Field(24, description=_spans(most))
