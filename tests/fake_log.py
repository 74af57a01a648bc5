"""A broker in memory, as a consumer without a group sees it."""

from collections.abc import Mapping
from types import SimpleNamespace

from kafka import TopicPartition
from kafka.errors import OffsetOutOfRangeError


class FakeBroker:
    """A consumer and the log behind it: offsets of each partition, its bounds, what it loses."""

    def __init__(
        self,
        offsets: Mapping[TopicPartition, list[int]],
        *,
        at_once: int = 500,
        values: Mapping[int, bytes] | None = None,
    ):
        """`values` has the values of some offsets, whatever their partitions."""
        self.values = dict(values or {})
        self.offsets = {part: list(held) for part, held in offsets.items()}
        self.begins = dict.fromkeys(offsets, 0)
        self.ends = {part: (held[-1] + 1 if held else 0) for part, held in offsets.items()}
        self.at_once = at_once
        self.silent: set[TopicPartition] = set()
        self.seconds = 0.0
        self.is_closed = False
        self._subscription = SimpleNamespace(assignment={})

    def partitions_for_topic(self, topic):
        return {part.partition for part in self.offsets if part.topic == topic}

    def beginning_offsets(self, parts, *, timeout_ms):
        return {part: self.begins[part] for part in parts}

    def end_offsets(self, parts, *, timeout_ms):
        return {part: self.ends[part] for part in parts}

    def offsets_for_times(self, moments, *, timeout_ms):
        # An offset was appended in the millisecond of its number.
        return {
            part: next((SimpleNamespace(offset=o) for o in self.offsets[part] if o >= ms), None)
            for part, ms in moments.items()
        }

    def assign(self, parts):
        self._subscription.assignment = {part: SimpleNamespace(position=None) for part in parts}

    def seek(self, part, offset):
        self._subscription.assignment[part].position = SimpleNamespace(offset=offset)

    def poll(self, *, timeout_ms, max_records):
        found = {}
        for part, state in self._subscription.assignment.items():
            at = state.position.offset
            if not self.begins[part] <= at <= self.ends[part]:
                raise OffsetOutOfRangeError({part: at})
            held = [o for o in self.offsets[part] if o >= at][: self.at_once]
            if part in self.silent or at == self.ends[part]:
                continue
            self.seek(part, held[-1] + 1 if held else self.ends[part])
            if held:
                found[part] = [
                    SimpleNamespace(offset=offset, value=self.values.get(offset)) for offset in held
                ]
        if not found:
            self.seconds += timeout_ms / 1_000
        return found

    def close(self):
        self.is_closed = True
