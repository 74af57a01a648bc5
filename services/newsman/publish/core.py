"""The gate: what readers may see of an article, whatever the order in which its versions came.

Two things are remembered of an article: its newest version that is not a kill, and how far its
kills reach. Both only ever grow, so the outcome does not depend on the order of arrival (but for
versions of one number of which only some say their time: `docs/decisions/0079-*.md`).

The gate goes by the log's time: a version is decided on at the moment it entered the log, and what
time alone does (an embargo that ends, an article that expires) is dated with its own second. So
the log decided on again gives the same, to the byte.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsman.publish.left_terms import left_terms
from newsman.publish.receipts import newest_of, order_of_head
from newsman.publish.standing import changes_at, standing, with_late, with_newest, without_passed
from newsman.publish.state import NOTHING, Action, GateOutcome, State, Version
from newsman_schemas.article_order import listed_at, version_order
from newsman_schemas.article_rules import Status, is_kill, kill_of, status_at
from newsman_schemas.articles import (
    RECEIPT,
    ArticleEnriched,
    ArticlePublished,
    EnrichedArticle,
    Stage,
)
from newsman_schemas.corrections import is_correction
from newsman_schemas.events import digest

SERVICE = "publish"
ToldAs = Literal["corrected", "released"] | None


def accept(state: State, incoming: ArticleEnriched, *, now: datetime) -> GateOutcome:
    """The outcome of one version of the article; the same event twice changes nothing."""
    # A clock ahead of this one must not end an embargo early.
    at = min(incoming.occurred_at, now)
    if state.as_of:
        at = max(at, state.as_of)
    before = _pass_time(state, to=at, now=now)
    taken = _take(before.state or state, incoming, at=at, now=now)
    settled = taken.state or before.state or state
    after = _pass_time(settled, to=now, now=now) if _has_lapsed(settled, now) else NOTHING
    return _without_lapsed(before.then(taken).then(after))


def reconsider(state: State, *, now: datetime) -> GateOutcome:
    """The outcome of time alone: an embargo ends, an article expires.

    To be asked for once the log is read up to `now`: a kill that waits there comes first.
    """
    return _without_lapsed(_pass_time(state, to=now, now=now))


def status_of(state: State, now: datetime) -> Status | None:
    """The article's status at this moment; None while nothing but its name is known."""
    return standing(state, now)[0]


def due_at(state: State, now: datetime) -> datetime | None:
    """The moment at which time alone will next change the status, or None."""
    return changes_at(state, now)


def review(state: State, *, now: datetime) -> GateOutcome:
    """The outcome of what has become of articles that this one has copies of; time does not pass.

    So it needs not wait until the log is read.
    """
    if state.shown is None or state.as_of is None:
        return NOTHING
    _, shown = standing(state, state.as_of)
    if shown is None or shown == state.shown:
        return NOTHING
    return _settle(state, trail=(), at=state.as_of, now=now)


def _pass_time(state: State, *, to: datetime, now: datetime) -> GateOutcome:
    passed = NOTHING
    while state.as_of and (due := due_at(state, state.as_of)) and due <= to:
        step = _settle(state, trail=(), at=due, now=now)
        passed = passed.then(step)
        state = step.state or state
    return passed


def _has_lapsed(state: State, now: datetime) -> bool:
    return state.shown is not None and status_of(state, now) is not Status.PUBLISHED


def _without_lapsed(outcome: GateOutcome) -> GateOutcome:
    # A gate that runs late must not briefly publish an article that has expired.
    if outcome.events and outcome.events[-1].article is None:
        return replace(outcome, events=outcome.events[-1:])
    return outcome


def _take(state: State, incoming: ArticleEnriched, *, at: datetime, now: datetime) -> GateOutcome:
    article = incoming.article
    if is_kill(article):
        return _take_kill(state, incoming, at=at, now=now)
    order, head_order = version_order(article, incoming.event_id), order_of_head(state)
    if head_order and not head_order < order:
        return _take_late(state, incoming, at=at, now=now)
    newest = newest_of(state, incoming)
    grown = with_newest(state, newest, at)
    # What was pushed again as it was tells nothing new; only its place in the log is another.
    trail = () if incoming.event_id == state.head_event else incoming.trail
    outcome = _settle(grown, trail=trail, at=at, now=now)
    if state.head is None or newest.is_repetition:
        return outcome
    return replace(outcome, older=(state.line[0],))


def _take_late(
    state: State, incoming: ArticleEnriched, *, at: datetime, now: datetime
) -> GateOutcome:
    if state.head_event == incoming.event_id:
        return NOTHING
    version = Version(incoming.event_id, incoming.article, incoming.keeps_earlier)
    grown = with_late(state, version, at)
    if grown.line == state.line:
        return GateOutcome(notes=(_superseded(incoming),), older=(version,))
    outcome = _settle(grown, trail=incoming.trail, at=at, now=now)
    return replace(outcome, older=(version,))


def _take_kill(
    state: State, incoming: ArticleEnriched, *, at: datetime, now: datetime
) -> GateOutcome:
    kill = kill_of(incoming.article).joined(state.kill)
    if kill == state.kill:
        return NOTHING
    outcome = _settle(replace(state, kill=kill), trail=incoming.trail, at=at, now=now)
    if outcome.events or (outcome.state and outcome.state.status is Status.KILLED):
        return outcome
    return replace(outcome, stages=(*outcome.stages, _superseded(incoming)))


def _settle(state: State, *, trail: tuple[Stage, ...], at: datetime, now: datetime) -> GateOutcome:
    state = without_passed(state, at)
    status, shown = standing(state, at)
    action = _action(state, status, shown)
    settled = replace(state, token=state.token + 1, status=status, shown=shown, as_of=at)
    if action is None:
        held = _status_of_head(state, at)
        is_news = bool(trail) if shown else status is not state.status
        is_held = held in (Status.SCHEDULED, Status.WITHHELD) and is_news
        stages = (*trail, _stage(settled, str(held), at)) if is_held else trail
        return GateOutcome(settled, stages=stages, shown=(shown,) if shown else ())
    gone_at = None if shown else at
    revision = state.revision + 1
    left = left_terms(state.left_terms, before=state.shown, now=shown, revision=revision)
    settled = replace(settled, revision=revision, last_action=action, gone_at=gone_at)
    settled = replace(settled, left_terms=left)
    stages = (*trail, _stage(settled, action, at))
    events = (_event(settled, action, stages, now, told_as=_told_as(state, settled)),)
    return GateOutcome(settled, events, stages, shown=(shown,) if shown else ())


def _status_of_head(state: State, at: datetime) -> Status | None:
    return status_at(state.head, state.kill, at) if state.head else None


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
    # Re-pushing unchanged text gives it a new creation time if the newsroom sends none.
    names = ("version_created", "enrichment", *RECEIPT)
    moved = {name: getattr(other, name) for name in names}
    is_moved = one.received_at is not None and listed_at(one) != listed_at(other)
    return not is_moved and one.model_copy(update=moved) == other


def _event(
    state: State, action: Action, stages: tuple[Stage, ...], now: datetime, *, told_as: ToldAs
) -> ArticlePublished:
    named = state.shown or state.head
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
        left_terms=state.left_terms if state.shown else {},
        told_as=told_as,
        trail=stages,
    )


def _acting_version(state: State, head: EnrichedArticle) -> int:
    if state.kill and state.status is Status.KILLED:
        return max(state.kill.version, head.version)
    return head.version


def _told_as(before: State, after: State) -> ToldAs:
    """The kind of change that it is beside an update or a publication, if any."""
    if before.shown and after.shown:
        return "corrected" if is_correction(before.shown, after.shown) else None
    return "released" if after.shown and before.status is Status.SCHEDULED else None


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
