"""Counts of what editors' overrides took away, and of what enrichment was least certain of."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from newsman.enrich.overrides.overrides import EDITOR, methods_of
from newsman_schemas.articles import ArticleEnriched, Entity, Overruled, Tag
from newsman_schemas.editing import ArticleOverridden

Row = dict[str, Any]


@dataclass
class _Shown:
    """A tag or an entity in articles as they are now."""

    name: str
    type: str | None
    confidences: list[float] = field(default_factory=list)
    methods: Counter[str] = field(default_factory=Counter)


class ReviewCounts:
    """The counts, article by article."""

    def __init__(self) -> None:
        self.articles = 0
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._overruled: dict[str, Overruled] = {}
        self._removed: Counter[str] = Counter()
        self._added: Counter[str] = Counter()
        self._shown_by: Counter[str] = Counter()
        self._overruled_by: Counter[str] = Counter()

    def take_article(self, event: ArticleEnriched) -> None:
        """Counts the newest enrichment of an article."""
        self.articles += 1
        for tag in event.article.tags:
            self._take_shown(tag, "tag", None)
        for entity in event.article.entities:
            self._take_shown(entity, "entity", entity.type)
        for overruled in event.overruled:
            self._overruled[overruled.slug] = overruled
            self._overruled_by.update(overruled.methods)

    def take_override(self, event: ArticleOverridden) -> None:
        """Counts what editors have decided of an article."""
        self._removed.update(event.removed)
        self._added.update(event.added)

    def overridden(self) -> Iterator[Row]:
        """Tags and entities that editors took out of most articles, and in how many they are shown;
        kind and name are unknown of what enrichment has not found since."""
        for slug, count in self._removed.most_common():
            known = self._overruled.get(slug)
            kinds = (known.kind,) if known else ("entity", "tag")
            shown = [self._shown[kind, slug] for kind in kinds if (kind, slug) in self._shown]
            yield {
                "name": known.name if known else shown[0].name if shown else slug,
                "kind": known.kind if known else None,
                "type": known.type if known else None,
                "slug": slug,
                "overridden": count,
                "shown": sum(len(each.confidences) for each in shown),
                "methods": known.methods if known else (),
            }

    def added(self) -> Iterator[Row]:
        """The tags that editors added to most articles."""
        for name, count in self._added.most_common():
            yield {"name": name, "articles": count}

    def rules(self) -> Iterator[Row]:
        """Rules and models, how much each found, and how much of that editors took away."""
        for method, count in self._overruled_by.most_common():
            found = self._shown_by[method] + count
            share = round(count / found, 3)
            yield {"method": method, "found": found, "overridden": count, "share": share}

    def uncertain(self) -> Iterator[Row]:
        """Tags and entities by their confidence (its mean), the least first."""
        means = {key: sum(s.confidences) / len(s.confidences) for key, s in self._shown.items()}
        order = sorted(means, key=lambda k: (means[k], -len(self._shown[k].confidences), k))
        for kind, slug in order:
            shown = self._shown[kind, slug]
            yield {
                "name": shown.name,
                "kind": kind,
                "type": shown.type,
                "slug": slug,
                "confidence": round(means[kind, slug], 3),
                "articles": len(shown.confidences),
                "methods": tuple(method for method, _ in shown.methods.most_common()),
            }

    def _take_shown(self, found: Tag | Entity, kind: str, type_of_entity: str | None) -> None:
        if found.method == EDITOR:
            return
        shown = self._shown.setdefault((kind, found.slug), _Shown(found.name, type_of_entity))
        shown.confidences.append(found.confidence)
        methods = methods_of(found)
        shown.methods.update(methods)
        self._shown_by.update(methods)
