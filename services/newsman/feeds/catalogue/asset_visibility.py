"""Visibility of binary renditions: seen only while an article of their source shows them."""

import asyncio
from enum import Enum

from newsman.assets.store import Asset
from newsman.feeds.catalogue import queries as queries
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.listings.catalogue_listings import CatalogueIncomplete
from newsman.redis.articles import ArticleReader

ARTICLES_AT_ONCE = 50
PATIENCE_SECONDS = 1.0
LOOK_SECONDS = 0.05


class Visibility(Enum):
    """The visibility of a rendition, by the articles that show it."""

    SHOWN = "shown"
    WITHDRAWN = "withdrawn"
    UNSEEN = "unseen"


class AssetVisibility:
    """Asks the catalogue which articles show a rendition, and the store which of them are there,
    so that a kill takes effect here as soon as anywhere.

    Only the source that sent a rendition says when it may be seen: another source's articles may
    name its address, and neither show nor keep it.
    """

    def __init__(self, catalogue: Catalogue, articles: ArticleReader) -> None:
        self._catalogue = catalogue
        self._articles = articles

    async def visibility(self, asset: Asset) -> Visibility:
        """The visibility; raises NotWhole while the catalogue has not read the log.

        Who is told of an article at once may ask for its pictures before the catalogue has heard
        of it, so for what no article has shown so far it waits for a moment.
        """
        looks = round(PATIENCE_SECONDS / LOOK_SECONDS)
        for _ in range(looks):
            visibility = await self._now(asset)
            if visibility is not Visibility.UNSEEN:
                return visibility
            await asyncio.sleep(LOOK_SECONDS)
        return Visibility.UNSEEN

    async def _now(self, asset: Asset) -> Visibility:
        if not self._catalogue.is_whole:
            raise CatalogueIncomplete
        # In this order, so that an event between the two does not look like a withdrawal.
        was_shown = await asyncio.to_thread(queries.was_shown, self._catalogue, asset)
        if not was_shown:
            return Visibility.UNSEEN
        return Visibility.SHOWN if await self._is_shown(asset) else Visibility.WITHDRAWN

    async def _is_shown(self, asset: Asset) -> bool:
        after = ""
        while ids := await asyncio.to_thread(
            queries.showing, self._catalogue, asset, after, ARTICLES_AT_ONCE
        ):
            if await self._articles.published(ids):
                return True
            after = ids[-1]
        return False
