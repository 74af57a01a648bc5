"""The facts above the stories of an entity: who or what it is, when and with whom it was named."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from urllib.parse import quote

from markupsafe import Markup

from newsman.feeds.catalogue.term_facts import TermFacts
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.pages.charts import sparkline
from newsman.outputs.listing import Listing
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.articles import Entity
from newsman_schemas.events import unix_ms

DAYS = 30
BESIDE = 8
CATALOGUES = {
    "wikidata": ("Wikidata", "https://www.wikidata.org/wiki/"),
    "geonames": ("GeoNames", "https://www.geonames.org/"),
    "iso3166-1": ("ISO 3166-1", "https://www.iso.org/obp/ui/#iso:code:3166:"),
    "iso3166-2": ("ISO 3166-2", ""),
}


@dataclass(frozen=True)
class Identifier:
    """An identifier of an entity, the catalogue that has it, and its address there if any."""

    catalogue: str
    code: str
    href: str = ""


@dataclass(frozen=True)
class AboutEntity:
    """All that the page of an entity says above its stories."""

    type: str | None
    identifier: Identifier | None
    facts: TermFacts
    first: StoredArticle | None
    last: StoredArticle | None
    line: Markup


class EntityFacts:
    """Finds what the catalogue knows of entities."""

    def __init__(
        self,
        finder: CatalogueListings,
        articles: ArticleReader,
        clock: Callable[[], float] = time.time,
        zone: tzinfo = UTC,
    ) -> None:
        """Days end at midnight in the zone."""
        self._zone = zone
        self._finder = finder
        self._articles = articles
        self._clock = clock

    async def of(self, slug: str, listing: Listing) -> AboutEntity | None:
        """The facts of the entity whose listing it is; None while the catalogue knows nothing, and
        for those who may not see all articles."""
        tomorrow = datetime.fromtimestamp(self._clock(), self._zone).date() + timedelta(days=1)
        until_ms = unix_ms(datetime.combine(tomorrow, time_of_day(0), self._zone))
        facts = await self._finder.facts(
            f"entity:{slug}", until_ms=until_ms, days=DAYS, limit=BESIDE
        )
        if facts is None:
            return None
        ends = [facts.first.article_id, facts.last.article_id]
        found = {one.article.id: one for one in await self._articles.many(ends)}
        first, last = (found.get(article_id) for article_id in ends)
        entity = _entity(slug, listing.articles)
        title = f"Stories a day in the last {DAYS} days, {sum(facts.days)} in all"
        return AboutEntity(
            entity.type if entity else None,
            identifier_of(entity) if entity else None,
            facts,
            first,
            last,
            Markup(sparkline(facts.days, title=title)),  # noqa: S704 - texts are escaped there
        )


def identifier_of(entity: Entity) -> Identifier | None:
    """The identifier of an entity as readers see it."""
    if not entity.identifier:
        return None
    name, prefix = CATALOGUES.get(entity.scheme or "", (entity.scheme or "", ""))
    href = prefix + quote(entity.identifier) if prefix else ""
    return Identifier(name, entity.identifier, href)


def _entity(slug: str, articles: Sequence[StoredArticle]) -> Entity | None:
    """The entity as the newest article has it that has an identifier for it, else the newest."""
    named = [one for stored in articles for one in stored.article.entities if one.slug == slug]
    return next((one for one in named if one.identifier), named[0] if named else None)
