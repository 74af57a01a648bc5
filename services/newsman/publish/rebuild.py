"""Rebuilding the article store from article-enriched, as far as the gate has been through it."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime

import redis.asyncio
from kafka import KafkaConsumer, TopicPartition

from newsman.kafka.clients import build_consumer
from newsman.kafka.records import Unprocessable, decode
from newsman.publish import core
from newsman.publish.app import group_name
from newsman.publish.gate import Gate
from newsman.publish.store import ArticleStore
from newsman.redis.keys import STORE_LAYOUT, ArticleKeys
from newsman.settings import PublishSettings
from newsman_schemas.articles import ArticleEnriched, ArticlePublished
from newsman_schemas.topics import ARTICLE_ENRICHED

log = logging.getLogger(__name__)

LOCK_SECONDS = 60
POLL_MS = 500
REPORT_EVERY_EVENTS = 500
WAIT_SECONDS = 0.5


async def ensure_store(client: "redis.asyncio.Redis", settings: PublishSettings) -> int:
    """Makes the store whole if it is not; the number of events it was rebuilt from.

    One process rebuilds while its equals wait. Nothing is emitted: what the group has
    committed was acknowledged on article-published before.
    """
    keys = ArticleKeys(settings.namespace)
    while await client.get(keys.marker) != STORE_LAYOUT.encode():
        if not await _lock(client, keys, settings.instance):
            await asyncio.sleep(WAIT_SECONDS)
            continue
        rebuilt = await _rebuild(client, settings, keys)
        await client.delete(keys.lock, keys.progress)
        return rebuilt
    return 0


async def _rebuild(
    client: "redis.asyncio.Redis", settings: PublishSettings, keys: ArticleKeys
) -> int:
    spans = await asyncio.to_thread(_spans, settings)
    total = sum(end - begin for begin, end in spans.values())
    await _clear(client, settings.namespace, keys)
    log.info("the article store is not whole; rebuilding it from %s events", total)
    await client.set(keys.marker, STORE_LAYOUT + "-rebuilding")
    replay = Replay(ArticleStore(client, settings.namespace, marker=STORE_LAYOUT + "-rebuilding"))
    done = 0
    events = _events(settings, spans)
    while chunk := await asyncio.to_thread(_chunk, events):
        for event in chunk:
            await replay.take(event)
        done += len(chunk)
        await client.hset(keys.progress, mapping={"done": done, "total": total})
        await client.expire(keys.lock, LOCK_SECONDS)
        log.info("rebuilt %s of %s", done, total)
    await client.set(keys.marker, STORE_LAYOUT)
    return done


class Replay:
    """Takes events through the gate at the time they happened, emitting nothing."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store
        self._now: datetime | None = None
        self._gate = Gate(store, self._clock)

    async def take(self, event: ArticleEnriched) -> None:
        """One event: first whatever time alone did before it, then the event itself."""
        article_id = event.article.id
        state = (await self._store.load(article_id)).state
        while (due := _due(state)) and due <= event.occurred_at:
            self._now = due
            await self._drop((await self._gate.release(article_id)).events)
            state = (await self._store.load(article_id)).state
        self._now = event.occurred_at
        await self._drop(await self._gate.accept(event))

    async def _drop(self, events: tuple[ArticlePublished, ...]) -> None:
        for event in events:
            await self._gate.confirm(event)

    def _clock(self) -> datetime:
        assert self._now is not None, "the clock of a replay is set by its events"
        return self._now


def _due(state: core.State) -> datetime | None:
    return core.due_at(state, state.as_of) if state.as_of else None


async def _lock(client: "redis.asyncio.Redis", keys: ArticleKeys, instance: str) -> bool:
    if await client.set(keys.lock, instance, nx=True, ex=LOCK_SECONDS):
        return True
    # A process that died while it rebuilt takes its own lock back.
    return await client.get(keys.lock) == instance.encode()


def _spans(settings: PublishSettings) -> dict[TopicPartition, tuple[int, int]]:
    topic = ARTICLE_ENRICHED.full_name(settings.namespace)
    consumer = build_consumer(
        bootstrap=settings.kafka_bootstrap,
        group=group_name(settings.namespace),
        client_id="newsman-publish-rebuild",
    )
    try:
        parts = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic))]
        begins = consumer.beginning_offsets(parts)
        return {part: (begins[part], _committed(consumer, part, begins[part])) for part in parts}
    finally:
        consumer.close(autocommit=False)


def _committed(consumer: KafkaConsumer, part: TopicPartition, begin: int) -> int:
    return max(int(consumer.committed(part) or begin), begin)


def _events(
    settings: PublishSettings, spans: dict[TopicPartition, tuple[int, int]]
) -> Iterator[ArticleEnriched]:
    wanted = {part: span for part, span in spans.items() if span[1] > span[0]}
    if not wanted:
        return
    consumer = build_consumer(
        bootstrap=settings.kafka_bootstrap, group=None, client_id="newsman-publish-rebuild"
    )
    try:
        consumer.assign(list(wanted))
        for part, (begin, _) in wanted.items():
            consumer.seek(part, begin)
        while any(consumer.position(part) < end for part, (_, end) in wanted.items()):
            for part, records in consumer.poll(timeout_ms=POLL_MS).items():
                yield from _decoded(records, before=wanted[part][1])
    finally:
        consumer.close()


def _decoded(records: list[object], *, before: int) -> Iterator[ArticleEnriched]:
    for record in records:
        if record.offset >= before:  # type: ignore[attr-defined]
            return
        try:
            yield decode(ArticleEnriched, record.value)  # type: ignore[attr-defined]
        except Unprocessable:
            continue  # parked when it was read the first time


def _chunk(events: Iterator[ArticleEnriched]) -> list[ArticleEnriched]:
    chunk = []
    for event in events:
        chunk.append(event)
        if len(chunk) >= REPORT_EVERY_EVENTS:
            break
    return chunk


async def _clear(client: "redis.asyncio.Redis", namespace: str, keys: ArticleKeys) -> None:
    for kind in ("article", "index", "gone"):
        async for key in client.scan_iter(match=f"{namespace}:{kind}:*", count=1_000):
            await client.unlink(key)
    await client.delete(keys.names, keys.due)
