"""Index terms of an article, each with its display name."""

from functools import lru_cache
from typing import NamedTuple

from newsman.slugs import slugify
from newsman_schemas.articles import EnrichedArticle

LATEST = "latest"

_slug = lru_cache(maxsize=1_000)(slugify)


class NamedTerm(NamedTuple):
    """An index term with the name and kind that pages show for it."""

    term: str
    name: str
    type: str


def index_terms(article: EnrichedArticle) -> tuple[NamedTerm, ...]:
    """Latest, the section, each tag and each entity; every term once."""
    found = [NamedTerm(LATEST, "Latest", "list")]
    if article.section and (slug := _slug(article.section)):
        found.append(NamedTerm(f"section:{slug}", article.section, "section"))
    found += [NamedTerm(f"tag:{tag.slug}", tag.name, "tag") for tag in article.tags]
    found += [NamedTerm(f"entity:{e.slug}", e.name, e.type) for e in article.entities]
    return tuple({named.term: named for named in reversed(found)}.values())
