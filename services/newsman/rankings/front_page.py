"""The stories of the front page in their order, of the store, the counts and editors' pins."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsman.rankings.core import FrontPin, front_pins
from newsman.rankings.front_order import FrontCandidate, FrontPoints, front_order
from newsman.rankings.ranking import Rankings
from newsman.redis.articles import ArticleReader, StoredArticle

ATTENTION_WINDOW = "1h"


@dataclass(frozen=True)
class PlacedStory:
    """A story in the order of the front page, and the points that put it there."""

    stored: StoredArticle
    points: FrontPoints


class FrontPage:
    """The order of the front page as it stands now."""

    def __init__(
        self, articles: ArticleReader, rankings: Rankings, clock: Callable[[], float] = time.time
    ) -> None:
        self._articles = articles
        self._rankings = rankings
        self._clock = clock

    async def placed(self, newest: Sequence[StoredArticle]) -> list[PlacedStory]:
        """The stories and those that are pinned, the lead first."""
        now = self._clock()
        pins = front_pins(await self._rankings.edits.read(), now)
        listed = {one.article.id: one for one in newest}
        pinned = await self._articles.many([one for one in pins if one not in listed])
        stories = listed | {one.article.id: one for one in pinned}
        counts = await self._rankings.counts.of_many(list(stories), ATTENTION_WINDOW)
        candidates = [
            FrontCandidate(
                article_id,
                one.article.urgency,
                now - one.published_at_ms / 1000,
                counts[article_id].views,
            )
            for article_id, one in stories.items()
        ]
        order = front_order(candidates, pins)
        return [PlacedStory(stories[article_id], points) for article_id, points in order]

    async def pins(self) -> dict[str, FrontPin]:
        """The pins that hold and those that are to come, by article, the first place first."""
        now = self._clock()
        edits = await self._rankings.edits.read()
        pins = {article_id: edit.front for article_id, edit in edits.items() if edit.front}
        lasting = [each for each in pins.items() if not each[1].has_ended_at(now)]
        return dict(sorted(lasting, key=lambda each: (each[1].rank, each[0])))
