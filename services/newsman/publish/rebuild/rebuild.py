"""Rebuilding the article store from the log into a fresh key space, which then takes over.

What the gate has committed was acknowledged on article-published before, so nothing of it is
emitted again. While the new generation takes over writers wait: whatever they may have finished
until then stands in the log and is replayed first.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import redis.asyncio

from newsman.publish.gate import Gate
from newsman.publish.rebuild.gate_log import CHUNK_EVENTS, GateLog, Offsets
from newsman.publish.store.aliases import AliasTable
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.bearers import BearerTable
from newsman.publish.store.records import OutboxEvent
from newsman.publish.store.stating import SignRevision
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import SWITCH, Marker, read_marker
from newsman.settings import ServiceSettings
from newsman_schemas.articles import ArticleEnriched
from newsman_schemas.topics import ARTICLE_ENRICHED

log = logging.getLogger(__name__)

LOCK_SECONDS = 30
WAIT_SECONDS = 0.5
SMALL_REST_EVENTS = 2_000
GRACE_SECONDS = 1.0
GROUP = "publish"


class Overtaken(Exception):
    """Somebody else decided meanwhile which generation serves; what was built is left aside."""


@dataclass(frozen=True)
class RebuildProgress:
    """The progress of a rebuild; `seconds_left` at the speed so far."""

    done: int
    total: int
    seconds_left: float


Tell = Callable[[RebuildProgress], None]


def group_name(namespace: str) -> str:
    """The consumer group whose offsets say how far the log has been through the gate."""
    return f"{namespace}.{GROUP}"


async def ensure_store(
    client: "redis.asyncio.Redis", settings: ServiceSettings, sign: SignRevision | None = None
) -> int:
    """Makes the store whole if it is not; the number of events it was rebuilt from.

    One process rebuilds while its equals wait. What is still to be sent is signed by `sign`.
    """
    keys = ArticleKeys(settings.namespace)
    while read_marker(await client.get(keys.marker)) is None:
        rebuild = StoreRebuild(client, settings, holder=settings.instance, tell=_log, sign=sign)
        if await rebuild.has_lock():
            log.info("the article store is not whole; rebuilding it")
            return await rebuild.run()
        await asyncio.sleep(WAIT_SECONDS)
    return 0


class StoreRebuild:
    """One rebuild, by the one process that holds its lock."""

    def __init__(
        self,
        client: "redis.asyncio.Redis",
        settings: ServiceSettings,
        *,
        holder: str,
        tell: Tell,
        sign: SignRevision | None = None,
    ) -> None:
        namespace = settings.namespace
        self._sign = sign
        self._redis = client
        self._namespace = namespace
        self._holder = holder
        self._tell = tell
        self._keys = ArticleKeys(namespace)
        self._log = GateLog(settings.kafka_bootstrap, namespace, group_name(namespace))
        self._done = self._total = 0
        self._began = time.monotonic()

    async def has_lock(self) -> bool:
        """True if this process may rebuild; no other can until it is done, or dies."""
        if await self._redis.set(self._keys.lock, self._holder, nx=True, ex=LOCK_SECONDS):
            return True
        # A process that died during a rebuild may take its own lock again.
        return await self._redis.get(self._keys.lock) == self._holder.encode()

    async def run(self) -> int:
        """Builds a generation and lets it serve; the number of events it was built from.

        Raises Overtaken when the store was lost or rebuilt by another process meanwhile.
        """
        raw: Any = await self._redis.get(self._keys.marker)
        held, before = (raw or b"").decode(), read_marker(raw)
        building = before.next_generation if before else ""
        await self._clear(building)
        store = ArticleStore(self._redis, self._namespace, building=building)
        gate = Gate(store, lambda: datetime.now(UTC))
        told, offsets = await asyncio.to_thread(self._log.told, {})
        # Versions under all ids of an article come together again where they were, and what was
        # pushed under a bare name finds all that had it, in whichever order partitions are read.
        await AliasTable(store).set(told.places())
        await self._note_bearers(store)
        stated = await self._restore_statements(store, {})
        reached = await self._committed(gate)
        taking_over = Marker(before.serving, building) if before else None
        if taking_over:
            await self._switch(held, str(taking_over))
            held = str(taking_over)
        await self._restore_statements(store, stated)
        sending = self._sending_gate(building)
        waiting = await self._rest(gate, reached, sending)
        waiting += await self._pass_time(sending)
        newer, _ = await asyncio.to_thread(self._log.told, offsets)
        revisions = told.revisions
        revisions |= {name: max(n, revisions.get(name, 0)) for name, n in newer.revisions.items()}
        await self._agree(sending, store, revisions, waiting)
        await self._redis.incr(self._keys.changes)
        await self._switch(held, str(Marker(building)))
        await self._redis.delete(self._keys.progress)
        if before:
            # Readers may still be in the middle of an answer.
            await asyncio.sleep(GRACE_SECONDS)
            await self._clear(before.serving)
        await self._redis.delete(self._keys.lock)
        return self._done

    async def _note_bearers(self, store: ArticleStore) -> None:
        bounds = await asyncio.to_thread(self._log.bounds)
        bearers = await asyncio.to_thread(self._log.bearers, bounds.begin, bounds.end)
        await BearerTable(store).add(bearers)
        await self._report(0)

    async def _restore_statements(self, store: ArticleStore, start: Offsets) -> Offsets:
        """Keeps what was stated of every revision, so that none is ever stated in two ways;
        answers how far the log of statements was read."""
        end = await asyncio.to_thread(self._log.ends_of_statements)
        chunks = self._log.statements(start, end)
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            await store.restore_statements(chunk)
            await self._report(0)
        return end

    def _sending_gate(self, building: str) -> Gate:
        """A gate whose events may have to be sent, and so have statements."""
        store = ArticleStore(self._redis, self._namespace, building=building, sign=self._sign)
        return Gate(store, lambda: datetime.now(UTC))

    async def _committed(self, gate: Gate) -> Offsets:
        """Replays what the gate has committed, until little more comes while it does."""
        bounds = await asyncio.to_thread(self._log.bounds)
        reached = bounds.begin
        while True:
            self._total += sum(bounds.committed[n] - reached[n] for n in reached)
            await self._replay(gate, reached, bounds.committed, confirm=True)
            reached, bounds = bounds.committed, await asyncio.to_thread(self._log.bounds)
            if sum(bounds.committed[n] - reached[n] for n in reached) < SMALL_REST_EVENTS:
                return reached

    async def _rest(self, gate: Gate, reached: Offsets, sending: Gate) -> list[OutboxEvent]:
        """Replays all that is in the log, committed or not; what it made must perhaps be sent."""
        bounds = await asyncio.to_thread(self._log.bounds)
        self._total += sum(bounds.end[n] - reached[n] for n in reached)
        committed = {n: max(reached[n], bounds.committed[n]) for n in reached}
        await self._replay(gate, reached, committed, confirm=True)
        return await self._replay(sending, committed, bounds.end, confirm=False)

    async def _replay(
        self, gate: Gate, start: Offsets, end: Offsets, *, confirm: bool
    ) -> list[OutboxEvent]:
        made: list[OutboxEvent] = []
        chunks = self._log.versions(start, end)
        while chunk := await asyncio.to_thread(_next, chunks):
            # Versions of one article are processed in order; other articles need not wait.
            events = [event for part in await gate.replay(chunk) for event in part]
            if confirm:
                await gate.settled_before([w.event for w in events])
            else:
                made += events
            await self._report(len(chunk))
        return made

    async def _pass_time(self, gate: Gate) -> list[OutboxEvent]:
        """Changes that time alone has made since the last version of each article."""
        made: list[OutboxEvent] = []
        for partition in range(ARTICLE_ENRICHED.partitions):
            while due := await gate.due(partition):
                releases = await asyncio.gather(*(gate.release(article_id) for article_id in due))
                made += [outgoing for release in releases for outgoing in release.events]
                await asyncio.gather(*(gate.released(release) for release in releases))
                await self._report(0)
        return made

    async def _agree(
        self, gate: Gate, store: ArticleStore, revisions: dict[str, int], waiting: list[OutboxEvent]
    ) -> None:
        """Brings the store in line with what subscribers were told: no revision is told twice,
        and none goes back. What was never told waits for the gate to find it."""
        now = datetime.now(UTC)
        for outgoing in waiting:
            event = outgoing.event
            if revisions.get(event.article_id, 0) >= event.revision:
                await gate.settled_before([event])
            else:
                await store.look_again(event.article_id, now)
        pairs = iter(revisions.items())
        while part := list(islice(pairs, CHUNK_EVENTS)):
            await asyncio.gather(*(store.raise_revision(*pair) for pair in part))

    async def _report(self, events: int) -> None:
        self._done += events
        elapsed = time.monotonic() - self._began
        left = elapsed / max(self._done, 1) * (self._total - self._done)
        progress: Any = {"done": self._done, "total": self._total, "seconds": round(left)}
        await self._redis.hset(self._keys.progress, mapping=progress)
        await self._redis.expire(self._keys.lock, LOCK_SECONDS)
        self._tell(RebuildProgress(self._done, self._total, left))

    async def _switch(self, held: str, to: str) -> None:
        if not await self._redis.eval(SWITCH, 1, self._keys.marker, held, to):
            raise Overtaken("the store was lost or rebuilt meanwhile; start again")

    async def _clear(self, generation: str) -> None:
        keys = ArticleKeys(self._namespace, generation)
        for kind in ("article", "index", "gone"):
            async for key in self._redis.scan_iter(match=keys.all_of(kind), count=1_000):
                await self._redis.unlink(key)
        due = [keys.due(partition) for partition in range(ARTICLE_ENRICHED.partitions)]
        await self._redis.delete(keys.names, keys.aliases, *due)


def _next(chunks: Iterator[list[ArticleEnriched]]) -> list[ArticleEnriched] | None:
    return next(chunks, None)


def _log(progress: RebuildProgress) -> None:
    log.info("rebuilt %s of %s events", progress.done, progress.total)
