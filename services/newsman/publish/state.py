"""The remembered state of an article, and the outcome of one look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from newsman_schemas.article_rules import Kill, Status
from newsman_schemas.articles import ArticlePublished, EnrichedArticle, Stage
from newsman_schemas.copies import Holds


@dataclass(frozen=True)
class Version:
    """One version of an article that is no kill, by the event that brought it.

    With `keeps_earlier` what was public before it stays so until its embargo ends.
    """

    event_id: str
    article: EnrichedArticle
    keeps_earlier: bool = False


Action = Literal["published", "updated", "killed", "withdrawn"]


@dataclass(frozen=True)
class State:
    """The store's memory of one article; `token` counts its writes, `as_of` is the moment at
    which its status was last decided, `gone_at` when readers lost what they had, `reached_at` the
    latest time that a version of the head's number gave before the head, which gives none,
    `left_terms` what the article stood under before, with the revisions that changed that.
    `earlier` are the versions behind the head that may be shown until its embargo ends, the newest
    first. `holds` are those of articles that it has copies of; they are stored with these.
    """

    token: int = 0
    head: EnrichedArticle | None = None
    head_event: str = ""
    head_keeps_earlier: bool = False
    earlier: tuple[Version, ...] = ()
    reached_at: datetime | None = None
    kill: Kill | None = None
    status: Status | None = None
    shown: EnrichedArticle | None = None
    revision: int = 0
    last_action: Action | None = None
    gone_at: datetime | None = None
    as_of: datetime | None = None
    left_terms: Mapping[str, int] = field(default_factory=dict)
    holds: Holds = field(default_factory=dict)

    @property
    def line(self) -> tuple[Version, ...]:
        """The newest version and those behind it, the newest first."""
        if self.head is None:
            return ()
        return (Version(self.head_event, self.head, self.head_keeps_earlier), *self.earlier)


@dataclass(frozen=True)
class GateOutcome:
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

    def then(self, later: "GateOutcome") -> "GateOutcome":
        """One outcome for this one and another that follows it."""
        if later == NOTHING:
            return self
        if self == NOTHING:
            return later
        return GateOutcome(
            later.state or self.state,
            self.events + later.events,
            self.stages + later.stages,
            self.notes + later.notes,
            self.older + later.older,
            self.shown + later.shown,
        )


NOTHING = GateOutcome()
"""The outcome that changes nothing."""
