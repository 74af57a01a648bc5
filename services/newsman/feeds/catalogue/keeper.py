"""Keeping the catalogue: reading on where it stands, and changing it for one made anew."""

import logging
import threading

from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.log import LogReader, PublishedLog
from newsman.feeds.catalogue.rebuilding import CatalogueRebuild, Requests
from newsman.kafka.log import AWAY
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)


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
        self._outage = Outage(log, "the catalogue does not go on")
        self._rebuild: tuple[int, CatalogueRebuild] | None = None

    def run(self) -> None:
        """The thread's loop."""
        self._outage.try_until(self._stopping, self._keep, AWAY)

    def _keep(self) -> None:
        catalogue = self._catalogue
        with self._reader.open() as published:
            ends = published.ends()
            self._begin(published, ends)
            for events in published.follow(self._watch):
                positions = published.positions
                if events or catalogue.positions() != positions:
                    catalogue.write(events, positions)
                self._outage.over()
                if not catalogue.is_whole and all(positions[p] >= end for p, end in ends.items()):
                    with self._watch.pausing():
                        catalogue.finish()
                    catalogue.is_whole = True
                self._renew(published)
                if self._stopping.is_set():
                    return

    def _begin(self, published: PublishedLog, ends: dict[int, int]) -> None:
        positions = self._catalogue.positions()
        if any(at > ends.get(part, 0) for part, at in positions.items()):
            log.warning("the catalogue is of another log and is made anew")
            self._catalogue.clear()
            positions = {}
        if not self._catalogue.is_whole:
            self._catalogue.begin()
        published.begin(positions)

    def _renew(self, published: PublishedLog) -> None:
        """Begins a catalogue that an operator asks for; changes to it once it is made."""
        wanted = self._requests.open()
        if wanted and self._rebuild is None:
            log.info("the catalogue is made anew, since an operator asks for it")
            beside = self._catalogue.beside
            made = CatalogueRebuild(beside, self._reader, self._requests, self._stopping)
            self._rebuild = (wanted, made)
        if self._rebuild is None or (fresh := self._rebuild[1].fresh) is None:
            return
        # The new catalogue catches up with the one in use before it replaces it.
        reached = published.positions
        published.begin(fresh.positions())
        for events in published.read_to(reached):
            fresh.write(events, published.positions)
        self._catalogue.become(fresh)
        self._requests.met(self._rebuild[0])
        self._rebuild = None
