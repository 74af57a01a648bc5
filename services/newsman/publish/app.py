"""publish on Faust: article-enriched in, the gate, article-published out."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import faust
from faust.types import EventT, StreamT

from newsman.crash import bugs_crash
from newsman.kafka.progress import Progress
from newsman.kafka.records import Record, Unprocessable, decode, header, to_record
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.kafka.streams import (
    Send,
    build_stream_app,
    bytes_topic,
    in_order,
    read_to_the_end,
    sender,
    watch_progress,
)
from newsman.ops import Pulse
from newsman.publish import metrics
from newsman.publish.gate import Gate
from newsman.publish.grouping import Groups
from newsman.publish.rebuild import GROUP, group_name
from newsman.publish.records import Waiting
from newsman.redis.patience import patiently_async
from newsman.settings import PublishSettings
from newsman_schemas.articles import ArticleEnriched, ArticlePublished
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_PUBLISHED, REJECTED

Events = tuple[Waiting, ...]
Sent = list[tuple[ArticlePublished, Awaitable[Any]]]

IN_FLIGHT = 192
STALLED_SECONDS = 60.0
RELEASE_INTERVAL_SECONDS = 0.1


def build_app(settings: PublishSettings, gate: Gate, pulse: Pulse) -> faust.App:
    """The Faust app of this service."""
    namespace = settings.namespace
    app = build_stream_app(
        bootstrap=settings.kafka_bootstrap,
        group=group_name(namespace),
        instance=settings.instance,
    )
    source = ARTICLE_ENRICHED.full_name(namespace)
    progress = Progress(limit_seconds=STALLED_SECONDS)
    edge = Edge(
        gate,
        publish=sender(app, ARTICLE_PUBLISHED.full_name(namespace)),
        park=sender(app, REJECTED.full_name(namespace)),
        pulse=pulse,
    )

    @app.agent(  # type: ignore[untyped-decorator]
        bytes_topic(app, source), name=f"{GROUP}.gate"
    )
    async def pass_gate(stream: StreamT[Any]) -> None:
        await in_order(stream, edge.start, edge.finish, limit=IN_FLIGHT, progress=progress)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_for_stalls() -> None:
        await watch_progress(app, progress)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_the_clock() -> None:
        with bugs_crash():
            while not app.should_stop:
                for part in read_to_the_end(app, progress):
                    await edge.release_due(part.partition)
                edge.beat()
                await asyncio.sleep(RELEASE_INTERVAL_SECONDS)

    return app


class Edge:
    """Between the topics and the gate: what comes in, what goes out, what is parked."""

    def __init__(self, gate: Gate, *, publish: Send, park: Send, pulse: Pulse) -> None:
        self._gate = gate
        self._publish = publish
        self._park = park
        self._pulse = pulse
        self._guard = RejectionGuard()
        self._accepting = Groups(self._accept)

    def start(self, event: EventT) -> Awaitable[Events | Record]:
        """Takes one version through the gate; a record for `rejected` if it can't be read."""
        try:
            incoming = decode(ArticleEnriched, event.message.value)
        except Unprocessable as problem:
            parked: asyncio.Future[Events | Record] = asyncio.get_running_loop().create_future()
            parked.set_result(
                park_message(event.message, problem, stage=GROUP, at=datetime.now(UTC))
            )
            return parked
        return self._accepting.do(incoming)

    async def _accept(self, incoming: ArticleEnriched) -> Events:
        return await patiently_async(partial(self._gate.accept, incoming))

    async def finish(self, event: EventT, result: Events | Record) -> Awaitable[Any] | None:
        """Sends what came of it; the answer is done once all of it is acknowledged."""
        self._pulse.beat()
        self._guard.note(was_rejected=isinstance(result, Record))
        if isinstance(result, Record):
            metrics.rejected.inc()
            return await self._park(result)
        if not result:
            return None
        traceparent = header(event.message.headers, "traceparent")
        # Those of many events are confirmed in one round trip.
        return asyncio.ensure_future(self._confirm(await self._emit(result, traceparent)))

    async def release_due(self, partition: int) -> None:
        """Emits what time alone has changed: embargoes that ended, articles that expired.

        To be called once all of the partition was through the gate: of an article that was
        killed while the gate was away, nothing may be released.
        """
        due = await patiently_async(partial(self._gate.due, partition))
        await asyncio.gather(*(self._release(article_id) for article_id in due))

    async def _release(self, article_id: str) -> None:
        release = await patiently_async(partial(self._gate.release, article_id))
        await self._confirm(await self._emit(release.events, None))
        await patiently_async(partial(self._gate.released, release))

    def beat(self) -> None:
        """The loop turns."""
        self._pulse.beat()

    async def _emit(self, events: Events, traceparent: str | None) -> Sent:
        sent = []
        for found in events:
            event = found.event
            record = to_record(event, found.raw, traceparent=traceparent)
            sent.append((event, await self._publish(record)))
        return sent

    async def _confirm(self, sent: Sent) -> None:
        for event, acknowledgement in sent:
            await acknowledgement
            await patiently_async(partial(self._gate.confirm, event))
