"""The log of editors' overrides: read from its beginning, and up to its end before each answer."""

from collections.abc import Callable

from newsman.enrich.overrides.overrides import NOTHING, Override
from newsman.kafka.compacted_logs.compacted_log import CompactedLog, open_compacted
from newsman.kafka.compacted_logs.newest_events import NewestEvents
from newsman_schemas.editing import ArticleOverridden
from newsman_schemas.topics import ARTICLE_OVERRIDDEN

CLIENT_ID = "newsman-enrich-overrides"

OverrideLog = CompactedLog[ArticleOverridden]


class Overrides:
    """Answers enrich's questions; waits for a Kafka that is away, since a human's word is at
    stake."""

    def __init__(self, open_log: Callable[[], OverrideLog]) -> None:
        self._events = NewestEvents(open_log, what="editors' overrides")
        self.problem = self._events.problem

    async def get(self, *article_ids: str) -> Override:
        """The article's override, whoever has said it before this was asked; of an article that
        had other ids before, under the first that has one."""
        return await self._events.ask_patiently(lambda log: override_in(log, *article_ids))

    async def read(self) -> None:
        """Reads the log for the first time."""
        await self.get("")


def override_in(log: OverrideLog, *article_ids: str) -> Override:
    """The override of the first of these ids that has one, as far as the log is read."""
    events = map(log.newest.get, article_ids)
    said = (Override(added=event.added, removed=event.removed) for event in events if event)
    return next((override for override in said if override != NOTHING), NOTHING)


def open_log(bootstrap: str, namespace: str) -> OverrideLog:
    """The log, nothing of it read yet; raises KafkaError."""
    return open_compacted(
        bootstrap, namespace, ARTICLE_OVERRIDDEN, ArticleOverridden, client_id=CLIENT_ID
    )
