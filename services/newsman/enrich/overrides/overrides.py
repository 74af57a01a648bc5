"""An editor's decisions about an article's tags and entities, which overrule every later
finding."""

from typing import Literal

from newsman_schemas.articles import EnrichedArticle, Entity, Overruled, Tag
from newsman_schemas.events import Value
from newsman_schemas.names.slugs import slugify

EDITOR = "editor"


class Override(Value):
    """Names of tags to be there, and slugs of tags and entities not to be there."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


NOTHING = Override()


def extended(before: Override, added: list[str], removed: list[str]) -> Override:
    """The override with more; the last word on a name counts."""
    new = {slugify(name) for name in added}
    gone = {slugify(name) for name in removed}
    still_added = [name for name in before.added if slugify(name) not in gone | new]
    out = [slug for slug in before.removed if slug not in new | gone]
    return Override(added=(*still_added, *added), removed=(*out, *sorted(gone)))


def overridden(article: EnrichedArticle, override: Override) -> EnrichedArticle:
    """The article as the editor wants it."""
    removed = set(override.removed)
    added = [_tag(name) for name in override.added if slugify(name)]
    mine = {tag.slug for tag in added}
    tags = (*added, *(tag for tag in article.tags if tag.slug not in removed | mine))
    entities = tuple(entity for entity in article.entities if entity.slug not in removed)
    return article.model_copy(update={"tags": tags, "entities": entities})


def overruled(article: EnrichedArticle, override: Override) -> tuple[Overruled, ...]:
    """The tags and entities of the article that the editor takes away, with what found them."""
    removed = set(override.removed)
    return (
        *(_overruled(tag, "tag") for tag in article.tags if tag.slug in removed),
        *(_overruled(entity, "entity") for entity in article.entities if entity.slug in removed),
    )


def methods_of(found: Tag | Entity) -> tuple[str, ...]:
    """The rules and models that the evidence names, or else the one that it was found by."""
    named = (span.method for span in found.evidence if span.method)
    return tuple(dict.fromkeys(named)) or (found.method,)


def _overruled(found: Tag | Entity, kind: Literal["tag", "entity"]) -> Overruled:
    return Overruled(
        kind=kind,
        name=found.name,
        slug=found.slug,
        type=found.type if isinstance(found, Entity) else None,
        confidence=found.confidence,
        methods=methods_of(found),
    )


def _tag(name: str) -> Tag:
    return Tag(name=name, slug=slugify(name), confidence=1.0, method=EDITOR)
