"""The site as readers could see it at a past moment (`?as_of=`), but for what is withdrawn."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlencode

from newsman.feeds.listings.catalogue_listings import CatalogueListings, Page
from newsman.feeds.listings.listings import EVERYTHING, POPULAR_LOOKED_AT, Listings, scope_of
from newsman.feeds.query.cursors import ListingPosition, decode_before
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import narrowing
from newsman.outputs.listing import QUERIED, Listing
from newsman.rankings.past import MINUTES_KEPT, views_as_of
from newsman.redis.articles import Gone, StoredArticle
from newsman.web.query import BadParameter
from newsman_schemas.articles import EnrichedArticle, Stage
from newsman_schemas.events import unix_ms

AS_OF = "as_of"
PAST_ROWS = 20
"""A past page reads every version of each of its articles."""
PARTS_LOOKED_AT = 5
"""Of so many times PAST_ROWS articles that are dated before a moment, those are shown that had come
by then: what is dated back came later."""
THERE = frozenset({"published", "updated"})
AWAY = frozenset({"killed", "withdrawn"})
PUBLISH = "publish"
Standing = Literal["there", "not yet", "withdrawn"]


@dataclass(frozen=True)
class PastMoment:
    """A past moment as a page tells it: the stories that stood there and are withdrawn by now."""

    at: datetime
    withdrawn_since: int = 0

    @property
    def query(self) -> str:
        """The parameter of a page that names the moment."""
        return urlencode([(AS_OF, self.at.isoformat().replace("+00:00", "Z"))])


@dataclass(frozen=True)
class PastArticle:
    """An article at a past moment; `stored` is None where it may not be shown (any more)."""

    standing: Standing
    stored: StoredArticle | None


class PastPages:
    """Reads what stood where at a past moment, from the trail and the kept versions of articles."""

    def __init__(
        self,
        listings: Listings,
        finder: CatalogueListings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._listings = listings
        self._finder = finder
        self._clock = clock

    def check(self, at: datetime) -> None:
        """Raises BadParameter for a moment to come, and for those who may not see all articles."""
        if at > self._clock():
            raise BadParameter(AS_OF, "lies in the past")
        if narrowing():
            raise BadParameter(AS_OF, "is for those who may see everything")

    async def article(self, article_id: str, at: datetime) -> PastArticle | None:
        """An article at a moment; None where there never was one."""
        (past,) = await self._of([article_id], at)
        return past

    async def listing(
        self, selection: Selection, listing: Listing, at: datetime
    ) -> tuple[Listing, PastMoment]:
        """The stories under a selection that stood there, as they did, the newest first."""
        empty = replace(listing, articles=(), feed_path=QUERIED)
        shown = await self._newest_at(selection, at)
        gone = await asyncio.to_thread(self._finder.departed_since, selection, at)
        past = await self._of(gone, at)
        since = sum(one is not None and one.standing == "there" for one in past)
        return replace(empty, articles=shown), PastMoment(at, since)

    async def _newest_at(self, selection: Selection, at: datetime) -> tuple[StoredArticle, ...]:
        shown: list[StoredArticle] = []
        until, nothing = ListingPosition(unix_ms(at) + 1, ""), Listing("", "", QUERIED, ())
        for _ in range(PARTS_LOOKED_AT):
            found = await self._finder.found(nothing, selection, Page(until, limit=PAST_ROWS))
            shown += await self._all_at([one.article.id for one in found.articles], at)
            if found.more is None or len(shown) >= PAST_ROWS:
                break
            until = decode_before(found.more[1])
        return tuple(shown[:PAST_ROWS])

    async def popular(
        self, window: str, at: datetime, limit: int, selection: Selection = EVERYTHING
    ) -> list[tuple[StoredArticle, int]]:
        """The most viewed of a window that ended then and pass a selection today, as they stood
        then, with their views."""
        now = self._clock()
        if at <= now - timedelta(minutes=MINUTES_KEPT):
            raise BadParameter(AS_OF, f"lies in the last {MINUTES_KEPT // 1_440} days")
        scope, is_exact = scope_of(selection)
        looked_at = limit if is_exact else POPULAR_LOOKED_AT
        ranking = dict(
            await views_as_of(
                self._listings.rankings, window, scope, at=at, now=now, limit=looked_at
            )
        )
        listed = list(ranking)
        if not is_exact:
            stored = await self._listings.articles.many(listed)
            listed = [one.article.id for one in stored if selection.takes(one.article)][:limit]
        shown = await self._all_at(listed, at)
        return [(stored, ranking[stored.article.id]) for stored in shown]

    async def _all_at(self, article_ids: Sequence[str], at: datetime) -> tuple[StoredArticle, ...]:
        past = await self._of(article_ids, at)
        return tuple(one.stored for one in past if one is not None and one.stored is not None)

    async def _of(self, article_ids: Sequence[str], at: datetime) -> list[PastArticle | None]:
        found = await self._listings.articles.find_all(article_ids)
        return [await self._at(each, at) for each in found]

    async def _at(self, found: StoredArticle | Gone | None, at: datetime) -> PastArticle | None:
        if found is None:
            return None
        standing = _standing(found.trail, at)
        if standing != "there" or isinstance(found, Gone):
            return PastArticle(standing, None)
        versions = await self._listings.articles.versions(found.article.id, now=at)
        shown = _shown_at(versions, _last(found.trail, at), at)
        return PastArticle(standing, replace(found, article=shown) if shown else None)


def _last(trail: Sequence[Stage], at: datetime) -> Stage | None:
    """The last thing that readers saw of the article by then."""
    seen = [
        stage
        for stage in trail
        if stage.service == PUBLISH and stage.stage in THERE | AWAY and stage.at <= at
    ]
    return max(seen, key=lambda stage: stage.at, default=None)


def _standing(trail: Sequence[Stage], at: datetime) -> Standing:
    last = _last(trail, at)
    if last is None:
        return "not yet"
    return "there" if last.stage in THERE else "withdrawn"


def _shown_at(
    versions: Sequence[EnrichedArticle], last: Stage | None, at: datetime
) -> EnrichedArticle | None:
    """The version that the gate let through last, of those that had come by then."""
    if last is None:
        return None
    come = [one for one in versions if (one.received_at or one.version_created) <= at]
    named = [one for one in come if one.version == last.version]
    return named[-1] if named else None
