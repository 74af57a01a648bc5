"""Filters of a listing: any combination of section, tag, entity, author, source and so on."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from newsman_schemas.article_rules import LATEST, terms_of
from newsman_schemas.articles import EnrichedArticle

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


def assets_of(article: EnrichedArticle) -> set[str]:
    """The ids of the renditions that an article leads to, wherever in it their addresses stand."""
    return set(_ASSET.findall(article.model_dump_json()))
