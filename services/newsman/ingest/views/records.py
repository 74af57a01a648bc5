"""Views as records: those of a push that share a partition go together."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from newsman.kafka.partitions import partition_of
from newsman.kafka.records import Record, to_record
from newsman_schemas.events import digest
from newsman_schemas.popularity import MOST_VIEWS, ArticlesViewed, ArticleView
from newsman_schemas.topics import ARTICLE_VIEWED

REMEMBERED = 20_000


def events_of(
    views: Sequence[ArticleView], *, source: str | None, now: datetime
) -> tuple[list[ArticlesViewed], list[str]]:
    """The events that hold the views, and the id of each view."""
    partitions: dict[int, list[int]] = {}
    for place, view in enumerate(views):
        partitions.setdefault(_partition(view.article_id), []).append(place)
    events, ids = [], [""] * len(views)
    for places in partitions.values():
        for start in range(0, len(places), MOST_VIEWS):
            some = places[start : start + MOST_VIEWS]
            event = _event([views[place] for place in some], source, now)
            events.append(event)
            for number, place in enumerate(some):
                ids[place] = event.view_id(number)
    return events, ids


def record_of(event: ArticlesViewed) -> Record:
    """The record of an event, without the fields that have their defaults."""
    return to_record(event, event.model_dump_json(exclude_defaults=True).encode())


def _event(views: Sequence[ArticleView], source: str | None, now: datetime) -> ArticlesViewed:
    resend_ids = [view.resend_id for view in views if view.resend_id is not None]
    # What is sent again is the same event, as far as its views say that they are the same.
    is_known = len(resend_ids) == len(views)
    event_id = digest("views", *resend_ids) if is_known else uuid.uuid4().hex
    return ArticlesViewed(event_id=event_id, occurred_at=now, source=source, views=tuple(views))


@lru_cache(REMEMBERED)
def _partition(article_id: str) -> int:
    return partition_of(article_id, ARTICLE_VIEWED.partitions)
