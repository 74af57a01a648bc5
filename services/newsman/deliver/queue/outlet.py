"""The end of the queues that references leave by, used by the loop that sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import redis.asyncio

from newsman.deliver.queue.references import Reference, load
from newsman.deliver.queue.scripts import Call, Script
from newsman.redis.command_batcher import CommandBatcher
from newsman.redis.keys import DeliverKeys, QueueKeys

CLAIM_MS = 5_000
MOST_CLAIMED = 500
ATTEMPTS_KEPT = 200
FAILING_STREAK = 5
"""Failures in a row from which on only one delivery of the subscription is tried at a time."""
FIRST_PAUSE_MS = 200
"""After those; it doubles with each failure, so that what fails at once costs others nothing."""
LONGEST_PAUSE_MS = 5_000
"""As the first wait before an attempt is repeated."""
_PAUSES = (FAILING_STREAK, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)


@dataclass(frozen=True, slots=True)
class Hint:
    """When a queue is to be looked into again (Unix ms), -1 if nothing waits in it; `claimed` is
    the end of the claim that it was looked into under."""

    subscription_id: str
    due_ms: int
    claimed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Subscriptions with something due, and when the next has (Unix ms), -1 if none waits."""

    subscription_ids: tuple[str, ...]
    next_ms: int


@dataclass(frozen=True, slots=True)
class Wish:
    """How much is to be taken of a queue."""

    subscription_id: str
    most_under_way: int
    most: int
    alone: bool = False
    """True if nothing else may be under way at the same time."""
    answered: tuple[str, ...] = ()
    """Keys that are leased and no longer under way: the receiver has taken them."""


class Taken(NamedTuple):
    """A reference under a lease, and how often it has failed."""

    reference: Reference
    failures: int
    token: str
    until_ms: int = 0
    """The end of the lease."""


@dataclass(frozen=True, slots=True)
class Take:
    """What was taken of one queue, and when to ask again (Unix ms), -1 if nothing is left."""

    taken: tuple[Taken, ...]
    due_ms: int
    is_full: bool
    """True if as many are under way as may be, so that more may be due."""


class Outcome(StrEnum):
    """`done`, `failed` and `drop` are final, `retry` and `defer` are not; `drop` and `defer` say
    nothing of the receiver."""

    DONE = "done"
    FAILED = "failed"
    DROP = "drop"
    RETRY = "retry"
    DEFER = "defer"


class Settlement(NamedTuple):
    """What became of one taken reference; `line` is kept as an attempt if there is one, and under
    `field` the exchange that it names."""

    taken: Taken
    outcome: Outcome
    due_ms: int = 0
    line: bytes = b""
    field: str = ""
    exchange: bytes = b""


@dataclass(frozen=True, slots=True)
class Settled:
    """The state of a queue after settling: 1 for each that was applied, 0 where a newer revision
    has its place, -1 where the lease was lost."""

    due_ms: int
    failing_since_ms: int
    results: tuple[int, ...]


class Outlet:
    """Takes from the queues and settles what was taken; any number of processes may at once."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._redis = client
        self._namespace = namespace
        self._keys = DeliverKeys(namespace)
        self._claim, self._purge = Script("claim"), Script("purge")
        self._take, self._settle = Script("take", "earliest"), Script("settle", "earliest")
        scripts = (self._claim, self._purge, self._take, self._settle)
        self._batcher = CommandBatcher(client, tuple(each.batched for each in scripts))
        # What is taken waits for nothing that is settled.
        self._settlements = CommandBatcher(client, (self._settle.batched,))

    async def claim(self, hints: Sequence[Hint], *, now_ms: int) -> Claim:
        """Puts hints right, and claims for CLAIM_MS the subscriptions that have something due."""
        fields = [
            field
            for hint in hints
            for field in (
                hint.subscription_id,
                "" if hint.claimed_ms is None else hint.claimed_ms,
                hint.due_ms,
            )
        ]
        arguments = [now_ms, now_ms + CLAIM_MS, MOST_CLAIMED, *fields]
        (answer,) = await self._call(self._claim, [([self._keys.ready], arguments)])
        return Claim(tuple(ident.decode() for ident in answer[1:]), int(answer[0]))

    async def take(
        self, wishes: Sequence[Wish], *, now_ms: int, lease_ms: int, token: str
    ) -> list[Take]:
        """Leases what is due of each queue."""
        calls = [self._taking(wish, now_ms, now_ms + lease_ms, token) for wish in wishes]
        answers = await self._call(self._take, calls)
        return [_take(answer, token, now_ms + lease_ms) for answer in answers]

    async def settle(
        self,
        settlements: Sequence[tuple[str, int, Sequence[Settlement]]],
        *,
        now_ms: int,
    ) -> list[Settled]:
        """Applies settlements: subscription, until when to hold it back in ms (or 0), and what
        became of each delivery."""
        calls = [self._settling(*settlement, now_ms) for settlement in settlements]
        answers = await self._settlements.run(*map(self._settle.command, calls))
        return [Settled(int(due), int(since), tuple(results)) for due, since, *results in answers]

    async def told(self, article_id: str, subscription_id: str) -> str:
        """The last revision of the article that went into the queue, as it is kept."""
        raw: Any = await self._redis.hget(self._keys.told(article_id), subscription_id)
        return (raw or b"").decode()

    async def queues(self) -> set[str]:
        """The subscriptions that have a queue."""
        members: Any = await self._redis.smembers(self._keys.queues)
        return {ident.decode() for ident in members}

    async def forgive(self, subscription_id: str) -> None:
        """Forgets what the receiver has asked for and failed at: it is resumed."""
        keys = QueueKeys(self._namespace, subscription_id)
        await self._redis.delete(keys.state)

    async def purge(self, subscription_id: str) -> list[Reference]:
        """Empties the queue of a subscription that has ended; what had waited in it."""
        keys = QueueKeys(self._namespace, subscription_id)
        (answer,) = await self._call(self._purge, [(keys.all, ())])
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zrem(self._keys.ready, subscription_id)
            pipe.srem(self._keys.queues, subscription_id)
            await pipe.execute()
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [load(key.decode(), entry) for key, entry in pairs]

    async def note_process(self, name: str, *, now_ms: int, alive_ms: int) -> int:
        """A sign of life of this process; the number of processes that gave one lately."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(self._keys.processes, {name: now_ms})
            pipe.zremrangebyscore(self._keys.processes, "-inf", now_ms - alive_ms)
            pipe.zcard(self._keys.processes)
            return int((await pipe.execute())[2])

    async def _call(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        return await self._batcher.run(*map(script.command, calls))

    def _taking(self, wish: Wish, now_ms: int, until_ms: int, token: str) -> Call:
        keys = QueueKeys(self._namespace, wish.subscription_id)
        return (
            [keys.entries, keys.urgent, keys.due, keys.leases, keys.failures, keys.state],
            [
                now_ms,
                until_ms,
                token,
                wish.most_under_way,
                wish.most,
                int(wish.alone),
                FAILING_STREAK,
                *wish.answered,
            ],
        )

    def _settling(
        self, subscription_id: str, hold_until_ms: int, rows: Sequence[Settlement], now_ms: int
    ) -> Call:
        keys = QueueKeys(self._namespace, subscription_id)
        return (
            [
                keys.entries,
                keys.urgent,
                keys.due,
                keys.leases,
                keys.failures,
                keys.attempts,
                keys.state,
                keys.exchanges,
            ],
            [now_ms, ATTEMPTS_KEPT, hold_until_ms, *_PAUSES, *_fields(rows)],
        )


def _fields(rows: Sequence[Settlement]) -> list[str | int | bytes]:
    return [
        field
        for row in rows
        for field in (
            row.taken.reference.key,
            row.taken.token,
            row.taken.reference.revision,
            row.outcome.value,
            row.due_ms,
            row.line,
            row.field,
            row.exchange,
        )
    ]


def _take(answer: Sequence[bytes], token: str, until_ms: int) -> Take:
    due, *rest = answer
    triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    taken = tuple(
        Taken(load(key.decode(), entry), int(failures), token, until_ms)
        for key, entry, failures in triples
    )
    return Take(taken, int(due), int(due) == until_ms)
