"""Counts by key in fixed windows of receipt, within bounded memory."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime


class WindowedCounts:
    """Counts of keys in the current window; the least recently counted go first.

    What other processes have counted of a key can be added to it.
    """

    def __init__(self, *, window_seconds: int, most_keys: int) -> None:
        self._window_seconds = window_seconds
        self._most_keys = most_keys
        self._counts: OrderedDict[str, int] = OrderedDict()
        self._elsewhere: dict[str, int] = {}
        self._now: datetime | None = None
        self.window = 0
        """The number of the current window since 1970."""

    def __len__(self) -> int:
        return len(self._counts)

    def move_to(self, now: datetime) -> None:
        """Forgets the windows before the current one."""
        if now is self._now:
            return
        self._now = now
        window = int(now.timestamp()) // self._window_seconds
        if window > self.window:
            self._counts.clear()
            self._elsewhere.clear()
            self.window = window

    def add(self, key: str) -> int:
        """Counts the key once more; answers how often it was counted, everywhere."""
        counts = self._counts
        if key in counts:
            counts[key] += 1
            counts.move_to_end(key)
        else:
            counts[key] = 1
            if len(counts) > self._most_keys:
                self._elsewhere.pop(counts.popitem(last=False)[0], None)
        return counts[key] + self._elsewhere.get(key, 0)

    def take_back(self, key: str) -> None:
        """Counts the key once less."""
        if self._counts.get(key, 0) > 0:
            self._counts[key] -= 1

    def of(self, key: str) -> int:
        """The count of the key, everywhere."""
        return self._counts.get(key, 0) + self._elsewhere.get(key, 0)

    def at_least(self, count: int) -> dict[str, int]:
        """The keys that were counted so often here, with their counts."""
        return {key: n for key, n in self._counts.items() if n >= count}

    def learn(self, window: int, elsewhere: Mapping[str, int]) -> None:
        """Takes in what other processes have counted in a window, if it is still the current."""
        if window == self.window:
            self._elsewhere.update(elsewhere)


class Members:
    """The different members of each key in the current window, all together a bounded number."""

    def __init__(self, *, window_seconds: int, most_members: int) -> None:
        self._window_seconds = window_seconds
        self._most_members = most_members
        self._members: OrderedDict[str, set[int]] = OrderedDict()
        self._window = 0
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def move_to(self, now: datetime) -> None:
        """Forgets the windows before the current one."""
        window = int(now.timestamp()) // self._window_seconds
        if window > self._window:
            self._members.clear()
            self._window, self._size = window, 0

    def has(self, key: str, member: int) -> bool:
        """True if the member is one of the key's."""
        return member in self._members.get(key, ())

    def count(self, key: str) -> int:
        """The number of members that the key has."""
        return len(self._members.get(key, ()))

    def add(self, key: str, member: int) -> None:
        """Puts a new member to the key; the least recently extended keys go first."""
        members = self._members.setdefault(key, set())
        self._members.move_to_end(key)
        members.add(member)
        self._size += 1
        while self._size > self._most_members:
            self._size -= len(self._members.popitem(last=False)[1])
