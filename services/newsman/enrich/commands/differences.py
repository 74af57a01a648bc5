"""Differences between two enrichments of one article."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from newsman.enrich.core import Findings
from newsman_schemas.articles import EnrichedArticle, Entity, Tag

Found = TypeVar("Found", Entity, Tag)


@dataclass(frozen=True)
class EnrichmentDifference:
    """Tags and entities that would come, go, change their type or their number of mentions."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.changed)


def difference(before: EnrichedArticle, after: Findings) -> EnrichmentDifference:
    """The difference in entities and tags, by their slugs."""
    entities_before, entities_after = _by_slug(before.entities), _by_slug(after.entities)
    tags_before, tags_after = _by_slug(before.tags), _by_slug(after.tags)
    gained = _only_in(entities_after, entities_before) + _only_in(tags_after, tags_before)
    lost = _only_in(entities_before, entities_after) + _only_in(tags_before, tags_after)
    both = sorted(entities_before.keys() & entities_after.keys())
    pairs = [(entities_before[slug], entities_after[slug]) for slug in both]
    changed = tuple(text for old, new in pairs if (text := _change(old, new)))
    return EnrichmentDifference(gained, lost, changed)


def _by_slug(entries: Iterable[Found]) -> dict[str, Found]:
    return {each.slug: each for each in entries}


def _only_in(these: Mapping[str, Found], others: Mapping[str, Found]) -> tuple[str, ...]:
    """The names of what one of two enrichments alone has."""
    return _names(these[slug] for slug in these.keys() - others.keys())


def _names(entries: Iterable[Entity | Tag]) -> tuple[str, ...]:
    return tuple(sorted(map(_name, entries)))


def _name(entry: Entity | Tag) -> str:
    return f"{entry.name} ({entry.type if isinstance(entry, Entity) else 'tag'})"


def _change(old: Entity, new: Entity) -> str | None:
    if old.type != new.type:
        return f"{new.name}: {old.type} → {new.type}"
    if old.mentions != new.mentions:
        return f"{new.name}: {old.mentions} → {new.mentions} mentions"
    return None
