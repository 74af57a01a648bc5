"""Filters of a listing: any combination of section, tag, entity, author, source and so on."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from newsman_schemas.article_rules import LATEST, terms_of
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.slugs import slugify

_SINGLE_LETTERS = re.compile(r"(?<![^-])\w(?:-\w)+(?![^-])")
_ASSET = re.compile(r"/assets/([a-z2-7]{26})(?![a-z2-7])")


@dataclass(frozen=True)
class Selection:
    """Filters that an article must all pass, as (filter, slug) in the order of TERM_KINDS."""

    filters: tuple[tuple[str, str], ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that the catalogue keeps articles under."""
        return tuple(f"{name}:{slug}" for name, slug in self.filters) or (LATEST,)

    def only(self, kinds: Collection[str]) -> "Selection":
        """The selection by its filters of some kinds alone."""
        return Selection(tuple(chosen for chosen in self.filters if chosen[0] in kinds))

    def takes(self, article: EnrichedArticle) -> bool:
        """True if the article stands under all of it."""
        return terms_of(article).issuperset(self.terms)

    @property
    def query(self) -> str:
        """The selection as a query string, without its question mark."""
        return urlencode(self.filters)


def folded(slug: str) -> str:
    """One form for all spellings of a slug: `the-u-n`, `u-n` and `un` are `un`."""
    joined = _SINGLE_LETTERS.sub(lambda letters: letters.group().replace("-", ""), slug)
    return joined.removeprefix("the-").removesuffix("-s")


def aliases_of(article: EnrichedArticle) -> set[tuple[str, str]]:
    """Every folded name that leads to an entity of the article, with the entity's slug."""
    return {
        (alias, entity.slug)
        for entity in article.entities
        for name in (entity.name, *entity.aliases, *entity.known_as)
        if (alias := folded(slugify(name))) and alias != entity.slug
    }


def assets_of(article: EnrichedArticle) -> set[str]:
    """The ids of the renditions that an article leads to, wherever in it their addresses stand."""
    return set(_ASSET.findall(article.model_dump_json()))
