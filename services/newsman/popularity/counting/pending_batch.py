"""Events of one partition, judged one by one and gathered until they are counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition

from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import RejectionGuard, park_message
from newsman.popularity.core import FILTERED, FUTURE_TOLERANCE_SECONDS, judge
from newsman.popularity.counting.batch import Batch
from newsman_schemas.popularity import ArticleViewed

PROVEN = "valid"
"""What the intake says of a view that came with the token of a page."""
OF_READERS = ("count", "leaving")
"""Verdicts on events that may tell how an article was read."""


@dataclass
class PendingBatch:
    """Events up to an offset that are read but not counted yet; `began` is monotonic seconds."""

    began: float
    batch: Batch = field(default_factory=Batch)
    noted: Counter[str] = field(default_factory=Counter)
    parked: list[Record] = field(default_factory=list)
    next_offset: int = 0
    logged_seconds: int = 0
    events: int = 0

    def add(self, part: TopicPartition, records: Sequence[Any], guard: RejectionGuard) -> None:
        """Judges records that follow; what is unreadable or from the future is to be parked."""
        batch, noted, noted_to, latest = self.batch, self.noted, 0, self.logged_seconds
        for index, record in enumerate(records):
            logged = record.timestamp // 1000
            if logged > latest:
                latest = logged
            try:
                event = decode(ArticleViewed, record.value)
            except Unprocessable as problem:
                self.parked.append(_parked(part, record, problem))
                noted["unreadable"] += 1
                guard.note_good(index - noted_to)
                guard.note(was_rejected=True)
                noted_to = index + 1
                continue
            at = int(event.occurred_at.timestamp())
            verdict = judge(event, at, logged)
            if verdict == "count":
                batch.add(event.article_id, event.reader, at, logged, event.resend_id)
            else:
                noted[verdict] += 1
            if verdict in OF_READERS:
                if event.seconds is not None or event.read_to_end is not None:
                    batch.add_attention(event, at, verdict)
                if event.token == PROVEN:
                    batch.add_page(event, logged, verdict)
            elif verdict in FILTERED:
                batch.add_filtered(event.article_id, verdict, at)
            elif verdict == "future":
                self.parked.append(_parked(part, record, _future(event)))
        guard.note_good(len(records) - noted_to)
        self.next_offset = records[-1].offset + 1
        self.events += len(records)
        self.logged_seconds = latest


@dataclass
class _ReadMessage:
    """A record with the place that it was read at."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


def _future(event: ArticleViewed) -> Unprocessable:
    detail = f"viewed at {event.occurred_at.isoformat()}, over {FUTURE_TOLERANCE_SECONDS} s ahead"
    return Unprocessable("future", detail)


def _parked(part: TopicPartition, record: Any, problem: Unprocessable) -> Record:
    message = _ReadMessage(part.topic, part.partition, record.offset, record.key, record.value)
    return park_message(message, problem, stage="popularity", at=datetime.now(UTC))
