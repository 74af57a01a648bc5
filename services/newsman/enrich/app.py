"""enrich on Faust: article-received in, article-enriched out, in the same order."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import faust
from faust.types import EventT, StreamT

from newsman.crash import bugs_crash
from newsman.enrich import core, metrics
from newsman.enrich.pool import Pool, WorkerFailed
from newsman.enrich.repetition import enriched_event_id
from newsman.kafka.progress import Progress
from newsman.kafka.records import Record, Unprocessable, decode, encode, header
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.kafka.streams import build_stream_app, bytes_topic, in_order, watch_progress
from newsman.ops import Pulse
from newsman.settings import EnrichSettings
from newsman_schemas.articles import (
    Article,
    ArticleEnriched,
    ArticleReceived,
    EnrichedArticle,
    Stage,
)
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED, REJECTED

log = logging.getLogger(__name__)

GROUP = "enrich"
IN_FLIGHT_PER_WORKER = 4
STALLED_SECONDS = 60.0

Clock = Callable[[], datetime]


def build_app(settings: EnrichSettings, pool: Pool, pulse: Pulse, clock: Clock) -> faust.App:
    """The Faust app of this service."""
    namespace = settings.namespace
    app = build_stream_app(
        bootstrap=settings.kafka_bootstrap,
        group=f"{namespace}.{GROUP}",
        instance=settings.instance,
    )
    progress = Progress(limit_seconds=STALLED_SECONDS)
    edge = Edge(
        pool,
        enriched=bytes_topic(app, ARTICLE_ENRICHED.full_name(namespace)),
        parking=bytes_topic(app, REJECTED.full_name(namespace)),
        pulse=pulse,
        clock=clock,
    )
    limit = settings.nlp_workers * IN_FLIGHT_PER_WORKER

    @app.agent(  # type: ignore[untyped-decorator]
        bytes_topic(app, ARTICLE_RECEIVED.full_name(namespace)), name=f"{GROUP}.articles"
    )
    async def enrich_each(stream: StreamT[Any]) -> None:
        await in_order(stream, edge.start, edge.finish, limit=limit, progress=progress)

    @app.task  # type: ignore[untyped-decorator]
    async def watch_for_stalls() -> None:
        await watch_progress(app, progress)

    @app.task  # type: ignore[untyped-decorator]
    async def load_models() -> None:
        with bugs_crash():
            await pool.start()

    @app.timer(1.0)  # type: ignore[untyped-decorator]
    async def beat() -> None:
        pulse.beat()

    return app


class Edge:
    """Between the topics and the workers."""

    def __init__(
        self, pool: Pool, *, enriched: Any, parking: Any, pulse: Pulse, clock: Clock
    ) -> None:
        self._pool = pool
        self._enriched = enriched
        self._parking = parking
        self._pulse = pulse
        self._clock = clock
        self._guard = RejectionGuard()

    async def start(self, event: EventT) -> Record:
        """The record that the message becomes: enriched, or parked."""
        try:
            received = decode(ArticleReceived, event.message.value)
        except Unprocessable as problem:
            return park_message(event.message, problem, stage=GROUP, at=self._clock())
        with metrics.seconds.time():
            article = await self._enrich(received.article)
        metrics.articles.labels(article.enrichment.status).inc()
        traceparent = header(event.message.headers, "traceparent")
        return encode(_enriched(received, article, self._clock()), traceparent=traceparent)

    async def finish(self, _: EventT, record: Record) -> Awaitable[Any]:
        """Sends the record where it belongs."""
        is_parked = header(record.headers, "newsman-reason") is not None
        self._guard.note(was_rejected=is_parked)
        self._pulse.beat()
        if is_parked:
            metrics.rejected.inc()
        topic = self._parking if is_parked else self._enriched
        sent: Awaitable[Any] = await topic.send(
            key=record.key, value=record.value, headers=record.headers
        )
        return sent

    async def _enrich(self, article: Article) -> EnrichedArticle:
        began = time.perf_counter()

        def elapsed_ms() -> float:
            return round((time.perf_counter() - began) * 1000, 2)

        if core.needs_no_enrichment(article):
            return core.unenriched(
                article, failed=False, detail="a kill", method=self._pool.method, duration_ms=0
            )
        try:
            findings = await self._pool.look(article)
        except WorkerFailed as problem:
            log.warning("%s goes on without enrichment: %s", article.id, problem)
            return core.unenriched(
                article,
                failed=True,
                detail=str(problem),
                method=self._pool.method,
                duration_ms=elapsed_ms(),
            )
        return core.enriched(article, findings, duration_ms=elapsed_ms())


def _enriched(
    received: ArticleReceived, article: EnrichedArticle, now: datetime
) -> ArticleEnriched:
    detail = f"{len(article.entities)} entities, {len(article.tags)} tags"
    if article.enrichment.status == "failed":
        detail = f"failed: {article.enrichment.detail}"
    stage = Stage(stage="enriched", service=GROUP, at=now, version=article.version, detail=detail)
    return ArticleEnriched(
        event_id=enriched_event_id(received),
        occurred_at=now,
        article=article,
        trail=(*received.trail, stage),
    )
