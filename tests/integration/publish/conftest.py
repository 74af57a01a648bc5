"""The gate on a real Valkey, with a clock that the test moves."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis

from newsman.publish.gate import Gate
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.mentions import FILLED, MentionTable
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_async_client
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticlePublished,
    EnrichedArticle,
    Enrichment,
    PubStatus,
    Stage,
    article_id,
    content_digest,
)
from newsman_schemas.topics import ARTICLE_ENRICHED

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DONE = Enrichment(status="done", method="test", duration_ms=1)


def pushed(
    uri: str, version: int = 1, *, minute: int | None = None, **fields: object
) -> ArticleEnriched:
    """One version of an article as enrich hands it over."""
    created = NOON + MINUTE * (version if minute is None else minute)
    values = {
        "id": article_id("desk", uri),
        "source": "desk",
        "uri": uri,
        "version": version,
        "version_created": created,
        "headline": f"{uri}, take {version}",
        "slug": "story",
        "enrichment": DONE,
    }
    article = EnrichedArticle.model_validate({**values, **fields})
    stage = Stage(stage="received", service="ingest", at=created, version=version)
    return ArticleEnriched(
        event_id=content_digest(article), occurred_at=created, article=article, trail=(stage,)
    )


def killed(uri: str, version: int = 1, **fields: object) -> ArticleEnriched:
    """A kill of the article."""
    return pushed(uri, version, pubstatus=PubStatus.CANCELED, **fields)


class Desk:
    """A gate, the store behind it, and the events that it let out."""

    def __init__(self, url: str, namespace: str, loop: asyncio.AbstractEventLoop) -> None:
        self.now = NOON + 60 * MINUTE
        self.events: list[ArticlePublished] = []
        self.client = build_async_client(url)
        self.keys = ArticleKeys(namespace)
        self.reader = ArticleReader(self.client, namespace)
        self._loop = loop
        self.namespace = namespace
        self.mentions = MentionTable(self.client, namespace)
        self._gate = self.new_gate()

    def new_gate(self) -> Gate:
        """A gate as another process has it."""
        store, mentions = ArticleStore(self.client, self.namespace), self.mentions
        return Gate(store, lambda: self.now, mentions)

    def wait(self, coroutine):
        return self._loop.run_until_complete(coroutine)

    def restart(self) -> None:
        """Another process takes the place of the one so far."""
        self._gate = self.new_gate()

    def push(self, *events: ArticleEnriched) -> None:
        self.push_by(self._gate, *events)

    def push_by(self, gate: Gate, *events: ArticleEnriched) -> None:
        for event in events:
            (found,) = self.wait(gate.accept([event]))
            self._emit(found)
        self.pass_time(self.now)

    def push_at_once(self, events: list[ArticleEnriched], *, gates: int) -> None:
        """All at the same time, each to one of several processes, where they are a group."""
        found = [self.new_gate() for _ in range(gates)]

        async def all_of_it() -> None:
            work = [gate.accept(events[n::gates]) for n, gate in enumerate(found)]
            groups = await asyncio.gather(*work)
            sent = [event for group in groups for part in group for event in part]
            self.events += [event.event for event in sent]
            await found[0].confirm([event.event for event in sent])

        self.wait(all_of_it())
        self.pass_time(self.now)

    def pass_time(self, moment: datetime) -> None:
        self.now = moment
        for partition in range(ARTICLE_ENRICHED.partitions):
            for due in self.wait(self._gate.due(partition)):
                release = self.wait(self._gate.release(due))
                self._emit(release.events)
                self.wait(self._gate.released(release))

    def unsent(self) -> list[bytes]:
        """The keys of events that were decided and never sent."""

        async def look() -> list[bytes]:
            pattern = f"{self.namespace}:article:*:pending"
            return [key async for key in self.client.scan_iter(pattern, count=1_000)]

        return self.wait(look())

    def latest(self) -> list[str]:
        return [stored.article.uri for stored in self.wait(self.reader.listed("latest"))]

    def find(self, uri: str):
        return self.wait(self.reader.find(article_id("desk", uri)))

    def close(self) -> None:
        self.wait(self.client.aclose())

    def _emit(self, events) -> None:
        self.events += [found.event for found in events]
        for found in events:
            self.wait(self._gate.confirm([found.event]))


@pytest.fixture
def desk(redis_url, redis_client: redis.Redis, namespace: str) -> Iterator[Desk]:
    redis_client.set(ArticleKeys(namespace).marker, STORE_LAYOUT)
    redis_client.hset(ArticleKeys(namespace).mentions, FILLED, "1")
    loop = asyncio.new_event_loop()
    desk = Desk(redis_url, namespace, loop)
    yield desk
    desk.close()
    loop.close()
