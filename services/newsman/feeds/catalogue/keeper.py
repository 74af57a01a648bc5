"""Keeping the catalogue: reading on where it stands, and changing it for one made anew."""

import logging
import threading

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.log import LogReader, begin_at, ends_of, poll
from newsman.feeds.catalogue.rebuilding import CatalogueRebuild, Requests
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.runtime.crash import bugs_crash
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


class Keeper:
    """Feeds the catalogue until told to stop; goes on where it was when Kafka was away."""

    def __init__(
        self,
        catalogue: Catalogue,
        reader: LogReader,
        requests: Requests,
        stopping: threading.Event,
        watch: PartitionWatch,
    ) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._requests = requests
        self._stopping = stopping
        self._watch = watch
        self._outage = Outage(log, "the catalogue is cut off from Kafka")
        self._rebuild: tuple[int, CatalogueRebuild] | None = None

    def run(self) -> None:
        """What the thread does."""
        with bugs_crash():
            while not self._stopping.is_set():
                try:
                    self._keep()
                except (KafkaError, OSError) as problem:
                    self._outage.failed(problem)
                    self._stopping.wait(RETRY_SECONDS)

    def _keep(self) -> None:
        catalogue = self._catalogue
        with self._reader.consumer() as consumer:
            ends = ends_of(consumer)
            positions = self._begin(consumer, ends)
            self._outage.over()
            self._watch.take({part: positions[part.partition] for part in consumer.assignment()})
            while not self._stopping.is_set():
                told = poll(consumer, positions)
                if told or catalogue.positions() != positions:
                    catalogue.write(told, positions)
                if not catalogue.is_whole:
                    catalogue.is_whole = all(positions[part] >= end for part, end in ends.items())
                positions = self._renewed(consumer, positions)
                for part in consumer.assignment():
                    self._watch.finish(part, positions[part.partition])

    def _begin(self, consumer: KafkaConsumer, ends: dict[int, int]) -> dict[int, int]:
        known = self._catalogue.positions()
        if any(at > ends.get(part, 0) for part, at in known.items()):
            log.warning("the catalogue is of another log and is made anew")
            self._catalogue.clear()
            known = {}
        return begin_at(consumer, known)

    def _renewed(self, consumer: KafkaConsumer, positions: dict[int, int]) -> dict[int, int]:
        """The positions to go on from: those of a catalogue that was made anew, if one is ready."""
        wanted = self._requests.open()
        if wanted and self._rebuild is None:
            log.info("the catalogue is made anew, since an operator asks for it")
            beside = self._catalogue.beside
            made = CatalogueRebuild(beside, self._reader, self._requests, self._stopping)
            self._rebuild = (wanted, made)
        if self._rebuild is None or (fresh := self._rebuild[1].fresh) is None:
            return positions
        # It is as new as the one that serves before it takes its place.
        reached = begin_at(consumer, fresh.positions())
        while any(reached[part] < at for part, at in positions.items()):
            fresh.write(poll(consumer, reached), reached)
        self._catalogue.become(fresh)
        self._requests.met(self._rebuild[0])
        self._rebuild = None
        return reached
