"""A real Valkey, asked from the event loop, and a store that is written by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
import redis.asyncio

from newsman.redis.client import build_async_client
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import Marker
from newsman.redis.versions import deflated
from newsman_schemas.articles import EnrichedArticle, Enrichment, Stage, article_id

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Ask = Callable[[Callable[["redis.asyncio.Redis"], Awaitable[Any]]], Any]


def article(name: str, **changes: Any) -> EnrichedArticle:
    """An article of the desk's; its uri is its name."""
    fields = {
        "id": article_id("desk", name),
        "source": "desk",
        "uri": name,
        "version_created": NOON,
        "headline": name,
        "slug": "a-slug",
        "enrichment": Enrichment(status="done", method="test", duration_ms=1),
    }
    return EnrichedArticle.model_validate({**fields, **changes})


@pytest.fixture
def ask(redis_url: str) -> Ask:
    """The result of a coroutine that is given an asyncio client."""

    def ask(work: Callable[["redis.asyncio.Redis"], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            client = build_async_client(redis_url)
            try:
                return await work(client)
            finally:
                await client.aclose()

        return asyncio.run(run())

    return ask


class HandmadeStore:
    """The keys of a store's generation, as publish leaves them."""

    def __init__(self, client: redis.Redis, namespace: str, generation: str = "") -> None:
        self.client = client
        self.keys = ArticleKeys(namespace, generation)

    def serve(self, marker: Marker) -> None:
        self.client.set(self.keys.marker, str(marker))

    def put(self, shown: EnrichedArticle, **fields: Any) -> str:
        """Stores the article as published, but for the fields that are told otherwise."""
        told = {
            "status": "published",
            "doc": shown.model_dump_json(),
            "revision": 1,
            "at_ms": 1_000,
            **fields,
        }
        present = {name: value for name, value in told.items() if value is not None}
        self.client.hset(self.keys.article(shown.id), mapping=present)
        return shown.id

    def older(self, event_id: str, version: EnrichedArticle) -> None:
        self.client.hset(self.keys.versions(version.id), event_id, deflated(version))

    def happened(self, one: str, *stages: str) -> None:
        for name in stages:
            stage = Stage(stage=name, service="publish", at=NOON, version=1)
            self.client.rpush(self.keys.history(one), stage.model_dump_json())

    def list_under(self, term: str, scores: dict[str, int]) -> None:
        self.client.zadd(self.keys.index(term), scores)


@pytest.fixture
def store(redis_client: redis.Redis, namespace: str) -> HandmadeStore:
    """The first generation of the store, which serves."""
    made = HandmadeStore(redis_client, namespace)
    made.serve(Marker())
    return made
