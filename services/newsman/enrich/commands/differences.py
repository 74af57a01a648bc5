"""What one enrichment of an article has that another lacks."""

from collections.abc import Iterable
from dataclasses import dataclass

from newsman.enrich.core import Findings
from newsman_schemas.articles import EnrichedArticle, Entity, Tag


@dataclass(frozen=True)
class EnrichmentDifference:
    """What would come and go, and what would be of another type or a mention more or less."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.changed)


def difference(before: EnrichedArticle, after: Findings) -> EnrichmentDifference:
    """The difference in entities and tags, by their slugs."""
    entities = {e.slug: e for e in before.entities}, {e.slug: e for e in after.entities}
    tags = {t.slug: t for t in before.tags}, {t.slug: t for t in after.tags}
    gained = _names(entities[1][s] for s in entities[1].keys() - entities[0].keys())
    gained += _names(tags[1][s] for s in tags[1].keys() - tags[0].keys())
    lost = _names(entities[0][s] for s in entities[0].keys() - entities[1].keys())
    lost += _names(tags[0][s] for s in tags[0].keys() - tags[1].keys())
    both = sorted(entities[0].keys() & entities[1].keys())
    pairs = [(entities[0][slug], entities[1][slug]) for slug in both]
    changed = tuple(text for old, new in pairs if (text := _change(old, new)))
    return EnrichmentDifference(gained, lost, changed)


def _names(found: Iterable[Entity | Tag]) -> tuple[str, ...]:
    return tuple(sorted(map(_name, found)))


def _name(found: Entity | Tag) -> str:
    return f"{found.name} ({found.type if isinstance(found, Entity) else 'tag'})"


def _change(old: Entity, new: Entity) -> str | None:
    if old.type != new.type:
        return f"{new.name}: {old.type} → {new.type}"
    if old.mentions != new.mentions:
        return f"{new.name}: {old.mentions} → {new.mentions} mentions"
    return None
