"""Articles of stories, in the store and in the catalogue at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from newsman.feeds.catalogue.article_rows import LoggedEvent
from newsman.feeds.catalogue.index import Catalogue
from newsman_schemas.articles import ArticlePublished, Story, article_id

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Press:
    """Publishes to the store and tells the catalogue, as publish and Kafka would."""

    def __init__(self, desk, catalogue: Catalogue, kinds: dict[str, Any]) -> None:
        self._desk = desk
        self._catalogue = catalogue
        self._kinds = kinds
        self._told = 0

    def publish(
        self, name: str, role: str = "original", *, source: str = "demo", hours: int = 0, **more
    ) -> str:
        at = NOW + timedelta(hours=hours)
        fields = {
            **self._kinds,
            "id": article_id(source, name),
            "source": source,
            "body_text": "A ferry.",
            "published_at": at,
            "story": Story(id=article_id("demo", "first"), role=role),
            **more,
        }
        self._desk.publish(name, at=at, **fields)
        self._tell(name, source, "published", 1, article=self._desk.article(name, **fields))
        return fields["id"]

    def kill(self, name: str, *, source: str = "demo", **more) -> None:
        """The store knows at once, the catalogue does not."""
        fields = {**self._kinds, "id": article_id(source, name), "source": source, **more}
        self._desk.take_away(name, **fields)

    def tell_of_the_kill(self, name: str, *, source: str = "demo") -> None:
        self._tell(name, source, "killed", 2)

    def _tell(self, name: str, source: str, action: str, revision: int, *, article=None) -> None:
        event = ArticlePublished(
            event_id=f"{name}-{revision}",
            occurred_at=NOW,
            action=action,
            revision=revision,
            article_id=article_id(source, name),
            source=source,
            uri=name,
            version=1,
            article=article,
        )
        self._catalogue.write([LoggedEvent(0, self._told, event)], {0: self._told + 1})
        self._told += 1
