"""Putting the reader together."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kafka import KafkaProducer

from newsman.deliver.channels.channel import Channel
from newsman.deliver.intake.catch_up import CatchUp
from newsman.deliver.intake.distributor import Distributor
from newsman.deliver.intake.events import EventDecoder
from newsman.deliver.intake.patience import beat_or_stop
from newsman.deliver.intake.place_keeper import PlaceKeeper
from newsman.deliver.intake.rankings import RankingIntake
from newsman.deliver.intake.reader import Intake, PublishedReader
from newsman.deliver.intake.recovery import Recovery
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.notes import Note, NoteReplaced, Notes
from newsman.kafka.clients import build_consumer
from newsman.kafka.log import CALMLY, TopicLog, build_log_consumer, open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.kafka.quick_records import decode_quickly
from newsman.kafka.rejects import build_park
from newsman.redis.client import build_client
from newsman.runtime.health import Pulse
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry
from newsman_schemas.topics import ARTICLE_PUBLISHED, DELIVERY_NOTED, RANKING_CHANGED, REJECTED

CLIENT_ID = "newsman-deliver"
GROUP = "deliver"


def build_readers(
    settings: DeliverSettings,
    registry: Registry,
    channels: Mapping[str, Channel],
    inlet: Inlet,
    notes: Notes,
    producer: KafkaProducer,
    pulse: Pulse,
    watch: PartitionWatch,
    stopping: threading.Event,
) -> tuple[PublishedReader, RankingIntake]:
    """The readers; that of article-published has not joined its group yet."""
    subscribed = Subscribed(registry, channels)
    registry.listen(subscribed.note)
    distributor = Distributor(inlet, subscribed, _due_at(subscribed, channels))
    keeper = PlaceKeeper(inlet, subscribed)
    behind = build_log_consumer(settings.kafka_bootstrap, client_id=f"{CLIENT_ID}-catch-up")
    log = TopicLog(decode_quickly(behind), gone=warn_gone)
    catch_up = CatchUp(
        log,
        ARTICLE_PUBLISHED.full_name(settings.namespace),
        inlet,
        distributor,
        keeper,
        subscribed,
        most_waiting=settings.most_waiting,
    )
    beat = beat_or_stop(pulse, stopping)
    recovery = Recovery(
        build_client(settings.redis_url),
        inlet,
        settings.namespace,
        DELIVERY_NOTED.full_name(settings.namespace),
        lambda: open_log(
            settings.kafka_bootstrap, client_id=f"{CLIENT_ID}-recovery", gone=warn_gone
        ),
        beat,
        stopping,
    )
    park = build_park(producer, REJECTED.full_name(settings.namespace), pulse)
    decoder = EventDecoder(park)
    intake = Intake(
        inlet,
        subscribed,
        distributor,
        keeper,
        catch_up,
        recovery,
        decoder,
        _note_replaced(subscribed, notes),
    )
    group = f"{settings.namespace}.{GROUP}"
    consumer = build_consumer(
        bootstrap=settings.kafka_bootstrap,
        group=group,
        client_id=CLIENT_ID,
        group_instance_id=f"{group}-{settings.instance}",
    )
    rankings = build_consumer(
        bootstrap=settings.kafka_bootstrap,
        group=f"{group}-rankings",
        client_id=f"{CLIENT_ID}-rankings",
        group_instance_id=f"{group}-rankings-{settings.instance}",
        auto_offset_reset="latest",
        # The topic has one partition: a member that waits for it has asked for nothing meanwhile.
        **CALMLY,
    )
    rankings.subscribe([RANKING_CHANGED.full_name(settings.namespace)])
    ranking_reader = RankingIntake(rankings, inlet, subscribed, park, pulse)
    reader = PublishedReader(decode_quickly(consumer), intake, pulse, watch, beat)
    return reader, ranking_reader


def _due_at(
    subscribed: Subscribed, channels: Mapping[str, Channel]
) -> Callable[[str], datetime | None]:
    def due_at(subscription_id: str) -> datetime | None:
        subscription = subscribed.by_id[subscription_id]
        return channels[subscription.kind].due_at(subscription, datetime.now(UTC))

    return due_at


def _note_replaced(subscribed: Subscribed, notes: Notes) -> NoteReplaced:
    def note_replaced(subscription_id: str, reference: Reference) -> None:
        subscription = subscribed.by_id.get(subscription_id)
        if subscription is not None:
            notes.write_soon(Note(subscription, reference, "replaced", 0))

    return note_replaced
