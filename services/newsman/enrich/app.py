"""enrich on Faust: article-received in, article-enriched out, in the same order."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import faust
from faust.types import TP, EventT, StreamT

from newsman.enrich import core, metrics
from newsman.enrich.event_ids import enriched_event_id, placed
from newsman.enrich.overrides.log import Overrides
from newsman.enrich.overrides.overrides import overridden, overruled
from newsman.enrich.own_names.current import CurrentNames
from newsman.enrich.workers.pool import Pool, WorkerFailed
from newsman.kafka.log_places import place_headers, place_of
from newsman.kafka.progress.faust_watch import watch_progress
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.kafka.records import Record, Unprocessable, about_record, decode, encode, header
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.kafka.streams import build_stream_app, bytes_topic, in_order
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Pulse
from newsman.runtime.logs import Subject
from newsman.settings import EnrichSettings
from newsman_schemas.articles import (
    ArticleEnriched,
    ArticleReceived,
    EnrichedArticle,
    LogPlace,
    Overruled,
    Stage,
    Story,
)
from newsman_schemas.names.identity import is_uri
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED, REJECTED

log = logging.getLogger(__name__)

GROUP = "enrich"
IN_FLIGHT_PER_WORKER = 4
STANDING_LIMIT_SECONDS = 120.0
"""A worker that takes the place of one that was killed loads its models for up to 40 s."""
BUFFER_EVENTS = 256
"""A partition's articles wait behind so many of the others: a few seconds of work."""

READ = frozenset({"done", "partial"})

Clock = Callable[[], datetime]
Place = Callable[
    [EnrichedArticle, tuple[int, ...], datetime, tuple[str, ...]], Awaitable[Story | None]
]
"""Finds the story of an article, which may have had other ids before, by its signature."""


def build_app(
    settings: EnrichSettings,
    pool: Pool,
    place: Place,
    overrides: Overrides,
    names: CurrentNames,
    pulse: Pulse,
    clock: Clock,
    progress: ConsumerProgress[TP],
) -> faust.App:
    """The Faust app of this service."""
    namespace = settings.namespace
    app = build_stream_app(
        bootstrap=settings.kafka_bootstrap,
        group=f"{namespace}.{GROUP}",
        instance=settings.instance,
        progress=progress,
        buffer_events=BUFFER_EVENTS,
    )
    edge = EnrichAgent(
        pool,
        place,
        overrides,
        names,
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
    async def load_models() -> None:
        with bugs_crash():
            await pool.start()
        await watch_progress(app, progress, metrics.waiting)

    @app.task  # type: ignore[untyped-decorator]
    async def read_overrides() -> None:
        with bugs_crash():
            await overrides.read()
            await names.index()

    @app.timer(1.0)  # type: ignore[untyped-decorator]
    async def beat() -> None:
        pulse.beat()

    return app


@dataclass(frozen=True)
class ProcessedArticle:
    """An article that the workers are done with, and what its story is told by."""

    received: ArticleReceived
    article: EnrichedArticle
    signature: tuple[int, ...] = ()


class EnrichAgent:
    """Between the topics and the workers."""

    def __init__(
        self,
        pool: Pool,
        place: Place,
        overrides: Overrides,
        names: CurrentNames,
        *,
        enriched: Any,
        parking: Any,
        pulse: Pulse,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._place = place
        self._overrides = overrides
        self._names = names
        self._enriched = enriched
        self._parking = parking
        self._pulse = pulse
        self._clock = clock
        self._guard = RejectionGuard()

    async def start(self, event: EventT) -> ProcessedArticle | Unprocessable:
        """The enriched article, or why the message can't be one."""
        try:
            received = decode(ArticleReceived, event.message.value)
        except Unprocessable as problem:
            return problem
        received = placed(received, _place_of(event))
        with metrics.seconds.time():
            done = await self._enrich(
                received, about_record(event.message.key, event.message.headers)
            )
        metrics.articles.labels(done.article.enrichment.status).inc()
        return done

    async def finish(
        self, event: EventT, result: ProcessedArticle | Unprocessable
    ) -> Awaitable[Any]:
        """Sends the article on, with its story, or parks the message."""
        is_parked = isinstance(result, Unprocessable)
        self._guard.note(was_rejected=is_parked)
        self._pulse.beat()
        if isinstance(result, Unprocessable):
            metrics.rejected.inc()
            record = park_message(event.message, result, stage=GROUP, at=self._clock())
            record.headers.extend(place_headers(event.message.headers))
        else:
            record = await self._record(event, result)
        topic = self._parking if is_parked else self._enriched
        sent: Awaitable[Any] = await topic.send(
            key=record.key, value=record.value, headers=record.headers
        )
        return sent

    async def _record(self, event: EventT, done: ProcessedArticle) -> Record:
        now = self._clock()
        article = done.article
        # A guid that is no URI was shared by all feeds of a source.
        former_ids = done.received.former_ids if is_uri(article.uri) else ()
        # In the order of arrival, so that the first is the original.
        if article.enrichment.status in READ:
            story = await self._place(article, done.signature, now, former_ids)
            article = article.model_copy(update={"story": story})
        override = await self._overrides.get(article.id, *former_ids)
        taken_away = overruled(article, override)
        for each in taken_away:
            metrics.overruled.labels(each.kind).inc()
        article = overridden(article, override)
        traceparent = header(event.message.headers, "traceparent")
        return encode(_enriched(done.received, article, taken_away, now), traceparent=traceparent)

    async def _enrich(self, received: ArticleReceived, subject: Subject) -> ProcessedArticle:
        article = received.article
        began = time.perf_counter()

        def elapsed_ms() -> float:
            return round((time.perf_counter() - began) * 1000, 2)

        def without(detail: str, *, failed: bool) -> ProcessedArticle:
            unenriched = core.unenriched(
                article,
                failed=failed,
                detail=detail,
                method=self._pool.method,
                duration_ms=elapsed_ms(),
            )
            return ProcessedArticle(received, unenriched)

        if core.needs_no_enrichment(article):
            return without("a kill", failed=False)
        try:
            found = await self._names.find(core.readable(article))
            findings = await self._pool.look(article, found)
        except WorkerFailed as problem:
            text = "%s goes on without enrichment: %s"
            log.warning(text, article.id, problem, extra=subject)
            return without(str(problem), failed=True)
        enriched = core.enriched(article, findings, duration_ms=elapsed_ms())
        return ProcessedArticle(received, enriched, findings.signature)


def _place_of(event: EventT) -> LogPlace:
    message = event.message
    timestamp_ms = (message.timestamp or 0) * 1000
    return place_of(message.partition, message.offset, timestamp_ms, message.headers)


def _enriched(
    received: ArticleReceived,
    article: EnrichedArticle,
    taken_away: tuple[Overruled, ...],
    now: datetime,
) -> ArticleEnriched:
    detail = f"{len(article.entities)} entities, {len(article.tags)} tags"
    if article.enrichment.status == "failed":
        detail = f"failed: {article.enrichment.detail}"
    stage = Stage(stage="enriched", service=GROUP, at=now, version=article.version, detail=detail)
    return ArticleEnriched(
        event_id=enriched_event_id(received),
        occurred_at=now,
        article=article,
        former_ids=received.former_ids,
        keeps_earlier=received.keeps_earlier,
        overruled=taken_away,
        trail=(*received.trail, stage),
    )
