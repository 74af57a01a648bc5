"""The part of an article that readers may see at a moment: its version, and how much of it."""

from dataclasses import replace
from datetime import datetime

from newsman.publish.receipts import NewestVersion
from newsman.publish.state import State, Version
from newsman_schemas.article_order import VersionOrder, version_order
from newsman_schemas.article_rules import (
    Kill,
    Status,
    status_at,
    status_changes_at,
)
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.copies import copies_change_at, without_held


def standing(state: State, at: datetime) -> tuple[Status | None, EnrichedArticle | None]:
    """The status of an article, and what readers may see of it; no status while nothing but its
    name is known."""
    if state.head is None:
        return (Status.KILLED if state.kill else None), None
    for version in state.line:
        if status_at(version.article, state.kill, at) is Status.PUBLISHED:
            return Status.PUBLISHED, _shown(version.article, state, at)
        if not _waits(version, state.kill, at):
            break
    return status_at(state.head, state.kill, at), None


def changes_at(state: State, at: datetime) -> datetime | None:
    """The moment at which time alone will next change what readers see, or None."""
    moments: list[datetime | None] = []
    for version in state.line:
        article = version.article
        moments.append(status_changes_at(article, state.kill, at))
        if status_at(article, state.kill, at) not in (Status.KILLED, Status.WITHHELD):
            moments.append(copies_change_at(article, at))
    return min((moment for moment in moments if moment), default=None)


def with_newest(state: State, newest: NewestVersion, at: datetime) -> State:
    """The state with a version at the head of the line; a repetition is there in place of what it
    repeats."""
    behind = state.earlier if newest.is_repetition else state.line
    version = newest.version
    lined_up = replace(
        state,
        head=version.article,
        head_event=version.event_id,
        head_keeps_earlier=version.keeps_earlier,
        reached_at=newest.reached_at,
        earlier=tuple(other for other in behind if other.event_id != version.event_id),
    )
    return without_passed(lined_up, at)


def with_late(state: State, version: Version, at: datetime) -> State:
    """The state with one more version behind the head, where there is a place for it."""
    others = (other for other in state.earlier if other.event_id != version.event_id)
    line = sorted((version, *others), key=_order, reverse=True)
    return without_passed(replace(state, earlier=tuple(line)), at)


def without_passed(state: State, at: datetime) -> State:
    """The state without versions that no version before them waits for any more."""
    if not state.earlier:
        return state
    line, kept = state.line, 1
    while kept < len(line) and _waits(line[kept - 1], state.kill, at):
        kept += 1
    return replace(state, earlier=line[1:kept])


def _order(version: Version) -> VersionOrder:
    return version_order(version.article, version.event_id)


def _waits(version: Version, kill: Kill | None, at: datetime) -> bool:
    return version.keeps_earlier and status_at(version.article, kill, at) is Status.SCHEDULED


def _shown(article: EnrichedArticle, state: State, at: datetime) -> EnrichedArticle:
    held = without_held(article, state.holds, at)
    return article.model_copy(update=held) if held else article
