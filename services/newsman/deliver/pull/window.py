"""The last events of the log in memory, for all who fetch and are nearly up to date."""

import asyncio
import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from newsman.kafka.positions import Part, Positions

MOST_EVENTS = 5_000
MOST_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class LogEntry:
    """A record as it came from the log; `matched` are the subscriptions that it is for, as far as
    they were known then."""

    part: Part
    offset: int
    value: bytes
    number: int = 0
    """Counts the entries that this process has seen; 0 of one that was read from the log."""
    matched: frozenset[str] = frozenset()
    may_take_away: bool = True
    """True if somebody may have had its article who has it no more."""
    about: str = ""
    """That article's id, where the entry was matched as it came."""


class EventWindow:
    """The last entries of every partition, and those who wait for more; of one event loop."""

    def __init__(self, *, most_events: int = MOST_EVENTS, most_bytes: int = MOST_BYTES) -> None:
        self._most_events = most_events
        self._most_bytes = most_bytes
        self._entries: dict[Part, deque[LogEntry]] = {}
        self._all: deque[LogEntry] = deque()
        self._bytes = 0
        self.starts: Positions = {}
        """From where on the window has all that the log has."""
        self.positions: Positions = {}
        """The offsets behind the newest entries."""
        self._number = 0
        self._tickets: dict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._is_closed = False

    @property
    def is_ready(self) -> bool:
        """True once the tail has begun."""
        return bool(self.positions)

    @property
    def number(self) -> int:
        """The number of the newest entry."""
        return self._number

    @property
    def is_closed(self) -> bool:
        """True once the server ends, and everybody is to be let go."""
        return self._is_closed

    def begin(self, starts: Mapping[Part, int]) -> None:
        """The tail begins at these offsets."""
        self.starts = dict(starts)
        self.positions = dict(starts)
        self._entries = {part: deque() for part in starts}

    def next_number(self) -> int:
        """The number of the entry that is added next."""
        return self._number + 1

    def add(self, entry: LogEntry) -> None:
        """One more entry; the oldest make room for it."""
        self._number = entry.number
        self._entries[entry.part].append(entry)
        self._all.append(entry)
        self._bytes += len(entry.value)
        self.positions[entry.part] = entry.offset + 1
        while len(self._all) > self._most_events or self._bytes > self._most_bytes:
            oldest = self._all.popleft()
            self._entries[oldest.part].popleft()
            self._bytes -= len(oldest.value)
            self.starts[oldest.part] = oldest.offset + 1

    def reach(self, positions: Mapping[Part, int]) -> None:
        """The log has nothing more before these offsets."""
        self.positions |= positions

    def covers(self, positions: Mapping[Part, int]) -> bool:
        """True if everything from these positions on is in the window."""
        return all(offset >= self.starts[part] for part, offset in positions.items())

    def ahead(self, positions: Mapping[Part, int]) -> bool:
        """True if these positions lie behind the newest that this process has read."""
        return any(offset > self.positions[part] for part, offset in positions.items())

    def since(self, positions: Mapping[Part, int]) -> Iterator[LogEntry]:
        """The entries from these positions on, in the order in which they came."""
        return heapq.merge(
            *(self._part_since(part, offset) for part, offset in positions.items()),
            key=lambda entry: entry.number,
        )

    def ticket(self, subscription_id: str) -> asyncio.Future[None]:
        """A future that is done as soon as there may be something new for a subscription."""
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._is_closed:
            ticket.set_result(None)
        else:
            self._tickets[subscription_id].add(ticket)
        return ticket

    def give_back(self, subscription_id: str, ticket: asyncio.Future[None]) -> None:
        """Nobody waits for this ticket any more."""
        held = self._tickets.get(subscription_id)
        if held is not None:
            held.discard(ticket)
            if not held:
                del self._tickets[subscription_id]
        ticket.cancel()

    def wake(self, subscription_ids: Iterable[str]) -> None:
        """There may be something new for these."""
        for ident in subscription_ids:
            for ticket in self._tickets.pop(ident, ()):
                if not ticket.done():
                    ticket.set_result(None)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The subscriptions that somebody waits for."""
        return tuple(self._tickets)

    def close(self) -> None:
        """Lets everybody go."""
        self._is_closed = True
        self.wake(self.waiting)

    def _part_since(self, part: Part, offset: int) -> Iterator[LogEntry]:
        newest_first: list[LogEntry] = []
        for entry in reversed(self._entries[part]):
            if entry.offset < offset:
                break
            newest_first.append(entry)
        return reversed(newest_first)
