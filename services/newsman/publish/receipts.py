"""The receipt of an article's versions: what a repetition keeps, and what a later version does."""

from datetime import datetime
from typing import NamedTuple

from newsman.publish.state import State, Version
from newsman_schemas.article_order import VersionOrder, listed_at, stated_at, version_order
from newsman_schemas.articles import RECEIPT, Article, ArticleEnriched, EnrichedArticle

_SAID_BY_THE_NEWSROOM = tuple(
    name for name in Article.model_fields if name not in RECEIPT | {"version_created"}
)
UNREAD = "skipped"
"""The enrichment of an article that goes ahead of its turn, as a flash."""


class NewestVersion(NamedTuple):
    """A version as it is remembered when it is the newest; a repetition says what the last did.

    `reached_at` is the latest time that was given before it, where it gives none.
    """

    version: Version
    is_repetition: bool
    reached_at: datetime | None


def order_of_head(state: State) -> VersionOrder | None:
    """The order of the newest version that is remembered; None of an article without any."""
    if state.head is None:
        return None
    return version_order(state.head, state.head_event, state.reached_at)


def newest_of(state: State, incoming: ArticleEnriched) -> NewestVersion:
    """The version that an event brings, coming after all that the state knows of.

    A repetition keeps the times of what it repeats, and a flash what enrichment found in it; a
    changed text keeps the time of the first that readers had.
    """
    order = version_order(incoming.article, incoming.event_id).after(order_of_head(state))
    head, event_id = incoming.article, incoming.event_id
    is_repetition = state.head is not None and _is_repetition(head, state.head)
    if is_repetition:
        head, event_id = _repeated(state, incoming)
    elif state.head is not None and head.received_at:
        head = _following(head, state.head, was_seen=state.revision > 0)
    version = Version(event_id, head, incoming.keeps_earlier)
    return NewestVersion(version, is_repetition, None if order.is_stated else order.reached_at)


def _is_repetition(article: Article, before: Article) -> bool:
    if stated_at(article) != stated_at(before) or before.received_at is None:
        return False
    return all(getattr(article, name) == getattr(before, name) for name in _SAID_BY_THE_NEWSROOM)


def _repeated(state: State, incoming: ArticleEnriched) -> tuple[EnrichedArticle, str]:
    before, again = state.head, incoming.article
    assert before is not None, "what is repeated was there"
    if again.enrichment.status == UNREAD:
        return before.model_copy(update={"log_place": again.log_place}), state.head_event
    times = ("version_created", "received_at", "first_received_at", "corrected_at")
    kept = {name: getattr(before, name) for name in times}
    return again.model_copy(update=kept), incoming.event_id


def _following(
    article: EnrichedArticle, before: EnrichedArticle, *, was_seen: bool
) -> EnrichedArticle:
    first = before.first_received_at or before.received_at or listed_at(before)
    stated = stated_at(article)
    is_corrected = stated is not None and stated == stated_at(before)
    times = {
        "first_received_at": first if was_seen else None,
        "corrected_at": article.received_at if is_corrected else None,
    }
    return article.model_copy(update=times)
