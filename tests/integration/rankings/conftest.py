"""Rankings that are made of keys written by hand."""

from datetime import UTC, datetime

import pytest
from tests.integration.redis.conftest import HandmadeStore, article, ask, store

from newsman.rankings.ranking import Rankings
from newsman.redis.keys import READ, PopularityKeys
from newsman_schemas.topics import ARTICLE_VIEWED

__all__ = ["HandmadeStore", "article", "ask", "store"]

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)


class HandmadeCounts:
    """Rows of articles in windows, minutes, hours and days."""

    def __init__(self, client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    def _keys(self, one: str) -> PopularityKeys:
        return PopularityKeys(self.namespace, ord(one[0]) % ARTICLE_VIEWED.partitions)

    def window(self, window: str, views: dict[str, int]) -> None:
        for one, number in views.items():
            self.client.zadd(self._keys(one).count(window), {one: number * READ + 1})

    def span(self, span: str, number: int, views: dict[str, int]) -> None:
        for one, times in views.items():
            self.client.hset(self._keys(one).span(span, number), one, times * READ + 1)

    def viewed(self, one: str, minute: int, times: int) -> None:
        """Views in a minute, with the hour and the day that it is in."""
        for span, number in (
            ("minute", minute),
            ("hour", minute // 60),
            ("day", minute // 1_440),
        ):
            self.client.hincrby(self._keys(one).span(span, number), one, times * READ)


@pytest.fixture
def counts(redis_client, namespace) -> HandmadeCounts:
    return HandmadeCounts(redis_client, namespace)


@pytest.fixture
def with_rankings(ask, namespace):
    """The result of a coroutine that is given rankings."""

    def run(work):
        return ask(lambda client: work(Rankings(client, namespace, ARTICLE_VIEWED.partitions)))

    return run
