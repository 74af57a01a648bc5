"""The article store as whoever reads may see it."""

from collections.abc import Sequence

from newsman.feeds.subscribers.reading import current_reading
from newsman.feeds.subscribers.told import told_article, told_gone
from newsman.redis.articles import ArticleReader, Gone, StoredArticle


class VisibleArticles(ArticleReader):
    """Leaves out what a subscriber's products do not hold, and keeps what its answer tells of.

    For the public it is the store.
    """

    async def find(self, article_id: str) -> StoredArticle | Gone | None:
        """The article, or that it is gone, or None if the reader may not know of it."""
        found = await super().find(article_id)
        reading = current_reading()
        if reading is None or found is None:
            return found
        if isinstance(found, Gone):
            reading.tell([told_gone(found)])
            return found
        if not reading.may_see(found.article):
            return None
        reading.tell([told_article(found)])
        return found

    async def many(self, article_ids: Sequence[str]) -> list[StoredArticle]:
        """The published ones among these that the reader may see, in the order given."""
        stored = await super().many(article_ids)
        reading = current_reading()
        if reading is None:
            return stored
        visible = [each for each in stored if reading.may_see(each.article)]
        reading.tell(map(told_article, visible))
        return visible
