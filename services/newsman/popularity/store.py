"""Counts in Redis: one partition's views, readers, windows and offset change in one step."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import redis

from newsman.popularity.core import View
from newsman.redis.keys import RESET, PopularityKeys

ADVANCE_BUDGET = 5_000
"""Most views that one call takes off a window, so that Redis is never held for long."""


@dataclass(frozen=True)
class Counted:
    """What became of a run of views."""

    counted: int
    duplicates: int
    late: int


@dataclass(frozen=True)
class Moved:
    """The stored offset is not the expected one: go on from `offset` (None: the beginning)."""

    offset: int | None


class CountStore:
    """The counts of every partition; the view window is part of what they mean."""

    def __init__(self, client: "redis.Redis", namespace: str, *, window_seconds: int) -> None:
        self._redis = client
        self._namespace = namespace
        self._window_seconds = window_seconds
        scripts = files("newsman.popularity")
        self._count = client.register_script((scripts / "counting.lua").read_text())
        self._advance = client.register_script((scripts / "advancing.lua").read_text())

    def offset(self, partition: int) -> int | None:
        """The next offset to read, or None to begin at the beginning.

        Counts that were made under another view window, or that an operator wants
        recounted, are dropped here first.
        """
        keys = PopularityKeys(self._namespace, partition)
        stored, rule = self._redis.mget(keys.offset, keys.rule)
        rule_now = str(self._window_seconds).encode()
        if stored == RESET.encode() or (rule is not None and rule != rule_now):
            self._drop(keys)
            stored = None
        self._redis.set(keys.rule, rule_now)
        return int(stored) if stored is not None else None

    def count(
        self,
        partition: int,
        views: Sequence[View],
        *,
        expected: int | None,
        next_offset: int,
        clock_seconds: int,
    ) -> Counted | Moved:
        """Counts the views that stand between two offsets of a partition, and moves it on."""
        keys = PopularityKeys(self._namespace, partition)
        arguments: list[str | int] = [
            keys.prefix,
            "" if expected is None else expected,
            next_offset,
            self._window_seconds,
            clock_seconds,
        ]
        for view in views:
            arguments += (
                view.article_id,
                view.reader,
                view.at_seconds,
                view.logged_seconds,
                view.resend_id,
            )
        done, *rest = self._count(keys=[keys.offset], args=arguments)
        if done:
            return Counted(*rest)
        stored = rest[0]
        return Moved(int(stored) if stored and stored != RESET.encode() else None)

    def advance(self, partition: int, *, expected: int | None, clock_seconds: int) -> bool:
        """Takes off what has left the windows by now.

        False when the stored offset is not the expected one, as after a flush of Redis.
        """
        keys = PopularityKeys(self._namespace, partition)
        offset = "" if expected is None else expected
        arguments = (keys.prefix, offset, self._window_seconds, clock_seconds, ADVANCE_BUDGET)
        while (moved := self._advance(keys=[keys.offset], args=arguments)) == 0:
            pass
        return bool(moved == 1)

    def _drop(self, keys: PopularityKeys) -> None:
        # The offset goes last: a process that dies in between drops the rest once more.
        for key in self._redis.scan_iter(match=f"{keys.prefix}:*", count=1_000):
            if key != keys.offset.encode():
                self._redis.unlink(key)
        self._redis.delete(keys.offset)
