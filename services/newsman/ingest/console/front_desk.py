"""The front page as editors see it: its order with reasons, its pins, and stories to choose."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import redis.asyncio

from newsman.matching.queries import Query, read_query
from newsman.matching.words import ArticleWords, tokenizer
from newsman.rankings.core import FrontPin
from newsman.rankings.front_page import FrontPage, PlacedStory
from newsman.rankings.ranking import Rankings
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.article_rules import LATEST
from newsman_schemas.articles import ARTICLE_ID_PATTERN
from newsman_schemas.subscriptions import Filter
from newsman_schemas.topics import ARTICLE_VIEWED

NEWEST = 50
"""So many stories are placed on the front page by their points."""
SEARCHED, READ_AT_ONCE, FOUND = 500, 50, 20
"""A search looks through so many of the newest stories, by so many at once, and lists so many."""
OBEYED_SECONDS, LOOK_SECONDS = 3.0, 0.1
_ID = ARTICLE_ID_PATTERN.strip("^$")
_NAMED = re.compile(rf"(?:.*/articles/)?({_ID})(?:[/?#].*)?", re.ASCII)


@dataclass(frozen=True)
class PinnedStory:
    """A pin that holds or is to come; `stored` is None while readers may not see the story."""

    article_id: str
    pin: FrontPin
    stored: StoredArticle | None


@dataclass(frozen=True)
class FrontView:
    """The order of the front page, and its pins."""

    placed: tuple[PlacedStory, ...]
    pins: tuple[PinnedStory, ...]


class FrontDesk:
    """Reads the front page from the store, the counts and the edits."""

    def __init__(
        self, client: "redis.asyncio.Redis", namespace: str, clock: Callable[[], datetime]
    ) -> None:
        self._articles = ArticleReader(client, namespace)
        rankings = Rankings(client, namespace, ARTICLE_VIEWED.partitions)
        self._page = FrontPage(self._articles, rankings, lambda: clock().timestamp())

    async def view(self) -> FrontView:
        """The front page as it stands; raises StoreRebuilding."""
        await self._articles.require_whole()
        placed = await self._page.placed(await self._articles.listed(LATEST, limit=NEWEST))
        pins = await self._page.pins()
        stored = {one.article.id: one for one in await self._articles.many(list(pins))}
        shown = (PinnedStory(ident, pin, stored.get(ident)) for ident, pin in pins.items())
        return FrontView(tuple(placed), tuple(shown))

    async def story(self, article_id: str) -> StoredArticle | None:
        """A story that readers may see; None for any other id."""
        if not re.fullmatch(_ID, article_id, re.ASCII):
            return None
        return next(iter(await self._articles.many([article_id])), None)

    async def found(self, text: str) -> list[StoredArticle]:
        """The story whose id or address the text is, or else the newest that have all its words."""
        named = _NAMED.fullmatch(text)
        story = await self.story(named[1]) if named else None
        if story is not None:
            return [story]
        query = read_query("console", Filter(q=text), (), tokenizer())
        return await self._having(query) if query else []

    async def _having(self, query: Query) -> list[StoredArticle]:
        found: list[StoredArticle] = []
        for offset in range(0, SEARCHED, READ_AT_ONCE):
            stories = await self._articles.listed(LATEST, offset=offset, limit=READ_AT_ONCE)
            found += [one for one in stories if _has(one, query)]
            if len(stories) < READ_AT_ONCE or len(found) >= FOUND:
                break
        return found[:FOUND]

    async def obeyed(self, article_id: str, pin: FrontPin | None) -> bool:
        """True once the article is pinned so, or not at all; False after OBEYED_SECONDS."""
        try:
            async with asyncio.timeout(OBEYED_SECONDS):
                while (await self._page.pins()).get(article_id) != pin:
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            return False
        return True


def _has(story: StoredArticle, query: Query) -> bool:
    words = ArticleWords(story.article, tokenizer())
    return query.missing(words.tokens, words) is None
