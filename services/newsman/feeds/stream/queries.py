"""The queries of live streams."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, field_validator

from newsman.feeds.query.listings import STORY, Filters
from newsman.feeds.query.parameters import MOMENT, WORDS
from newsman.matching.asked import check_name, check_words
from newsman.rankings.core import scope_named
from newsman.web.query import PRESENT, TEXT, OtherNames, Parameter, one_of, whole_number
from newsman_schemas.article_rules import TERM_KINDS
from newsman_schemas.popularity import ORDERS, OVERALL, WINDOWS
from newsman_schemas.subscriptions import Filter


def _read_scope(text: str) -> str:
    if (scope := scope_named(text)) is None:
        raise ValueError(f"is {OVERALL}, or one like section:sport")
    return scope


class StreamQuery(Filters):
    """GET /v1/stream: where to begin, and the articles that are wanted.

    A stream without the filter that was meant would look all right, so names that are unknown are
    refused, and so are values that no article can have.
    """

    other_names = OtherNames.REFUSED
    names_of_others = frozenset(("window", "order", "scope"))

    last_event_id: Annotated[str, TEXT] = Field(
        "",
        alias="lastEventId",
        description="The id of the last event that was read, for those who can't set a header.",
    )
    since: Annotated[int | None, MOMENT] = Field(
        None, description="Where to begin. ISO 8601 with a zone, or Unix ms."
    )
    q: Annotated[str, WORDS] = Field(
        "", description="Words that must all be there; the last may be unfinished."
    )
    urgency_max: Annotated[int | None, whole_number(1, 9)] = Field(
        None, description="Only articles of this urgency or a more urgent one; 1 is the highest."
    )
    first_mention: Annotated[bool, PRESENT] = Field(
        default=False,
        description="Only articles that name an entity, or this one, which none named before.",
    )
    collapse: Annotated[str | None, one_of([STORY], f"is {STORY}, or is left out")] = Field(
        None, description="Leaves out copies of stories."
    )
    ping: Annotated[bool, PRESENT] = Field(
        default=False, description="Signs of life are events, not comments."
    )

    @field_validator(*TERM_KINDS, mode="before")
    @classmethod
    def _can_be_had(cls, name: str) -> str:
        return check_name(name) if name else name

    @field_validator("q")
    @classmethod
    def _can_be_found(cls, words: str) -> str:
        return check_words(words)

    @property
    def search(self) -> Filter | None:
        """The filters that the terms of articles do not say, if any is set."""
        search = Filter(
            q=self.q,
            urgency_max=self.urgency_max,
            first_mention=self.first_mention,
            entity=(self.entity,) if self.first_mention and self.entity else (),
            collapse=STORY if self.collapse else None,
        )
        return search if search != Filter() else None

    def ranking_terms(self) -> Iterator[str]:
        """The terms of the rankings that are wanted: none, which are all."""
        yield from ()


class RankingStreamQuery(StreamQuery):
    """GET /v1/stream/{streams} where rankings are among them: the rankings that are wanted."""

    window: Annotated[str | None, one_of(WINDOWS)] = Field(
        None, description="Of rankings, only this window."
    )
    order: Annotated[str | None, one_of(ORDERS)] = Field(
        None, description="Of rankings, only this order."
    )
    scope: Annotated[str | None, Parameter(_read_scope, {"type": "string"})] = Field(
        None, description=f"Of rankings, only this scope: {OVERALL}, or one like section:sport."
    )

    def ranking_terms(self) -> Iterator[str]:
        """The terms of the rankings that are wanted, all if none."""
        for name in ("window", "order", "scope"):
            if (value := getattr(self, name)) is not None:
                yield f"{name}:{value}"
