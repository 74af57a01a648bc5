"""Noticing from beside that a reader of partitions stands still, by the ends of the log alone.

What a client believes of its own fetching is not asked: one that has stopped without saying so
believes that there is nothing to fetch.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from newsman.kafka.clients import build_consumer
from newsman.kafka.progress.reckoning import ConsumerProgress
from newsman.runtime.crash import bugs_crash
from newsman.runtime.health import Check
from newsman.runtime.outage import Outage

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
LIMIT_SECONDS = 60.0
ANSWER_LIMIT_MS = 3_000

Ends = Callable[[Iterable[TopicPartition]], Mapping[TopicPartition, int]]
"""The ends of partitions; raises KafkaError."""


class ReaderStalled(Exception):
    """A reader stands still although there is work; a new process takes over."""


class PartitionWatch:
    """The places of one reader, told by its thread and looked at from another.

    Time counts only while this process runs and everything that the reader needs is there.
    """

    def __init__(
        self, ends: Ends, *, limit_seconds: float = LIMIT_SECONDS, needs: Iterable[Check] = ()
    ) -> None:
        self._ends = ends
        self._limit_seconds = limit_seconds
        self._needs = tuple(needs)
        self._progress: ConsumerProgress[TopicPartition] = ConsumerProgress(
            limit_seconds=limit_seconds
        )
        self._parts: frozenset[TopicPartition] = frozenset()
        self._held_back: frozenset[TopicPartition] = frozenset()
        self._is_member = threading.Event()
        self._finished: dict[TopicPartition, int] = {}
        self._anew: frozenset[TopicPartition] = frozenset()
        self._clock_seconds = 0.0
        self._member_at = 0.0
        self._outage = Outage(log, "the ends of the partitions are not to be had")

    def take(self, finished: Mapping[TopicPartition, int | None]) -> None:
        """The reader has these partitions too, finished up to these offsets (None: nothing is)."""
        for part, offset in finished.items():
            self._progress.assign(part, offset or 0)
        # After a store returns to an older state, repeating the work is progress.
        self._anew |= {p for p, at in finished.items() if (at or 0) < self._finished.get(p, 0)}
        self._finished |= {part: offset or 0 for part, offset in finished.items()}
        self._parts |= finished.keys()
        self._is_member.set()

    def let_go(self, parts: Iterable[TopicPartition]) -> None:
        """The reader has these partitions no more, nor a place in its group until it takes some."""
        self._parts -= frozenset(parts)
        for part in parts:
            self._progress.forget(part)
        self._is_member.clear()

    def hold_back(self, parts: Iterable[TopicPartition]) -> None:
        """These partitions, and no others, wait for another one of the reader, which is watched."""
        self._held_back = frozenset(parts)

    @contextmanager
    def pausing(self) -> Iterator[None]:
        """While the reader does something else than to read, however long it takes."""
        self.hold_back(self._parts)
        try:
            yield
        finally:
            self.hold_back(())

    def finish(self, part: TopicPartition, next_offset: int) -> None:
        """Everything of the partition before the offset is finished; ignored without a place."""
        if self._progress.place(part) is not None:
            self._progress.finish_before(part, next_offset)
            self._finished[part] = next_offset

    def problem(self) -> str | None:
        """The partitions that stand still, for how long, and how many messages wait."""
        if not self._is_member.is_set():
            return "no partitions are assigned yet"
        return self._progress.problem()

    def start(self, stopping: threading.Event) -> None:
        """Watches from a thread of its own; ends the process once a partition stands too long."""
        thread = threading.Thread(target=self._run, args=(stopping,), name="watch", daemon=True)
        thread.start()

    def look(self) -> None:
        """One look, `LOOK_SECONDS` after the last; raises Stalled."""
        if any(check() for check in self._needs):
            return
        try:
            ends = self._ends(self._parts - self._held_back)
        except KafkaError as problem:
            self._outage.failed(problem)
            return
        self._outage.over()
        # A stopped process has had at most this time to work.
        self._clock_seconds += LOOK_SECONDS
        if self._is_member.is_set():
            self._member_at = self._clock_seconds
        anew, self._anew = self._anew, frozenset()
        if anew:
            others = {part: end for part, end in ends.items() if part not in anew}
            self._progress.look(others, now=self._clock_seconds)
        self._progress.look(ends, now=self._clock_seconds)
        if stalled := self._progress.stalled():
            raise ReaderStalled(str(stalled))
        outside_seconds = self._clock_seconds - self._member_at
        if outside_seconds > self._limit_seconds:
            raise ReaderStalled(f"no partitions were assigned for {outside_seconds:.0f} s")

    def _run(self, stopping: threading.Event) -> None:
        with bugs_crash():
            while not stopping.wait(LOOK_SECONDS):
                self.look()


class EndsOfLog:
    """The ends of partitions as the broker has them, through a client of its own."""

    def __init__(self, bootstrap: str, client_id: str) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._consumer: KafkaConsumer | None = None

    def __call__(self, parts: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Raises KafkaError."""
        asked = list(parts)
        if not asked:
            return {}
        ends: Mapping[TopicPartition, int] = self._opened().end_offsets(
            asked, timeout_ms=ANSWER_LIMIT_MS
        )
        return ends

    def of_topic(self, name: str) -> Mapping[TopicPartition, int]:
        """The ends of all partitions of a topic; raises KafkaError."""
        numbers = self._opened().partitions_for_topic(name)
        if not numbers:
            raise UnknownTopicOrPartitionError(name)
        return self(TopicPartition(name, number) for number in numbers)

    def _opened(self) -> KafkaConsumer:
        if self._consumer is None:
            self._consumer = build_consumer(
                bootstrap=self._bootstrap,
                group=None,
                client_id=self._client_id,
                request_timeout_ms=ANSWER_LIMIT_MS,
            )
        return self._consumer
