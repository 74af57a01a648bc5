"""Reading older parts of the log for subscriptions that are behind."""

from collections.abc import Mapping
from dataclasses import replace

from kafka import TopicPartition

from newsman.deliver import metrics
from newsman.deliver.intake.distributor import Distributor
from newsman.deliver.intake.events import decode_known
from newsman.deliver.intake.place_keeper import PlaceKeeper
from newsman.deliver.intake.places import Behind, Places
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet, PutResult
from newsman.kafka.log import TopicLog

BATCH_EVENTS = 100
POLL_MS = 100


class CatchUp:
    """Goes over the log once for all that are at the same place, a batch at a time.

    The lowest place comes first, so that those who are further on wait until they can join. A
    queue that has become full takes part again once it is half empty.
    """

    def __init__(
        self,
        log: TopicLog,
        topic: str,
        inlet: Inlet,
        distributor: Distributor,
        keeper: PlaceKeeper,
        subscribed: Subscribed,
        *,
        most_waiting: int,
    ) -> None:
        self._log = log
        self._topic = topic
        self._inlet = inlet
        self._distributor = distributor
        self._keeper = keeper
        self._subscribed = subscribed
        self._most_waiting = most_waiting
        self._full: set[str] = set()

    def turn(self, partition: int, places: Places, next_offset: int) -> bool:
        """One batch before the reader's next offset; False if there was nothing to do."""
        active = {
            ident: place
            for ident, place in places.behind.items()
            if place.offset < next_offset and self._subscribed.is_active(ident)
        }
        ready = self._with_room(active)
        if not ready:
            return False
        start = min(place.offset for place in ready.values())
        records, end = self._read(partition, start, next_offset)
        if end == start:
            return True
        group = {ident: place for ident, place in ready.items() if place.offset < end}
        # One that stands inside the batch takes part from its own place on.
        events = decode_known(records)
        metrics.events.labels("caught_up").inc(len(events))
        results = self._distributor.catch_up(partition, events, group)
        self._advance(partition, group, results, end, next_offset)
        return True

    def _with_room(self, active: Mapping[str, Behind]) -> dict[str, Behind]:
        self._full &= active.keys()
        asked = list(self._full)
        for ident, waiting in zip(asked, self._inlet.waiting(asked), strict=True):
            if waiting <= self._most_waiting // 2:
                self._full.discard(ident)
        return {ident: place for ident, place in active.items() if ident not in self._full}

    def _read(self, partition: int, start: int, stop: int) -> tuple[list[object], int]:
        """Records from one offset on, and the offset behind the last that was looked at."""
        part = TopicPartition(self._topic, partition)
        if self._log.next.get(part) != start or len(self._log.next) != 1:
            self._log.start({part: start})
        records = self._log.poll(timeout_ms=POLL_MS, max_records=BATCH_EVENTS).get(part, [])
        taken = [record for record in records if record.offset < stop]
        # Compaction may have left nothing between the last record and the reader.
        return taken, min(stop, self._log.next[part])

    def _advance(
        self,
        partition: int,
        group: Mapping[str, Behind],
        results: Mapping[str, PutResult],
        end: int,
        next_offset: int,
    ) -> None:
        steps: dict[str, tuple[Behind, Behind]] = {}
        for ident, place in group.items():
            result = results.get(ident, PutResult())
            if result.moved_to is not None:
                self._keeper.refused(partition, ident, result.moved_to, next_offset)
                continue
            if result.full_at is not None:
                self._full.add(ident)
            offset = end if result.full_at is None else result.full_at
            steps[ident] = (place, replace(place, offset=offset))
        self._keeper.advance(partition, steps, next_offset)
