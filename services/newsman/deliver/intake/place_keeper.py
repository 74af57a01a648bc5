"""Keeping the places of subscriptions true, in Redis and in the memory of the reader's thread."""

import logging
from collections.abc import Iterable, Mapping

from newsman.deliver import metrics
from newsman.deliver.intake.places import Behind, Places, live_place, read_place
from newsman.deliver.intake.subscribed import Subscribed
from newsman.deliver.queue.inlet import Inlet

log = logging.getLogger(__name__)


class PlaceKeeper:
    """The places in the partitions of one reader. `next_offset` is always the reader's own."""

    def __init__(self, inlet: Inlet, subscribed: Subscribed) -> None:
        self._inlet = inlet
        self._subscribed = subscribed
        self._places: dict[int, Places] = {}

    def of(self, partition: int, next_offset: int) -> Places:
        """The places in a partition, read from Redis at its first use."""
        if partition not in self._places:
            self._places[partition] = Places()
            self._load(list(self._subscribed.by_id), partition, next_offset)
        return self._places[partition]

    def forget(self, partitions: Iterable[int]) -> None:
        """These partitions are somebody else's now, or Redis fell back: they are read anew."""
        for partition in partitions:
            self._places.pop(partition, None)

    def count(self) -> None:
        """Tells the metrics how many are behind."""
        for partition, places in self._places.items():
            metrics.behind.labels(str(partition)).set(len(places.behind))

    def take_up(self, subscription_ids: Iterable[str], next_offsets: Mapping[int, int]) -> None:
        """These subscriptions are new, have changed or ended, or were put elsewhere."""
        known = [ident for ident in subscription_ids if ident in self._subscribed.by_id]
        ended = set(subscription_ids).difference(known)
        for partition in self._places.keys() & next_offsets.keys():
            for ident in ended:
                self._places[partition].forget(ident)
            self._load(known, partition, next_offsets[partition])

    def refused(self, partition: int, subscription_id: str, place: str, next_offset: int) -> None:
        """Redis had another place than this process believed in.

        A process that had the partition before may have called it live too early: then it goes on
        catching up from where this one knows.
        """
        known = self._places[partition].behind.get(subscription_id)
        is_too_early = known is not None and place.startswith("L")
        if not is_too_early or not self._swap(subscription_id, partition, place, str(known)):
            self._load([subscription_id], partition, next_offset)

    def advance(
        self, partition: int, steps: Mapping[str, tuple[Behind, Behind]], next_offset: int
    ) -> None:
        """Moves the places of those on that catch up: from one to another."""
        swaps = [(ident, str(before), str(after)) for ident, (before, after) in steps.items()]
        swapped = self._inlet.swap_places(partition, swaps)
        for (ident, (_, after)), is_moved in zip(steps.items(), swapped, strict=True):
            if is_moved:
                self._places[partition].set_behind(ident, after)
            else:
                self._load([ident], partition, next_offset)

    def go_live(self, partition: int, next_offset: int) -> None:
        """Lets those follow the log that have caught up with its reader.

        The reader has just moved its offset on in Redis, so the partition is its own.
        """
        places = self._places[partition]
        caught_up = [
            (ident, place)
            for ident, place in places.behind.items()
            if place.offset >= next_offset and self._subscribed.is_active(ident)
        ]
        swaps = [(ident, str(place), live_place(place.offset)) for ident, place in caught_up]
        swapped = self._inlet.swap_places(partition, swaps)
        for (ident, _), is_live in zip(caught_up, swapped, strict=True):
            if is_live:
                places.set_live(ident)
            else:
                self._load([ident], partition, next_offset)

    def _load(self, subscription_ids: list[str], partition: int, next_offset: int) -> None:
        texts = self._inlet.places(subscription_ids, partition)
        for ident, text in zip(subscription_ids, texts, strict=True):
            self._believe(ident, partition, text, next_offset)

    def _believe(self, ident: str, partition: int, text: str, next_offset: int) -> None:
        """Takes over a place, and changes it where the subscription's state asks for another."""
        if not text:
            self._inlet.note_queue(ident)
        while True:
            wanted = self._wanted(ident, partition, text, next_offset)
            if wanted == text or self._swap(ident, partition, text, wanted):
                break
            (text,) = self._inlet.places([ident], partition)
        place = read_place(wanted)
        if isinstance(place, Behind):
            self._places[partition].set_behind(ident, place)
        else:
            self._places[partition].set_live(ident)

    def _swap(self, ident: str, partition: int, before: str, after: str) -> bool:
        return self._inlet.swap_places(partition, [(ident, before, after)])[0]

    def _wanted(self, ident: str, partition: int, text: str, next_offset: int) -> str:
        is_active = self._subscribed.is_active(ident)
        place = read_place(text)
        if isinstance(place, Behind):
            return text
        if place is None:
            start = self._subscribed.by_id[ident].start.get(partition, 0)
            is_live = is_active and start >= next_offset
            return live_place(start) if is_live else str(Behind(start))
        return text if is_active else str(Behind(max(place + 1, next_offset)))
