"""The queue in Redis: every change of it is one step, so that a crash loses and doubles nothing.

At most one webhook waits for an article: a newer revision takes the older one's place. One that
is being sent stays in the queue under a lease until the subscriber has answered.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

import redis
import redis.asyncio

from newsman.deliver.core import Delivered, Disable, Park, Retry, Verdict, Webhook
from newsman.kafka.offset_in_store import OffsetMoved
from newsman.redis.keys import DeliverKeys

LOG_ENTRIES = 1_000

VERDICT_NAMES = {Delivered: "delivered", Retry: "retry", Disable: "disable", Park: "park"}


@dataclass(frozen=True)
class Queued:
    """The outcome of queueing a run of events; `dropped` were known already or are older."""

    queued: int
    replaced: int
    dropped: int


@dataclass(frozen=True)
class Due:
    """A webhook to be sent now, and how often that has failed."""

    webhook: Webhook
    failures: int


@dataclass(frozen=True)
class Attempt:
    """One line of the delivery log."""

    id: str
    article: str
    revision: int
    status: int | None
    ms: int
    attempt: int
    at: str
    outcome: str
    detail: str | None = None


@dataclass(frozen=True)
class QueueState:
    """Numbers of webhooks that wait and that are parked, and the subscriber's switch."""

    waiting: int
    parked: int
    is_disabled: bool


def _script(name: str) -> str:
    return (files("newsman.deliver") / name).read_text()


class Intake:
    """The end of the queue that events come in at."""

    def __init__(self, client: "redis.Redis", namespace: str) -> None:
        self._redis = client
        self._keys = DeliverKeys(namespace)
        self._enqueue = client.register_script(_script("enqueue.lua"))

    def offset(self, partition: int) -> int | None:
        """The next offset to read, or None to begin at the beginning."""
        stored: Any = self._redis.hget(self._keys.offsets, str(partition))
        return int(stored) if stored is not None else None

    def is_disabled(self, url: str) -> bool:
        """True if the subscriber at this address has answered 410 Gone."""
        stored: Any = self._redis.get(self._keys.disabled)
        return bool(stored == url.encode())

    def put(
        self,
        partition: int,
        webhooks: Sequence[Webhook],
        *,
        expected: int | None,
        next_offset: int,
        now_ms: int,
    ) -> Queued | OffsetMoved:
        """Queues the webhooks and moves the offset on, if it still is the expected one."""
        keys = self._keys
        rows = [part for hook in webhooks for part in (hook.article_id, hook.revision, _dump(hook))]
        answer: Any = self._enqueue(
            keys=[
                keys.due,
                keys.entries,
                keys.revisions,
                keys.attempts,
                keys.leases,
                keys.parked,
                keys.offsets,
            ],
            args=[partition, "" if expected is None else expected, next_offset, now_ms, *rows],
        )
        if len(answer) == 1:
            return OffsetMoved()
        return Queued(*(int(number) for number in answer))


class Outlet:
    """The end of the queue that webhooks leave by."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str, url: str) -> None:
        self._redis = client
        self._url = url
        self._keys = DeliverKeys(namespace)
        self._take = client.register_script(_script("take.lua"))
        self._settle = client.register_script(_script("settle.lua"))

    async def take(self, *, now_ms: int, lease_ms: int, limit: int) -> list[Due]:
        """Leases up to `limit` webhooks that are due; nothing while held or disabled."""
        keys = self._keys
        answer = await self._take(
            keys=[keys.due, keys.entries, keys.attempts, keys.leases, keys.hold, keys.disabled],
            args=[now_ms, now_ms + lease_ms, limit, self._url],
        )
        pairs = zip(answer[::2], answer[1::2], strict=True)
        return [Due(_load(entry), int(failures)) for entry, failures in pairs]

    async def settle(self, due: Due, verdict: Verdict, attempt: Attempt, *, now_ms: int) -> None:
        """Writes the attempt into the log, and lets go of the webhook or puts it off."""
        keys, hook = self._keys, due.webhook
        wait, hold = (
            (verdict.wait_seconds, verdict.hold_seconds) if isinstance(verdict, Retry) else (0, 0)
        )
        await self._settle(
            keys=[
                keys.due,
                keys.entries,
                keys.revisions,
                keys.attempts,
                keys.leases,
                keys.parked,
                keys.log,
                keys.hold,
                keys.disabled,
            ],
            args=[
                hook.article_id,
                hook.revision,
                VERDICT_NAMES[type(verdict)],
                now_ms,
                now_ms + int(wait * 1000),
                due.failures + 1,
                json.dumps(asdict(attempt)),
                LOG_ENTRIES,
                int(hold * 1000),
                self._url,
            ],
        )

    async def enable(self) -> None:
        """Forgets that a subscriber answered 410 Gone, and any pause that was asked for."""
        await self._redis.delete(self._keys.disabled, self._keys.hold)

    async def state(self) -> QueueState:
        """The state of the queue and its subscriber."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(self._keys.due)
            pipe.hlen(self._keys.parked)
            pipe.get(self._keys.disabled)
            waiting, parked, disabled = await pipe.execute()
        return QueueState(waiting, parked, disabled == self._url.encode())


def _dump(webhook: Webhook) -> str:
    return json.dumps(asdict(webhook), ensure_ascii=False)


def _load(entry: bytes) -> Webhook:
    return Webhook(**json.loads(entry))
