"""The sender: takes what is due from the queue and posts it, several at a time."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

import aiohttp

from newsman.deliver import metrics
from newsman.deliver.core import AttemptResult, Disable, Park, Verdict, decide
from newsman.deliver.queue import VERDICT_NAMES, Attempt, Due, Outlet
from newsman.deliver.signing import signed_headers
from newsman.redis.patience import retry_async_while_redis_is_down
from newsman.runtime.health import Pulse

log = logging.getLogger(__name__)

AT_ONCE = 16
POLL_SECONDS = 0.2
LEASE_MARGIN_SECONDS = 5.0
FINISH_SECONDS = 5.0
OBSERVE_SECONDS = 1.0
MAX_DETAIL_CHARACTERS = 200


class WebhookSender:
    """Delivers to one subscriber."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        outlet: Outlet,
        *,
        url: str,
        key: bytes,
        timeout_seconds: float,
        pulse: Pulse,
    ) -> None:
        self._session = session
        self._outlet = outlet
        self._url = url
        self._key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._lease_ms = int((timeout_seconds + LEASE_MARGIN_SECONDS) * 1000)
        self._pulse = pulse

    async def run_until(self, stopped: Callable[[], bool]) -> None:
        """Sends until told to stop, then gives what is under way a few seconds to end."""
        under_way: set[asyncio.Task[None]] = set()
        observed_at = -OBSERVE_SECONDS
        while not stopped():
            taken = await self._take(AT_ONCE - len(under_way))
            under_way |= {asyncio.create_task(self._deliver(due)) for due in taken}
            if time.monotonic() - observed_at >= OBSERVE_SECONDS:
                observed_at = time.monotonic()
                await self._observe()
            under_way = await _wait(under_way, POLL_SECONDS)
            self._pulse.beat()
        await _wait(under_way, FINISH_SECONDS, until=asyncio.ALL_COMPLETED)

    async def _take(self, limit: int) -> list[Due]:
        if limit <= 0:
            return []
        return await retry_async_while_redis_is_down(
            lambda: self._outlet.take(now_ms=_now_ms(), lease_ms=self._lease_ms, limit=limit)
        )

    async def _deliver(self, due: Due) -> None:
        began = time.monotonic()
        answer = await self._post(due)
        seconds = time.monotonic() - began
        now = datetime.now(UTC)
        verdict = decide(answer, attempt=due.failures + 1, jitter=random.random(), now=now)
        attempt = _attempt(due, answer, verdict, seconds=seconds, now=now)
        await retry_async_while_redis_is_down(
            lambda: self._outlet.settle(due, verdict, attempt, now_ms=_now_ms())
        )
        self._note(due, answer, verdict, seconds)

    async def _post(self, due: Due) -> AttemptResult:
        webhook = due.webhook
        body = webhook.body.encode()
        headers = {
            "content-type": "application/json",
            "user-agent": "newsman-deliver",
            **signed_headers(self._key, webhook.id, int(time.time()), body),
        }
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return AttemptResult(response.status, response.headers.get("retry-after"))
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            detail = f"{type(problem).__name__}: {problem}"
            return AttemptResult(None, detail=detail[:MAX_DETAIL_CHARACTERS])

    def _note(self, due: Due, answer: AttemptResult, verdict: Verdict, seconds: float) -> None:
        name = VERDICT_NAMES[type(verdict)]
        metrics.attempts.labels(name).inc()
        metrics.attempt_seconds.observe(seconds)
        if name == "delivered":
            waited_ms = _now_ms() - due.webhook.occurred_at_ms
            metrics.latency_seconds.observe(max(0, waited_ms) / 1000)
            return
        what = answer.detail or f"status {answer.status}"
        log.warning("%s of article %s: %s: %s", due.webhook.id, due.webhook.article_id, name, what)
        if isinstance(verdict, Disable):
            log.error("the subscriber answered 410 Gone and is off; newsman deliver --enable")
        if isinstance(verdict, Park):
            log.error("%s failed on every attempt and is parked", due.webhook.id)

    async def _observe(self) -> None:
        state = await retry_async_while_redis_is_down(self._outlet.state)
        metrics.waiting.set(state.waiting)
        metrics.parked.set(state.parked)
        metrics.disabled.set(state.is_disabled)


def _attempt(
    due: Due, answer: AttemptResult, verdict: Verdict, *, seconds: float, now: datetime
) -> Attempt:
    name = VERDICT_NAMES[type(verdict)]
    return Attempt(
        id=due.webhook.id,
        article=due.webhook.article_id,
        revision=due.webhook.revision,
        status=answer.status,
        ms=round(seconds * 1000),
        attempt=due.failures + 1,
        at=now.isoformat(),
        outcome="failed" if name == "park" else name,
        detail=answer.detail,
    )


async def _wait(
    tasks: set[asyncio.Task[None]], seconds: float, *, until: str = asyncio.FIRST_COMPLETED
) -> set[asyncio.Task[None]]:
    """Those still under way after the first has ended, or all have, or the time is over."""
    if not tasks:
        await asyncio.sleep(seconds if until == asyncio.FIRST_COMPLETED else 0)
        return tasks
    done, pending = await asyncio.wait(tasks, timeout=seconds, return_when=until)
    for task in done:
        task.result()
    return pending


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
