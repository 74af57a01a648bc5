"""Editors' decisions about an article's tags and entities."""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from newsman_schemas.articles import ArticleId, ShortText, Slug
from newsman_schemas.events import Event


class ArticleOverridden(Event):
    """All that editors have decided of an article: it replaces what was decided before.

    `added` are names of tags to be there, `removed` slugs of tags and entities not to be there;
    with neither nothing is decided any more.
    """

    NAME: ClassVar[str] = "article-overridden"

    article_id: ArticleId
    added: tuple[ShortText, ...] = ()
    removed: tuple[Slug, ...] = ()
    by: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""

    @property
    def key(self) -> str:
        return self.article_id
