"""The remembered state of an article, and the outcome of one look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from newsman_schemas.article_rules import Kill, Status
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Stage

Action = Literal["published", "updated", "killed", "withdrawn"]


@dataclass(frozen=True)
class State:
    """The store's memory of one article; `token` counts its writes, `as_of` is the moment at
    which its status was last decided, `gone_at` when readers lost what they had,
    `left_terms` what the article stood under before, with the revisions that changed that."""

    token: int = 0
    head: EnrichedArticle | None = None
    head_event: str = ""
    kill: Kill | None = None
    status: Status | None = None
    shown: EnrichedArticle | None = None
    revision: int = 0
    last_action: Action | None = None
    gone_at: datetime | None = None
    as_of: datetime | None = None
    left_terms: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """One version of an article that is no kill, by the event that brought it."""

    event_id: str
    article: EnrichedArticle


@dataclass(frozen=True)
class Outcome:
    """The outcome for a state of one event, or of the passing of time.

    `state` is None when it stays as it is. `events` are what readers' side must be told, in
    order; `stages` go to the article's history, `notes` unless their version is known there;
    `older` are versions that are kept beside the newest, `shown` what readers were to see after
    each step of it, if only for a moment.
    """

    state: State | None = None
    events: tuple[ArticlePublished, ...] = ()
    stages: tuple[Stage, ...] = ()
    notes: tuple[Stage, ...] = ()
    older: tuple[Version, ...] = ()
    shown: tuple[EnrichedArticle, ...] = ()

    def then(self, later: "Outcome") -> "Outcome":
        """One outcome for this one and another that follows it."""
        if later == NOTHING:
            return self
        if self == NOTHING:
            return later
        return Outcome(
            later.state or self.state,
            self.events + later.events,
            self.stages + later.stages,
            self.notes + later.notes,
            self.older + later.older,
            self.shown + later.shown,
        )


NOTHING = Outcome()
"""The outcome that changes nothing."""
