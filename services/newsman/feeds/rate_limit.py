"""A limit of API requests per address and minute."""

import math
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.web.problems import problem

WINDOW_SECONDS = 60
MAX_ADDRESSES = 50_000
API = "/v1/"

Clock = Callable[[], float]


class RateLimit:
    """Counts requests under /v1 by address, in memory and for a minute; 429 above the limit.

    Every answer says the limit, what is left of it, and the Unix second at which it begins anew.
    """

    def __init__(self, app: ASGIApp, per_minute: int, clock: Clock = time.time) -> None:
        self._app = app
        self._per_minute = per_minute
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is within the limit."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        now = self._clock()
        left = self._take(scope["client"][0] if scope.get("client") else "", now)
        ends_at = (self._window + 1) * WINDOW_SECONDS
        headers = {
            "X-RateLimit-Limit": str(self._per_minute),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(ends_at),
        }
        if left < 0:
            wait = {"Retry-After": str(max(1, math.ceil(ends_at - now)))}
            refusal = problem(429, "too many requests from this address", headers=headers | wait)
            await refusal(scope, receive, send)
            return

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self._app(scope, receive, send_counted)

    def _take(self, address: str, now: float) -> int:
        window = int(now // WINDOW_SECONDS)
        if window != self._window or len(self._counts) >= MAX_ADDRESSES:
            self._window, self._counts = window, {}
        self._counts[address] = self._counts.get(address, 0) + 1
        return self._per_minute - self._counts[address]
