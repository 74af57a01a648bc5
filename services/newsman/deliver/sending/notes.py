"""Notes of outcomes for the ledger, on delivery-noted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from kafka import KafkaProducer

from newsman.deliver.queue.references import Reference
from newsman.kafka.records import encode
from newsman_schemas.subscriptions import DeliveryNoted, Subscription

ACKNOWLEDGE_SECONDS = 60
MOST_TARGET_CHARACTERS = 300

NoteReplaced = Callable[[str, Reference], None]
"""Notes that a newer revision took a reference's place in the queue of a subscription."""
Noted = Literal["acknowledged", "fetched", "failed", "replaced", "dropped", "shadowed"]


@dataclass(frozen=True, slots=True)
class Note:
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
        record = encode(_noted(note))
        return self._producer.send(
            self._topic, key=record.key, value=record.value, headers=record.headers
        )


def _noted(note: Note) -> DeliveryNoted:
    subscription, reference = note.subscription, note.reference
    delivery_id = note.delivery_id or reference.delivery_id(subscription.id)
    return DeliveryNoted(
        event_id=f"{delivery_id}.{note.outcome}",
        occurred_at=datetime.now(UTC),
        delivery_id=delivery_id,
        subscription_id=subscription.id,
        subscriber=subscription.owner,
        channel=subscription.kind,
        target=shown_target(subscription.target),
        event=reference.event,
        article_id=reference.key,
        revision=reference.revision,
        version=reference.version,
        outcome=note.outcome,
        attempts=note.attempts,
        status=note.status,
        published_at=datetime.fromtimestamp(reference.at_ms / 1_000, UTC),
    )


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
