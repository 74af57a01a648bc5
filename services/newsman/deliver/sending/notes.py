"""Notes of outcomes for the ledger, on delivery-noted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from kafka import KafkaProducer
from pydantic_core import to_json

from newsman.deliver.queue.references import Reference
from newsman.kafka.record_batches import RecordBatches
from newsman.kafka.records import Record, headers_of
from newsman_schemas.subscriptions import DeliveryNoted, Subscription

ACKNOWLEDGE_SECONDS = 60
MOST_TARGET_CHARACTERS = 300
_HEADERS = headers_of(DeliveryNoted)

NoteReplaced = Callable[[str, Reference], None]
"""Notes that a newer revision took a reference's place in the queue of a subscription."""
Noted = Literal["acknowledged", "fetched", "failed", "replaced", "dropped", "shadowed"]


class Note(NamedTuple):
    """The end of one delivery."""

    subscription: Subscription
    reference: Reference
    outcome: Noted
    attempts: int
    status: int | None = None
    delivery_id: str = ""
    """Where it is known already; it is derived else."""


class Notes:
    """Writes notes, from any thread."""

    def __init__(self, producer: KafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def write(self, notes: Sequence[Note]) -> None:
        """Writes the notes of articles and waits until they are acknowledged; raises KafkaError."""
        sent = [self._send(note) for note in notes if note.reference.is_article]
        for future in sent:
            future.get(timeout=ACKNOWLEDGE_SECONDS)

    def write_soon(self, note: Note) -> None:
        """Writes a note without waiting for the acknowledgement."""
        if note.reference.is_article:
            self._send(note)

    def _send(self, note: Note) -> Any:
        key, value = note.reference.key.encode(), note_bytes(note, datetime.now(UTC))
        return self._producer.send(self._topic, key=key, value=value, headers=_HEADERS)


class NotesTogether:
    """Writes notes from the event loop that sends, all that ended together at once."""

    def __init__(self, batches: RecordBatches, topic: str) -> None:
        self._batches = batches
        self._topic = topic

    async def write(self, notes: Sequence[Note]) -> None:
        """Returns once the notes of articles are acknowledged; raises aiokafka's KafkaError."""
        now = datetime.now(UTC)
        records = [
            Record(note.reference.key.encode(), note_bytes(note, now), _HEADERS)
            for note in notes
            if note.reference.is_article
        ]
        if records:
            await self._batches.send(self._topic, records)


def note_bytes(note: Note, now: datetime) -> bytes:
    """The JSON of a DeliveryNoted, of fields that were checked where they come from.

    There is one for each delivery; making the event first takes six times as long.
    """
    subscription, reference = note.subscription, note.reference
    delivery_id = note.delivery_id or reference.delivery_id(subscription.id)
    fields = {
        "event_id": f"{delivery_id}.{note.outcome}",
        "occurred_at": now,
        "delivery_id": delivery_id,
        "subscription_id": subscription.id,
        "subscriber": subscription.owner,
        "channel": subscription.kind,
        "target": shown_target(subscription.target),
        "event": reference.event,
        "article_id": reference.key,
        "revision": reference.revision,
        "version": reference.version,
        "outcome": note.outcome,
        "attempts": note.attempts,
        "status": note.status,
        "published_at": datetime.fromtimestamp(reference.at_ms / 1_000, UTC),
    }
    return to_json(fields)


def shown_target(target: str) -> str:
    """A target without what may be secret in it: names, passwords, queries, fragments."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    if not parts.netloc:
        return target[:MOST_TARGET_CHARACTERS]
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return place[:MOST_TARGET_CHARACTERS]
