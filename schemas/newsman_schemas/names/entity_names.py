"""Names of entities and their spellings, by which filters find them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from newsman_schemas.articles import EnrichedArticle, Entity
from newsman_schemas.names.slugs import slugify

_SINGLE_LETTERS = re.compile(r"(?<![^-])\w(?:-\w)+(?![^-])")


def folded(slug: str) -> str:
    """One form for all spellings of a slug: `the-u-n`, `u-n` and `un` are `un`."""
    joined = _SINGLE_LETTERS.sub(lambda letters: letters.group().replace("-", ""), slug)
    return joined.removeprefix("the-").removesuffix("-s")


def spellings(slug: str) -> tuple[str, ...]:
    """The folded forms that a slug may stand for, the likeliest first."""
    # A possessive in a slug has lost its apostrophe: bergs.
    return tuple(dict.fromkeys((folded(slug), folded(slug.removesuffix("s")))))


def aliases_of(article: EnrichedArticle) -> set[tuple[str, str]]:
    """Every folded name that leads to an entity of the article, with the entity's slug."""
    return {(alias, entity.slug) for entity in article.entities for alias in other_names(entity)}


@lru_cache(maxsize=10_000)
def _folded_name(name: str) -> str:
    return folded(slugify(name))


def other_names(entity: Entity) -> Iterator[str]:
    """The folded names of an entity but for its slug."""
    for name in (entity.name, *entity.aliases, *entity.known_as):
        alias = _folded_name(name)
        if alias and alias != entity.slug:
            yield alias
