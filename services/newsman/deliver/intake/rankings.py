"""The reader of ranking-changed: rankings into the queues of those that ask for them.

A ranking is told whole and the newest takes the place of one that waits, so nothing is caught up.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer

from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet, Put, Row
from newsman.deliver.queue.references import Reference
from newsman.kafka.log import CALM_MS
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import Park, park_message
from newsman.matching.events import wants
from newsman.redis.patience import retry_while_redis_is_down
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Pulse
from newsman_schemas.article_rules import TERM_KINDS, term_named
from newsman_schemas.events import unix_ms
from newsman_schemas.popularity import OVERALL, RankingChanged
from newsman_schemas.subscriptions import RANKING_EVENT, Filter

BATCH_EVENTS = 200
STAGE = "deliver"


class RankingIntake:
    """A group member that has the partition, or waits for it; offsets are committed in Kafka."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        inlet: Inlet,
        subscribed: Subscribed,
        park: Park,
        pulse: Pulse,
    ) -> None:
        self._consumer = consumer
        self._inlet = inlet
        self._subscribed = subscribed
        self._park = park
        self._pulse = pulse

    def run(self, stopping: threading.Event) -> None:
        """Queues what comes until told to stop; the body of a thread of its own."""
        with bugs_crash():
            while not stopping.is_set():
                self.turn()
            self._consumer.close(autocommit=False)

    def turn(self) -> None:
        """Queues what has come."""
        polled = self._consumer.poll(timeout_ms=CALM_MS, max_records=BATCH_EVENTS)
        records = [record for batch in polled.values() for record in batch]
        if records:
            puts = list(self._puts(self._newest(records)))
            retry_while_redis_is_down(lambda: self._inlet.put(puts), self._pulse.beat)
            self._consumer.commit_async()

    def _newest(self, records: Sequence[Any]) -> dict[str, tuple[int, RankingChanged]]:
        """The last of each ranking, by its key, with its offset."""
        newest: dict[str, tuple[int, RankingChanged]] = {}
        parked: list[Record] = []
        for record in records:
            try:
                event = decode(RankingChanged, record.value)
            except Unprocessable as problem:
                parked.append(park_message(record, problem, stage=STAGE, at=datetime.now(UTC)))
                continue
            newest[event.key] = (record.offset, event)
        if parked:
            self._park(parked)
        return newest

    def _puts(self, newest: dict[str, tuple[int, RankingChanged]]) -> Iterator[Put]:
        rows = [(event.scope, _row(offset, event)) for offset, event in newest.values()]
        for subscription in tuple(self._subscribed.by_id.values()):
            if not wants(subscription, RANKING_EVENT):
                continue
            if not self._subscribed.is_active(subscription.id):
                continue
            products = self._subscribed.products(subscription)
            scopes = ranking_scopes(subscription.filter)
            chosen = [
                row
                for scope, row in rows
                if scope in scopes and (not products or scope in products)
            ]
            if chosen:
                yield Put(subscription.id, chosen)


def ranking_scopes(filters: Filter) -> set[str]:
    """The rankings that a filter asks for: of each of its terms, else the overall ones."""
    terms = {
        term_named(kind, value)
        for kind in TERM_KINDS
        for value in getattr(filters, "lang" if kind == "language" else kind, ())
    }
    return terms or {OVERALL}


def _row(offset: int, event: RankingChanged) -> Row:
    body = {
        "type": RANKING_EVENT,
        "timestamp": event.occurred_at.isoformat(),
        "data": event.model_dump(mode="json", exclude={"event_id", "occurred_at"}),
    }
    reference = Reference(
        key=f"ranking:{event.key}",
        event=RANKING_EVENT,
        event_id=event.event_id,
        revision=offset,
        at_ms=unix_ms(event.occurred_at),
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )
    return Row(reference, offset, is_urgent=False)
