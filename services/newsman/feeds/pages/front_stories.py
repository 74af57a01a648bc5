"""The front page: its lead, the stories beside it, the blocks of sections, and the column."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsman.feeds.corrections.corrections import Corrections, Step
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings, PopularRow
from newsman.outputs.listing import Listing
from newsman.rankings.front_page import FrontPage, PlacedStory
from newsman.redis.articles import StoredArticle
from newsman.site.plan import FrontPlan, NamedSection
from newsman.site.site_file import SiteFile

MOST_BLOCKS = 8
USUAL_STORIES = 4
CORRECTIONS_SECONDS = 60

Clock = Callable[[], float]


@dataclass(frozen=True)
class Block:
    """A section on the front page."""

    slug: str
    name: str
    stories: tuple[StoredArticle, ...]


@dataclass(frozen=True)
class Column:
    """The column beside the stories."""

    popular: tuple[tuple[str, tuple[PopularRow, ...]], ...] = ()
    corrections: tuple[Step, ...] = ()
    topics: tuple[NamedSection, ...] = ()


@dataclass(frozen=True)
class Front:
    """A front page; `rest` are the newest stories that stand nowhere else on it."""

    listing: Listing
    lead: StoredArticle | None
    top: tuple[StoredArticle, ...] = ()
    blocks: tuple[Block, ...] = ()
    rest: tuple[StoredArticle, ...] = ()
    column: Column = field(default_factory=Column)


class FrontStories:
    """Chooses the stories of the front page as they stand now."""

    def __init__(
        self,
        listings: Listings,
        finder: CatalogueListings,
        corrections: Corrections,
        site_file: SiteFile,
        clock: Clock = time.time,
    ) -> None:
        self._listings = listings
        self._page = FrontPage(listings.articles, listings.rankings, clock)
        self._finder = finder
        self._corrections = corrections
        self._site_file = site_file
        self._clock = clock
        self._corrected: tuple[float, tuple[Step, ...]] = (0.0, ())

    async def placed(self) -> list[PlacedStory]:
        """The newest stories and those that are pinned, the lead first."""
        return await self._page.placed((await self._listings.latest()).articles)

    async def front(self, sections: Sequence[NamedSection]) -> Front:
        """The whole page; `sections` are those of the bar, in its order."""
        plan = self._site_file.plan.front
        latest = await self._listings.latest()
        stories = await self._page.placed(latest.articles)
        lead, top = stories[0].stored if stories else None, stories[1 : plan.top + 1]
        shown = {one.stored.article.id for one in stories[: plan.top + 1]}
        blocks = await self._blocks(plan, sections, shown)
        shown |= {one.article.id for block in blocks for one in block.stories}
        return Front(
            latest,
            lead,
            tuple(one.stored for one in top),
            blocks,
            tuple(one for one in latest.articles if one.article.id not in shown),
            await self._column(plan),
        )

    async def _blocks(
        self, plan: FrontPlan, sections: Sequence[NamedSection], shown: set[str]
    ) -> tuple[Block, ...]:
        sizes = {block.slug: block.stories for block in plan.sections}
        chosen = [one for one in sections if plan.other_sections or one[0] in sizes]
        chosen = chosen[: max(MOST_BLOCKS, len(plan.sections))]
        numbers = [sizes.get(slug, USUAL_STORIES) for slug, _ in chosen]
        found = await asyncio.gather(
            *(
                self._listings.articles.listed(f"section:{slug}", limit=number + len(shown))
                for (slug, _), number in zip(chosen, numbers, strict=True)
            )
        )
        blocks = (
            Block(slug, name, tuple(_others(stories, shown)[:number]))
            for (slug, name), number, stories in zip(chosen, numbers, found, strict=True)
        )
        return tuple(block for block in blocks if block.stories)

    async def _column(self, plan: FrontPlan) -> Column:
        popular = [
            (window, await self._listings.popular(window, limit=plan.popular))
            for window in plan.windows
            if plan.popular
        ]
        topics = await self._finder.named("tag", plan.topics) if plan.topics else ()
        corrections = await self._newest_corrections(plan.corrections)
        return Column(tuple(popular), corrections, tuple(topics))

    async def _newest_corrections(self, limit: int) -> tuple[Step, ...]:
        """The newest that are there still, looked for once a minute."""
        if not limit:
            return ()
        now = self._clock()
        if now - self._corrected[0] >= CORRECTIONS_SECONDS:
            steps, _ = await self._corrections.newest(
                now=datetime.fromtimestamp(now, UTC), limit=limit
            )
            self._corrected = now, steps
        steps = self._corrected[1]
        visible = await self._listings.articles.published(step.article.id for step in steps)
        return tuple(step for step in steps if step.article.id in visible)[:limit]


def _others(stories: Sequence[StoredArticle], shown: set[str]) -> list[StoredArticle]:
    return [one for one in stories if one.article.id not in shown]
