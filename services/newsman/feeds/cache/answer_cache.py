"""Answers to readers, made once for as long as nothing behind them changes."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace

from cachetools import LRUCache
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from newsman.feeds import metrics
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import (
    AnswerStore,
    Clock,
    RenderedBody,
    StoredAnswer,
    answer,
    ready_answer,
)
from newsman.feeds.core import strong_etag
from newsman.feeds.rate_limit import API
from newsman.feeds.subscribers.reading import SubscriberReading, current_reading
from newsman.web.server.ready_answers import Fields, ReadyAnswer

RETRY_AFTER = {"Retry-After": "5"}
MOST_ADDRESSES = 4_096
LONGEST_ADDRESS = 1_000
PRIVATE_BYTES = 16 * 1024 * 1024
Make = Callable[[], Awaitable[RenderedBody | None]]


@dataclass(frozen=True)
class CachePlacement:
    """The cache key of an address, and the age at which its answer is made anew."""

    key: Hashable
    lasts_seconds: int
    is_limited: bool
    """True for the API, whose requests are limited before they come here."""


class AnswerCache:
    """Answers from a shelf while the store and the catalogue stand where they stood."""

    def __init__(
        self,
        shelf: AnswerStore,
        watch: StoreWatch,
        generation: Callable[[], int],
        clock: Clock = time.time,
        private: AnswerStore | None = None,
    ) -> None:
        """`private` keeps the answers to subscribers, apart from those to the public."""
        self._shelf = shelf
        self._private = private or AnswerStore(PRIVATE_BYTES)
        self._watch = watch
        self._generation = generation
        self._clock = clock
        self._places: LRUCache[bytes, CachePlacement] = LRUCache(MOST_ADDRESSES)
        self._under_way: dict[tuple[Hashable, Hashable], asyncio.Future[StoredAnswer]] = {}
        self._kept = metrics.shelf.labels("yes")
        self._not_kept = metrics.shelf.labels("no")
        self._answered = functools.cache(metrics.requests.labels)

    async def serve(
        self, request: Request, make: Make, variant: str = "", *, lasts_seconds: int = 0
    ) -> Response:
        """The answer for the path and variant, made anew if anything behind it changed, and
        every `lasts_seconds` if that is not 0."""
        changes = await self._watch.now()
        if changes is None:
            self._shelf.clear()
            self._private.clear()
            raise HTTPException(503, headers=RETRY_AFTER)
        path = request.scope["path"]
        place = CachePlacement((path, variant), lasts_seconds, path.startswith(API))
        stamp = self._stamp(changes, place)
        if (reading := current_reading()) is not None:
            return await self._serve_private(request.scope, place, stamp, make, reading)
        stored = self._shelf.get(place.key, stamp)
        if stored is None:
            self._not_kept.inc()
            stored = await asyncio.shield(self._being_made(place.key, stamp, make))
        else:
            self._kept.inc()
        self._remember(request.scope, place)
        return answer(request.scope, stored, now=self._clock())

    async def _serve_private(
        self,
        scope: Scope,
        place: CachePlacement,
        stamp: Hashable,
        make: Make,
        reading: SubscriberReading,
    ) -> Response:
        """The answer to a subscriber, kept for those who may see no other articles."""
        key = (place.key, reading.products)
        stored = self._private.get(key, stamp)
        if stored is None:
            content = await self._render(make)
            # A tag of its own, so that nobody who has the public's bytes is answered with 304.
            own = replace(content, etag=strong_etag(b"private " + content.body))
            stored = self._private.put(key, stamp, own, reading.told)
        else:
            reading.tell(stored.told)
        return answer(scope, stored, now=self._clock())

    def express(self, app: ASGIApp) -> ASGIApp:
        """The application, not troubled with what stands ready on the shelf."""

        async def look(scope: Scope, receive: Receive, send: Send) -> None:
            stored = await self._ready(scope)
            if stored is None:
                await app(scope, receive, send)
                return
            self._kept.inc()
            await answer(scope, stored, now=self._clock())(scope, receive, send)

        return look

    async def _ready(self, scope: Scope) -> StoredAnswer | None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        if current_reading() is not None:
            return None
        place = self._places.get(_target(scope))
        if place is None:
            return None
        try:
            changes = await self._watch.now()
        except RedisError:
            # The route gets the same error and renders it.
            return None
        return None if changes is None else self._shelf.get(place.key, self._stamp(changes, place))

    def find(self, target: bytes, fields: Fields, /) -> ReadyAnswer | None:
        """The answer that stands ready for a GET, where nothing has to be waited for and no layer
        around the routes has a say; it is counted as those would count it."""
        place = self._places.get(target)
        if place is None or place.is_limited:
            return None
        changes = self._watch.at_once()
        if changes is None:
            return None
        stored = self._shelf.get(place.key, self._stamp(changes, place))
        if stored is None:
            return None
        ready = ready_answer(fields, stored, now=self._clock())
        if ready is not None:
            self._kept.inc()
            self._answered(ready.status).inc()
        return ready

    def _being_made(
        self, key: Hashable, stamp: Hashable, make: Make
    ) -> "asyncio.Future[StoredAnswer]":
        future = self._under_way.get((key, stamp))
        if future is None:
            future = asyncio.ensure_future(self._made(key, stamp, make))
            self._under_way[key, stamp] = future
            future.add_done_callback(lambda _: self._under_way.pop((key, stamp)))
        return future

    async def _made(self, key: Hashable, stamp: Hashable, make: Make) -> StoredAnswer:
        return self._shelf.put(key, stamp, await self._render(make))

    async def _render(self, make: Make) -> RenderedBody:
        with metrics.render_seconds.time():
            content = await make()
        if content is None:
            raise HTTPException(404)
        return content

    def _remember(self, scope: Scope, place: CachePlacement) -> None:
        target = _target(scope)
        if len(target) <= LONGEST_ADDRESS:
            self._places[target] = place

    def _stamp(self, changes: int, place: CachePlacement) -> Hashable:
        lasts = place.lasts_seconds
        # View counts change constantly, and articles leave lists by age alone.
        age = int(self._clock() / lasts) if lasts else 0
        return (changes, self._generation(), age)


def _target(scope: Scope) -> bytes:
    path, query = scope["raw_path"], scope["query_string"]
    return b"%b?%b" % (path, query) if query else bytes(path)
