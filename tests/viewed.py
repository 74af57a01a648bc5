"""Views on the log as single events, whichever version holds them."""

from collections.abc import Iterable
from typing import Any

from newsman.kafka.records import decode
from newsman_schemas.popularity import ArticlesViewed, ArticleViewed


def views_in(records: Iterable[Any]) -> list[ArticleViewed]:
    """Each view of records of article-viewed.v2, with the id that its sender was told."""
    return [
        ArticleViewed(
            event_id=event.view_id(place),
            occurred_at=view.at or event.occurred_at,
            source=event.source,
            **view.model_dump(exclude={"at"}),
        )
        for record in records
        for event in (decode(ArticlesViewed, record.value),)
        for place, view in enumerate(event.views)
    ]
