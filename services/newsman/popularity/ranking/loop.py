"""Once a second: follow the edits, look for artificial surges, publish what has changed."""

import asyncio
import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from kafka import KafkaProducer
from kafka.errors import KafkaError
from redis.exceptions import RedisError

from newsman.kafka.log import TopicLog, build_log_consumer
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import encode
from newsman.popularity.ranking.edit_log import EditLog
from newsman.popularity.ranking.quarantine import Quarantine
from newsman.popularity.ranking.ranker import Ranker
from newsman.rankings.ranking import Rankings, RankingsState
from newsman.redis.client import build_async_client
from newsman.runtime.crash import bugs_crash
from newsman.runtime.watchdog import LoopWatch
from newsman.settings import PopularitySettings
from newsman_schemas.events import Event
from newsman_schemas.topics import (
    ARTICLE_VIEWED,
    RANKING_CHANGED,
    RANKING_CHANGED_V1,
    RANKING_EDITED,
)

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
SURGE_INTERVAL = timedelta(seconds=5)
"""Surges are judged by the minute; what holds, holds for a minute at least."""
SEND_TIMEOUT_SECONDS = 60
STILL_SECONDS = 90.0
"""A round waits for Kafka without letting the loop turn, at most as long as a send may take."""
EDITS_SECONDS = 10.0
"""So long a round waits for the broker to say where the edits begin and end."""
CHANGES = {topic.event: topic for topic in (RANKING_CHANGED, RANKING_CHANGED_V1)}


def rank(
    settings: PopularitySettings,
    producer: KafkaProducer,
    stopping: threading.Event,
    watch: PartitionWatch,
) -> None:
    """Ranks until it is told to stop; to be run in a thread of its own. `watch` is of the edits."""
    with bugs_crash():
        asyncio.run(_rank_until(settings, producer, stopping, watch))


class RankingLoop:
    """One round after another; what is away this second may be there the next."""

    def __init__(
        self,
        ranker: Ranker,
        rankings: Rankings,
        edits: EditLog,
        quarantine: Quarantine,
        watch: PartitionWatch,
    ) -> None:
        self._ranker = ranker
        self._rankings = rankings
        self._edits = edits
        self._quarantine = quarantine
        self._watch = watch
        self._written: int | None = None
        self._state: RankingsState | None = None
        """That of the rankings at the end of the last look at surges."""
        self._looked_at: datetime | None = None

    async def round(self, *, now: datetime) -> None:
        """Does nothing before the edits are all read, lest what is banned be ranked."""
        if not self._edits.follow(self._watch) or not await self._ranker.leads():
            return
        position = self._edits.position
        # An older release may have stored the same edits by other rules.
        if self._written != position or await self._rankings.edits.position() != position:
            await self._rankings.edits.write(self._edits.edits, position)
            self._written = position
        state = await self._rankings.state()
        if self._is_surge_due(state, now):
            await self._quarantine.look(self._edits.edits, now=now)
            state = await self._rankings.state()
            self._state, self._looked_at = state, now
        await self._ranker.round(state, now=now)

    def _is_surge_due(self, state: RankingsState, now: datetime) -> bool:
        if self._looked_at is None:
            return True
        is_news = state != self._state or state.holds is not None
        return is_news and abs(now - self._looked_at) >= SURGE_INTERVAL


async def _rank_until(
    settings: PopularitySettings,
    producer: KafkaProducer,
    stopping: threading.Event,
    watch: PartitionWatch,
) -> None:
    loop = _build(settings, producer, watch)
    await LoopWatch("the rankings", limit_seconds=STILL_SECONDS).begin()
    while not stopping.is_set():
        began = time.monotonic()
        try:
            await loop.round(now=datetime.now(UTC))
        except (RedisError, KafkaError) as problem:
            log.warning("no ranking this second: %s", problem)
        await asyncio.sleep(max(0.0, INTERVAL_SECONDS - (time.monotonic() - began)))


def _build(
    settings: PopularitySettings, producer: KafkaProducer, watch: PartitionWatch
) -> RankingLoop:
    client = build_async_client(settings.redis_url)
    rankings = Rankings(client, settings.namespace, ARTICLE_VIEWED.partitions)

    async def publish(event: Event) -> None:
        record, topic = encode(event), CHANGES[type(event)].full_name(settings.namespace)
        future = producer.send(topic, key=record.key, value=record.value, headers=record.headers)
        await asyncio.to_thread(future.get, SEND_TIMEOUT_SECONDS)

    topic = RANKING_EDITED.full_name(settings.namespace)
    consumer = build_log_consumer(settings.kafka_bootstrap, client_id="newsman-popularity-edits")
    topics = TopicLog(consumer, gone=warn_gone, silence_seconds=EDITS_SECONDS)
    edit_log = EditLog(topics, topic)
    ranker = Ranker(
        client,
        rankings,
        publish,
        namespace=settings.namespace,
        instance=settings.instance,
        size=settings.ranking_size,
    )
    quarantine = Quarantine(rankings, least_views=settings.surge_views)
    return RankingLoop(ranker, rankings, edit_log, quarantine, watch)
