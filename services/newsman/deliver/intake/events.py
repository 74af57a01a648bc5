"""Records of article-published as events; what is none is parked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition

from newsman.deliver import metrics
from newsman.deliver.intake.distributor import Read
from newsman.kafka.records import Record, Unprocessable, decode
from newsman.kafka.rejects import Park, PlacedMessage, RejectionGuard, park_message
from newsman_schemas.articles import ArticlePublished

STAGE = "deliver"


class EventDecoder:
    """Decodes runs of records; ends the process when too large a share is unreadable."""

    def __init__(self, park: Park) -> None:
        self._park = park
        self._guard = RejectionGuard()

    def decode_and_park(self, part: TopicPartition, records: Sequence[Any]) -> list[Read]:
        """The events of records that come for the first time; the others go to `rejected`."""
        events: list[Read] = []
        parked: list[Record] = []
        for record in records:
            if record.value is None:
                metrics.events.labels("tombstone").inc()
                continue
            try:
                events.append(Read(record.offset, decode(ArticlePublished, record.value)))
            except Unprocessable as problem:
                place = (part.topic, part.partition, record.offset)
                message = PlacedMessage(*place, record.key, record.value, record.headers)
                parked.append(park_message(message, problem, stage=STAGE, at=datetime.now(UTC)))
                metrics.events.labels("rejected").inc()
            self._guard.note(was_rejected=len(events) == 0 or events[-1].offset != record.offset)
        if parked:
            self._park(parked)
        return events


def decode_known(records: Sequence[Any]) -> list[Read]:
    """The events of records that were read before, so that what is none has been parked."""
    events: list[Read] = []
    for record in records:
        try:
            events.append(Read(record.offset, decode(ArticlePublished, record.value)))
        except Unprocessable:
            continue
    return events
