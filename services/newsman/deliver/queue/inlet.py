"""The end of the queues that references go in at, used by the reader's thread."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

import redis

from newsman.deliver.queue.references import Reference, dump, load
from newsman.deliver.queue.scripts import Call, Script
from newsman.redis.keys import DeliverKeys, QueueKeys

TOLD_SECONDS = 400 * 86_400
"""As long as the ledger says who was sent what."""
MOST_MOVED = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """A reference on its way into a queue."""

    reference: Reference
    offset: int
    is_urgent: bool
    due_ms: int = 0


class Mode(StrEnum):
    """`live` follows the log, `catch-up` an older part of it, `forced` nothing at all."""

    LIVE = "live"
    CATCH_UP = "catch-up"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class Put:
    """Rows for the queue of one subscription, in the order of their offsets."""

    subscription_id: str
    rows: Sequence[Row]
    partition: int = 0
    mode: Mode = Mode.FORCED
    place: str = ""
    """The one that a catch-up expects."""


@dataclass(frozen=True, slots=True)
class PutResult:
    """The outcome of a Put; the rows from `full_at` (an offset) on did not fit."""

    queued: int = 0
    replaced: tuple[Reference, ...] = ()
    full_at: int | None = None
    moved_to: str | None = None
    """The place that stands there instead of the expected one; nothing was queued."""


class Inlet:
    """Puts references into queues, and keeps who was told of what, and places and offsets."""

    def __init__(self, client: "redis.Redis", namespace: str, *, most_waiting: int) -> None:
        self._redis = client
        self._namespace = namespace
        self._keys = DeliverKeys(namespace)
        self._most_waiting = most_waiting
        self._enqueue, self._move = Script("enqueue", "pieces"), Script("move")
        self._forget = Script("forget")

    def offset(self, partition: int) -> int | None:
        """The next offset to read, or None to begin at the beginning."""
        stored: Any = self._redis.hget(self._keys.offsets, str(partition))
        return int(stored) if stored is not None else None

    def move_offset(self, partition: int, *, expected: int | None, next_offset: int) -> bool:
        """Moves the offset on; False if another stands there than the expected one."""
        before = "" if expected is None else expected
        step = ([self._keys.offsets], [partition, before, next_offset])
        return bool(self._move.call(self._redis, [step])[0])

    def places(self, subscription_ids: Sequence[str], partition: int) -> list[str]:
        """The places of the subscriptions in a partition; empty where there is none."""
        with self._redis.pipeline(transaction=False) as pipe:
            for ident in subscription_ids:
                pipe.hget(QueueKeys(self._namespace, ident).places, str(partition))
            return [(raw or b"").decode() for raw in pipe.execute()]

    def swap_places(self, partition: int, swaps: Sequence[tuple[str, str, str]]) -> list[bool]:
        """Changes places: subscription, expected place, new place; False where another stands."""
        calls = [
            ([QueueKeys(self._namespace, ident).places], [partition, before, after])
            for ident, before, after in swaps
        ]
        return [bool(changed) for changed in self._move.call(self._redis, calls)]

    def set_places(self, subscription_id: str, places: Mapping[int, str]) -> None:
        """Writes places whatever stands there."""
        keys = QueueKeys(self._namespace, subscription_id)
        mapping: dict[Any, Any] = {str(part): at for part, at in places.items()}
        self._redis.hset(keys.places, mapping=mapping)

    def note_queue(self, subscription_id: str) -> None:
        """A queue begins; whoever finds its subscription gone purges it."""
        self._redis.sadd(self._keys.queues, subscription_id)

    def move(self, subscription_id: str, places: Mapping[int, str]) -> None:
        """Puts a queue elsewhere in some partitions, and tells their readers."""
        self.set_places(subscription_id, places)
        for partition in places:
            self._redis.sadd(self._keys.moved(partition), subscription_id)

    def moved(self, partitions: Sequence[int]) -> set[str]:
        """The subscriptions whose queues were put elsewhere since this was asked last."""
        with self._redis.pipeline(transaction=False) as pipe:
            for partition in partitions:
                pipe.spop(self._keys.moved(partition), MOST_MOVED)
            return {ident.decode() for found in pipe.execute() for ident in found}

    def waiting(self, subscription_ids: Sequence[str]) -> list[int]:
        """The number of entries in each queue."""
        with self._redis.pipeline(transaction=False) as pipe:
            for ident in subscription_ids:
                pipe.hlen(QueueKeys(self._namespace, ident).entries)
            return [int(number) for number in pipe.execute()]

    def told(self, article_ids: Sequence[str]) -> list[dict[str, str]]:
        """Who was told of each article: by subscription the last revision."""
        with self._redis.pipeline(transaction=False) as pipe:
            for article_id in article_ids:
                pipe.hgetall(self._keys.told(article_id))
            return [
                {ident.decode(): last.decode() for ident, last in row.items()}
                for row in pipe.execute()
            ]

    def put(self, puts: Sequence[Put], *, now_ms: int | None = None) -> list[PutResult]:
        """Puts the rows into their queues, in one round trip, and then the hints in another."""
        now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
        fields: dict[int, Sequence[str | int]] = {}
        for put in puts:
            for row in put.rows:
                if id(row) not in fields:  # many queues get the very same row
                    fields[id(row)] = _fields(row, now_ms)
        calls = [self._call(put, now_ms, fields) for put in puts]
        results = [_result(answer) for answer in self._enqueue.call(self._redis, calls)]
        self.hint([put.subscription_id for put in puts if put.rows], now_ms)
        return results

    def hint(self, subscription_ids: Iterable[str], due_ms: int) -> None:
        """Has the queues of these subscriptions looked into, and rings the bell."""
        hints: dict[Any, Any] = dict.fromkeys(subscription_ids, due_ms)
        if hints:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.zadd(self._keys.ready, hints, lt=True)
                # A cluster's pipelines refuse `publish`; every node hears of it anyway.
                pipe.execute_command("PUBLISH", self._keys.bell, b"")  # type: ignore[no-untyped-call]
                pipe.execute()

    def note_told(self, told: Mapping[str, Mapping[str, str]]) -> None:
        """Keeps who was told of what: article, subscription, last revision."""
        with self._redis.pipeline(transaction=False) as pipe:
            for article_id, by_subscription in told.items():
                key = self._keys.told(article_id)
                mapping: dict[Any, Any] = dict(by_subscription)
                pipe.hset(key, mapping=mapping)
                pipe.expire(key, TOLD_SECONDS)
            pipe.execute()

    def forget_exchanges(self, taken_away: Mapping[str, Sequence[str]]) -> None:
        """Forgets what was sent and answered of articles that readers may not see any more: by
        subscription their ids. It is done before anything is told of it."""
        calls: list[Call] = []
        for ident, article_ids in taken_away.items():
            keys = QueueKeys(self._namespace, ident)
            calls.append(([keys.exchanges, keys.leases], article_ids))
        if calls:
            self._forget.call(self._redis, calls)

    def _call(self, put: Put, now_ms: int, fields: Mapping[int, Sequence[str | int]]) -> Call:
        keys = QueueKeys(self._namespace, put.subscription_id)
        place = [put.partition, put.mode.value, put.place]
        rows = chain.from_iterable(fields[id(row)] for row in put.rows)
        return (
            [keys.entries, keys.urgent, keys.due, keys.leases, keys.failures, keys.places],
            [*place, self._most_waiting, now_ms, *rows],
        )


def _fields(row: Row, now_ms: int) -> Sequence[str | int]:
    return (
        row.reference.key,
        row.reference.revision,
        int(row.is_urgent),
        row.due_ms or now_ms,
        row.offset,
        dump(row.reference),
    )


def _result(answer: list[Any]) -> PutResult:
    code = int(answer[0])
    if code == -1:
        return PutResult(moved_to=answer[1].decode())
    rest = answer[3:] if code == 0 else answer[2:]
    replaced = tuple(
        load(key.decode(), entry) for key, entry in zip(rest[::2], rest[1::2], strict=True)
    )
    if code == 0:
        return PutResult(int(answer[2]), replaced, full_at=int(answer[1]))
    return PutResult(int(answer[1]), replaced)
