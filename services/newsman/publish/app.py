"""publish on Faust: article-enriched in, the gate, article-published out."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import faust
from faust.types import TP, StreamT

from newsman.kafka.grouped import Group, in_groups
from newsman.kafka.progress.faust_watch import Pauses, read_to_the_end, watch_progress
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.records import Record, Unprocessable, decode, encode, header, to_record
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.kafka.streams import (
    Send,
    build_stream_app,
    bytes_topic,
    sender,
)
from newsman.publish import metrics
from newsman.publish.changes import Accepted
from newsman.publish.gate import Gate
from newsman.publish.identity.bare_names import AMBIGUOUS
from newsman.publish.outgoing import statement_issued
from newsman.publish.rebuild.rebuild import GROUP, group_name
from newsman.publish.store.records import OutboxEvent
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Pulse
from newsman.settings import PublishSettings
from newsman_schemas.articles import ArticleEnriched, ArticlePublished
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED, REJECTED, STATEMENT_ISSUED

Events = tuple[OutboxEvent, ...]
STANDING_LIMIT_SECONDS = 60.0
RELEASE_INTERVAL_SECONDS = 0.1


def build_app(
    settings: PublishSettings, gate: Gate, pulse: Pulse, progress: ConsumerProgress[TP]
) -> faust.App:
    """The Faust app of this service."""
    namespace = settings.namespace
    app = build_stream_app(
        bootstrap=settings.kafka_bootstrap,
        group=group_name(namespace),
        instance=settings.instance,
        progress=progress,
    )
    source = ARTICLE_ENRICHED.full_name(namespace)
    edge = PublishAgent(
        gate,
        publish=sender(app, ARTICLE_PUBLISHED.full_name(namespace)),
        state=sender(app, STATEMENT_ISSUED.full_name(namespace)),
        park=sender(app, REJECTED.full_name(namespace)),
        pulse=pulse,
    )

    @app.agent(  # type: ignore[untyped-decorator]
        bytes_topic(app, source), name=f"{GROUP}.gate"
    )
    async def pass_gate(stream: StreamT[Any]) -> None:
        await in_groups(stream, edge.start, edge.finish, progress=progress)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_for_stalls() -> None:
        await watch_progress(app, progress, metrics.waiting)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_the_clock() -> None:
        pauses = Pauses()
        with bugs_crash():
            while not app.should_stop:
                if pauses.is_settled(time.monotonic()):
                    # Redis is asked for all of them in one trip.
                    parts = read_to_the_end(app, progress)
                    await asyncio.gather(*(edge.release_due(part.partition) for part in parts))
                edge.beat()
                await asyncio.sleep(RELEASE_INTERVAL_SECONDS)

    return app


class PublishAgent:
    """Between the topics and the gate: what comes in, what goes out, what is parked."""

    def __init__(self, gate: Gate, *, publish: Send, state: Send, park: Send, pulse: Pulse) -> None:
        self._gate = gate
        self._publish = publish
        self._state = state
        self._park = park
        self._pulse = pulse
        self._guard = RejectionGuard()

    async def start(self, group: Group) -> list[Accepted]:
        """Takes versions through the gate; why, of each that can't be read, or of which it is not
        known what article it means."""
        read = [_read(event.message) for event in group]
        accepted = iter(
            await self._gate.accept([item for item in read if isinstance(item, ArticleEnriched)])
        )
        return [item if isinstance(item, Unprocessable) else next(accepted) for item in read]

    async def finish(self, group: Group, results: list[Accepted]) -> Awaitable[Any]:
        """Sends what came of them, and parks the rest; the answer is done once all of it is
        acknowledged."""
        self._pulse.beat()
        sent = []
        for event, result in zip(group, results, strict=True):
            self._guard.note(was_rejected=_is_unread(result))
            if isinstance(result, Unprocessable):
                metrics.rejected.inc()
                sent.append(await self._park(_parked(event.message, result)))
            elif result:
                traceparent = header(event.message.headers, "traceparent")
                sent += await self._emit(result, traceparent)
        let_out = [w.event for result in results if isinstance(result, tuple) for w in result]
        return asyncio.ensure_future(self._confirm(let_out, sent))

    async def release_due(self, partition: int) -> None:
        """Emits what time alone has changed: embargoes that ended, articles that expired.

        To be called once all of the partition was through the gate: of an article that was
        killed while the gate was away, nothing may be released.
        """
        due = await retry_async_while_redis_is_down(partial(self._gate.due, partition))
        await asyncio.gather(*(self._release(article_id) for article_id in due))

    async def _release(self, article_id: str) -> None:
        release = await retry_async_while_redis_is_down(partial(self._gate.release, article_id))
        sent = await self._emit(release.events, None)
        await self._confirm([outgoing.event for outgoing in release.events], sent)
        await retry_async_while_redis_is_down(partial(self._gate.released, release))

    def beat(self) -> None:
        """The loop turns."""
        self._pulse.beat()

    async def _emit(self, events: Events, traceparent: str | None) -> list[Awaitable[Any]]:
        sent = []
        for outgoing in events:
            event, raw = outgoing.event, outgoing.raw
            if event.statement is not None:
                issued = statement_issued(event, event.statement)
                sent.append(await self._state(encode(issued, traceparent=traceparent)))
            sent.append(await self._publish(to_record(event, raw, traceparent=traceparent)))
        return sent

    async def _confirm(self, events: list[ArticlePublished], sent: list[Awaitable[Any]]) -> None:
        for acknowledgement in sent:
            await acknowledgement
        if events:
            await retry_async_while_redis_is_down(partial(self._gate.confirm, events))


def _read(message: Any) -> ArticleEnriched | Unprocessable:
    try:
        return decode(ArticleEnriched, message.value)
    except Unprocessable as problem:
        return problem


def _is_unread(result: Accepted) -> bool:
    # What a newsroom can mend is no sign that something is wrong here.
    return isinstance(result, Unprocessable) and result.reason != AMBIGUOUS


def _parked(message: Any, problem: Unprocessable) -> Record:
    return park_message(message, problem, stage=GROUP, at=datetime.now(UTC))
