"""Whether a binary rendition may be seen: only while an article that shows it may be."""

import asyncio
from enum import Enum

from newsman.feeds import catalogue_queries as queries
from newsman.feeds.catalogue import Catalogue
from newsman.feeds.finding import NotWhole
from newsman.redis.articles import ArticleReader

ARTICLES_AT_ONCE = 50
PATIENCE_SECONDS = 1.0
LOOK_SECONDS = 0.05


class Visibility(Enum):
    """What the articles make of a rendition."""

    SHOWN = "shown"
    WITHDRAWN = "withdrawn"
    UNSEEN = "unseen"


class Exhibits:
    """Asks the catalogue which articles show a rendition, and the store which of them are there,
    so that a kill takes effect here as soon as anywhere."""

    def __init__(self, catalogue: Catalogue, articles: ArticleReader) -> None:
        self._catalogue = catalogue
        self._articles = articles

    async def visibility(self, asset_id: str) -> Visibility:
        """The visibility; raises NotWhole while the catalogue has not read the log.

        Who is told of an article at once may ask for its pictures before the catalogue has heard
        of it, so for what no article has shown so far it waits for a moment.
        """
        looks = round(PATIENCE_SECONDS / LOOK_SECONDS)
        for _ in range(looks):
            found = await self._now(asset_id)
            if found is not Visibility.UNSEEN:
                return found
            await asyncio.sleep(LOOK_SECONDS)
        return Visibility.UNSEEN

    async def _now(self, asset_id: str) -> Visibility:
        if not self._catalogue.is_whole:
            raise NotWhole
        if await self._is_shown(asset_id):
            return Visibility.SHOWN
        known = await asyncio.to_thread(queries.was_shown, self._catalogue, asset_id)
        return Visibility.WITHDRAWN if known else Visibility.UNSEEN

    async def _is_shown(self, asset_id: str) -> bool:
        after = ""
        while ids := await asyncio.to_thread(
            queries.showing, self._catalogue, asset_id, after, ARTICLES_AT_ONCE
        ):
            if await self._articles.published(ids):
                return True
            after = ids[-1]
        return False
