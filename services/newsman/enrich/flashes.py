"""Flashes overtake: a second reader of the topic passes urgent articles on before their turn.

The reader looks at every message but decodes only what may be urgent, so it is far ahead of the
model even with a long backlog. In its turn the flash is enriched as every other article.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Any

from newsman.enrich import core, metrics
from newsman.enrich.event_ids import flash_event_id, is_flash, placed
from newsman.kafka.clients import build_consumer, build_producer, close_producer
from newsman.kafka.log_places import place_of
from newsman.kafka.progress.committed_offsets import CommittedPlaces
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.records import Record, Unprocessable, about_record, decode, encode, header
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Pulse
from newsman.settings import EnrichSettings
from newsman_schemas.articles import ArticleEnriched, ArticleReceived, Stage
from newsman_schemas.topics import ARTICLE_ENRICHED, ARTICLE_RECEIVED

log = logging.getLogger(__name__)

GROUP = "enrich-flashes"
CLIENT_ID = f"newsman-{GROUP}"
POLL_MS = 200
SEND_TIMEOUT_SECONDS = 30
STILL_SECONDS = 60.0
URGENT = (b'"urgency":1', b'"urgency":2', b'"urgency": 1', b'"urgency": 2')
DETAIL = "a flash: published first, enriched after"

Clock = Callable[[], datetime]


class Flashes:
    """The reader, in a thread of its own."""

    def __init__(self, settings: EnrichSettings, clock: Clock, watch: PartitionWatch) -> None:
        self._settings = settings
        self._clock = clock
        self._watch = watch
        self._pulse = Pulse(limit_seconds=STILL_SECONDS)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=GROUP, daemon=True)

    def start(self) -> None:
        """Reads from now on; anything unexpected ends the process, and so does standing still."""
        self._thread.start()
        self._watch.start(self._stopping)

    def stop(self) -> None:
        """Returns when the reader has left its group."""
        self._stopping.set()
        self._thread.join(timeout=SEND_TIMEOUT_SECONDS)

    def problem(self) -> str | None:
        """The reason why flashes do not go ahead; None if they do."""
        return self._watch.problem() or self._pulse.problem()

    def _run(self) -> None:
        with bugs_crash():
            self._read()

    def _read(self) -> None:
        settings = self._settings
        consumer = build_consumer(
            bootstrap=settings.kafka_bootstrap,
            group=f"{settings.namespace}.{GROUP}",
            client_id=CLIENT_ID,
        )
        places = CommittedPlaces(consumer, self._watch)
        places.subscribe(ARTICLE_RECEIVED.full_name(settings.namespace))
        producer = build_producer(settings.kafka_bootstrap, client_id=CLIENT_ID)
        topic = ARTICLE_ENRICHED.full_name(settings.namespace)
        with closing(consumer), ExitStack() as ending:
            ending.callback(close_producer, producer)
            while not self._stopping.is_set():
                self._pulse.beat()
                batches = places.poll(POLL_MS)
                flashes = [f for batch in batches.values() for m in batch if (f := self._flash(m))]
                sent = [
                    producer.send(topic, key=f.key, value=f.value, headers=f.headers)
                    for f in flashes
                ]
                for future in sent:
                    future.get(timeout=SEND_TIMEOUT_SECONDS)
                metrics.flashes.inc(len(sent))
                places.finish(batches)

    def _flash(self, message: Any) -> Record | None:
        if message.value is None or not any(sign in message.value for sign in URGENT):
            return None
        try:
            received = decode(ArticleReceived, message.value)
        except Unprocessable:
            return None  # it is parked when its turn comes
        if not is_flash(received):
            return None
        subject = about_record(message.key, message.headers)
        log.info("%s goes ahead as a flash", received.article.id, extra=subject)
        stands_at = place_of(message.partition, message.offset, message.timestamp, message.headers)
        received = placed(received, stands_at)
        event = flash_event(received, now=self._clock())
        return encode(event, traceparent=header(message.headers, "traceparent"))


def flash_event(received: ArticleReceived, *, now: datetime) -> ArticleEnriched:
    """The flash as it is published before it is enriched."""
    article = core.unenriched(
        received.article, failed=False, detail=DETAIL, method="none", duration_ms=0
    )
    stage = Stage(stage="flashed", service="enrich", at=now, version=article.version, detail=DETAIL)
    return ArticleEnriched(
        event_id=flash_event_id(received),
        occurred_at=now,
        article=article,
        former_ids=received.former_ids,
        keeps_earlier=received.keeps_earlier,
        trail=(*received.trail, stage),
    )
