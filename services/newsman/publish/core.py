"""The gate: what readers may see of an article, whatever the order in which its versions came.

Two things are remembered of an article: its newest version that is not a kill, and how far its
kills reach. Both only ever grow, so the outcome does not depend on the order of arrival.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from newsman_schemas.articles import (
    ArticleEnriched,
    ArticlePublished,
    EnrichedArticle,
    PubStatus,
    Stage,
)
from newsman_schemas.events import digest

SERVICE = "publish"
Action = Literal["published", "updated", "killed", "withdrawn"]


class Status(StrEnum):
    """Whether readers may see an article now, and if not, why."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    WITHHELD = "withheld"
    EXPIRED = "expired"
    KILLED = "killed"


@dataclass(frozen=True)
class Kill:
    """How far an article's kills reach: every version up to either bound is killed."""

    version: int
    version_created: datetime


@dataclass(frozen=True)
class State:
    """What the store remembers of one article; `token` counts its writes, `as_of` is the
    moment at which its status was last decided, `gone_at` when readers lost what they had."""

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


@dataclass(frozen=True)
class Outcome:
    """What one event, or the passing of time, makes of a state.

    `event` is what readers' side must be told, `stages` go to the article's history, and
    `state` is None when nothing is to be written but the stages.
    """

    state: State | None
    event: ArticlePublished | None = None
    stages: tuple[Stage, ...] = ()


def accept(state: State, incoming: ArticleEnriched, *, now: datetime) -> Outcome:
    """The outcome of one version of the article; the same event twice changes nothing."""
    article = incoming.article
    if article.pubstatus is PubStatus.CANCELED:
        return _accept_kill(state, incoming, now=now)
    if state.head_event == incoming.event_id:
        return Outcome(None)
    if state.head and _order(article, incoming.event_id) < _order(state.head, state.head_event):
        return Outcome(None, stages=(_superseded(incoming),))
    grown = replace(state, head=article, head_event=incoming.event_id)
    return _settle(grown, trail=incoming.trail, now=now)


def reconsider(state: State, *, now: datetime) -> Outcome:
    """The outcome of time alone: an embargo ends, an article expires."""
    if status_at(state, now) is state.status:
        return Outcome(None)
    return _settle(state, trail=(), now=now)


def status_at(state: State, now: datetime) -> Status | None:
    """What holds for the article at this moment; None while nothing but its name is known."""
    head = state.head
    if head is None:
        return Status.KILLED if state.kill else None
    if state.kill and _reaches(state.kill, head):
        return Status.KILLED
    if head.pubstatus is PubStatus.WITHHELD:
        return Status.WITHHELD
    if head.embargoed_until and head.embargoed_until > now:
        return Status.SCHEDULED
    if head.expires_at and head.expires_at <= now:
        return Status.EXPIRED
    return Status.PUBLISHED


def due_at(state: State, now: datetime) -> datetime | None:
    """When time alone will next change the status, or None."""
    if state.head is None or status_at(state, now) in (Status.KILLED, Status.WITHHELD):
        return None
    moments = (state.head.embargoed_until, state.head.expires_at)
    return min((moment for moment in moments if moment and moment > now), default=None)


def shown_from(article: EnrichedArticle) -> datetime:
    """The moment that orders an article among others in feeds."""
    moment = article.published_at or article.first_created or article.version_created
    return max(moment, article.embargoed_until) if article.embargoed_until else moment


def _order(article: EnrichedArticle, event_id: str) -> tuple[int, datetime, str]:
    # The event id makes the order total: two contents of one version end the same way round
    # whichever comes first.
    return (article.version, article.version_created, event_id)


def _reaches(kill: Kill, article: EnrichedArticle) -> bool:
    # Newsrooms kill without naming a version, or with the version they last sent.
    return kill.version >= article.version or kill.version_created >= article.version_created


def _accept_kill(state: State, incoming: ArticleEnriched, *, now: datetime) -> Outcome:
    article, known = incoming.article, state.kill
    kill = Kill(article.version, article.version_created)
    if known:
        kill = Kill(
            max(kill.version, known.version), max(kill.version_created, known.version_created)
        )
    if kill == known:
        return Outcome(None)
    outcome = _settle(replace(state, kill=kill), trail=incoming.trail, now=now)
    if outcome.event or (outcome.state and outcome.state.status is Status.KILLED):
        return outcome
    return replace(outcome, stages=(*outcome.stages, _superseded(incoming)))


def _settle(state: State, *, trail: tuple[Stage, ...], now: datetime) -> Outcome:
    status = status_at(state, now)
    shown = state.head if status is Status.PUBLISHED else None
    action = _action(state, status, shown)
    settled = replace(state, token=state.token + 1, status=status, shown=shown, as_of=now)
    if action is None:
        held = status in (Status.SCHEDULED, Status.WITHHELD) and status is not state.status
        stages = (*trail, _stage(settled, str(status), now)) if held else trail
        return Outcome(settled, stages=stages)
    gone_at = None if shown else now
    settled = replace(settled, revision=state.revision + 1, last_action=action, gone_at=gone_at)
    stages = (*trail, _stage(settled, action, now))
    return Outcome(settled, _event(settled, action, stages, now), stages)


def _action(state: State, status: Status | None, shown: EnrichedArticle | None) -> Action | None:
    if shown and state.shown:
        return None if _same_content(shown, state.shown) else "updated"
    if shown:
        return "published"
    if state.revision == 0 or state.last_action == "killed":
        return None
    if status is Status.KILLED:
        return "killed"
    return "withdrawn" if state.shown else None


def _same_content(one: EnrichedArticle, other: EnrichedArticle) -> bool:
    # A re-push of unchanged text gets a new time of creation where the newsroom names none.
    moved = {"version_created": other.version_created, "enrichment": other.enrichment}
    return one.model_copy(update=moved) == other


def _event(
    state: State, action: Action, stages: tuple[Stage, ...], now: datetime
) -> ArticlePublished:
    named = state.head
    assert named is not None, "an action needs a version that was shown"
    return ArticlePublished(
        event_id=digest("article-published", named.id, str(state.revision)),
        occurred_at=now,
        action=action,
        revision=state.revision,
        article_id=named.id,
        source=named.source,
        uri=named.uri,
        version=_acting_version(state, named),
        article=state.shown,
        trail=stages,
    )


def _acting_version(state: State, head: EnrichedArticle) -> int:
    if state.kill and state.status is Status.KILLED:
        return max(state.kill.version, head.version)
    return head.version


def _stage(state: State, name: str, now: datetime) -> Stage:
    version = _acting_version(state, state.head) if state.head else 0
    return Stage(stage=name, service=SERVICE, at=now, version=version)


def _superseded(incoming: ArticleEnriched) -> Stage:
    # Dated by the event, not by the clock, so that a second delivery writes the same stage.
    return Stage(
        stage="superseded",
        service=SERVICE,
        at=incoming.occurred_at,
        version=incoming.article.version,
        detail="a newer version is already known",
    )
