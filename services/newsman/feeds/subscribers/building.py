"""The parts of feeds that know subscribers, and the threads that they need."""

import threading
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp

from newsman.feeds.stream.audience import PUBLIC, Audience
from newsman.feeds.subscribers.notes import FetchNotes
from newsman.feeds.subscribers.reading import current_reading
from newsman.feeds.subscribers.recognition import KnownSubscribers
from newsman.kafka.clients import build_producer
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.runtime.health import Check, Pulse
from newsman.settings import FeedsSettings
from newsman.subscribers.registry import Registry
from newsman.subscribers.tail import RegistryTail
from newsman_schemas.topics import DELIVERY_NOTED, SUBSCRIBER_CHANGED

STILL_SECONDS = 90.0
MOST_BLOCKED_MS = 5_000
"""A note waits so long for Kafka to say where its topic is."""


class KnownReaders:
    """Subscribers as the log has them, and notes of what they fetch."""

    def __init__(self, settings: FeedsSettings, needs: dict[str, Check]) -> None:
        bootstrap, namespace = settings.kafka_bootstrap, settings.namespace
        client_id = "newsman-feeds-subscribers"
        self._registry = Registry()
        self.pulse = Pulse(limit_seconds=STILL_SECONDS)
        """Of whoever reads the log, once that is started."""
        self._watch = PartitionWatch(
            EndsOfLog(bootstrap, f"{client_id}-watch"), needs=needs.values()
        )
        self._tail = RegistryTail(
            self._registry, bootstrap, namespace, client_id=client_id, topics=(SUBSCRIBER_CHANGED,)
        )
        build = partial(
            build_producer,
            bootstrap,
            client_id="newsman-feeds-notes",
            max_block_ms=MOST_BLOCKED_MS,
        )
        self._notes = FetchNotes(build, DELIVERY_NOTED.full_name(namespace))

    def recognise(self, app: ASGIApp) -> ASGIApp:
        """The application behind one that knows subscribers by their tokens."""
        return KnownSubscribers(app, self._registry, self._notes)

    def audience(self, request: Request) -> Audience:
        """For whom a stream is that is asked for."""
        reading = current_reading()
        if reading is None:
            return PUBLIC
        name, path = reading.subscriber.name, request.url.path
        return Audience(
            lambda told: self._notes.take(name, "stream", path, told),
            products=reading.products,
            is_known=reading.is_known,
        )

    def start(self, stopping: threading.Event) -> tuple[threading.Thread, ...]:
        """Starts to read the log and to write notes; the threads, which end once told to stop."""
        works = {
            "subscribers": lambda: self._tail.run(stopping, self.pulse, self._watch),
            "notes": lambda: self._notes.run(stopping),
        }
        threads = tuple(
            threading.Thread(target=work, name=name, daemon=True) for name, work in works.items()
        )
        for thread in threads:
            thread.start()
        self._watch.start(stopping)
        return threads

    def note(self) -> str | None:
        """What an operator should know; the public is served all the same."""
        if not self._registry.is_whole:
            return "the subscribers have not been read yet: whoever comes with a token gets 503"
        return self._watch.problem()
