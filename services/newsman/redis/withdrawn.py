"""The store's memory of an article that was taken away: enough for a tombstone, no text."""

from typing import Literal

from newsman_schemas.articles import ArticleId, ShortText
from newsman_schemas.events import UtcDatetime, Value


class Withdrawn(Value):
    """An article that readers have seen and may not see any more.

    `at` is when it went, `revision` the one of the event that told of it; `original_id` is the
    uri of the first of its chain, its own where it is none's follow-up.
    """

    article_id: ArticleId
    source: ShortText
    uri: ShortText
    original_id: ShortText
    version: int
    revision: int
    action: Literal["killed", "withdrawn"]
    at: UtcDatetime
