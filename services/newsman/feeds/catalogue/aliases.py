"""Other names of entities, each leading to the one slug that readers find the entity under."""

from collections.abc import Iterator

from newsman.feeds.catalogue.index import Catalogue
from newsman_schemas.article_rules import term_named
from newsman_schemas.names.entity_names import spellings

AGREED = 0.75
"""A name that so many of the articles with it use for one entity leads there."""


def entity_slug(catalogue: Catalogue, slug: str) -> str | None:
    """The slug under which the entity of a name stands now; None where nothing does, or where
    the name means several."""
    return next(iter(_leads(catalogue, slug)), None)


def _leads(catalogue: Catalogue, slug: str) -> Iterator[str]:
    if _stands(catalogue, slug):
        yield slug
    for name in spellings(slug):
        if _stands(catalogue, name):
            yield name
        yield from _meant(catalogue, name)


def _stands(catalogue: Catalogue, slug: str) -> bool:
    rows = catalogue.rows("SELECT 1 FROM terms WHERE term = ? AND shown = 1 LIMIT 1", _term(slug))
    return bool(rows)


def _meant(catalogue: Catalogue, alias: str) -> Iterator[str]:
    rows = catalogue.rows(
        "SELECT slug, count(*) AS size FROM aliases WHERE alias = ? GROUP BY slug "
        "ORDER BY size DESC, slug",
        alias,
    )
    total = sum(size for _, size in rows)
    if rows and rows[0][1] >= AGREED * total:
        yield rows[0][0]


def _term(slug: str) -> str:
    return term_named("entity", slug)
