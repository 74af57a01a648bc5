"""GET /assets/{id}: binary renditions, whole or in a range (RFC 9110 sections 13 and 14)."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from email.utils import formatdate, parsedate_to_datetime

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from newsman.assets.folder import AssetsUnavailable
from newsman.assets.store import CHUNK_BYTES, Asset, AssetStore
from newsman.assets.types import EXTENSIONS, OCTET_STREAM, content_disposition
from newsman.feeds.assets.ranges import ByteSpan, Unsatisfiable, wanted_span
from newsman.feeds.catalogue.asset_visibility import Visibility
from newsman.feeds.core import matches
from newsman.feeds.listings.catalogue_listings import CatalogueIncomplete
from newsman.web.patient_stream import PatientStream
from newsman.web.problems import problem

log = logging.getLogger(__name__)

PATH = "/assets/"
FRESH_SECONDS = 5
"""As long as the pages: a kill must not be outlived by what it was about."""
STALLED_SECONDS = 30.0
READS_AT_ONCE = 4
ATTEMPTS = 3

_BRIEF = {"Cache-Control": f"public, max-age={FRESH_SECONDS}, must-revalidate"}

Clock = Callable[[], float]
Look = Callable[[Asset], Awaitable[Visibility]]


class AssetStream(PatientStream):
    """An asset's bytes; what fails on the way can only be broken off."""

    def __init__(
        self,
        content: AsyncIterator[bytes],
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            content,
            what="an asset",
            patience_seconds=STALLED_SECONDS,
            status_code=status_code,
            headers=headers,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except AssetsUnavailable as error:
            log.warning("an asset was broken off: %s", error)


def asset_routes(store: AssetStore, look: Look, clock: Clock = time.time) -> list[Route]:
    """The route of binary renditions; `look` says what the articles make of one."""
    shelf = _Assets(store, look, clock)
    return [Route(f"{PATH}{{asset_id:path}}", shelf.serve)]


class _Dates:
    """Comparisons with an asset's date, whose resolution is one second at best."""

    def __init__(self, asset: Asset, now: float) -> None:
        # Until its second is over another version may follow in it: whoever comes within it
        # gets a date that matches nothing later.
        self.is_exact = now >= int(asset.stored_at) + 1
        self._modified_at = int(asset.stored_at)
        shown = self._modified_at if self.is_exact else min(self._modified_at, int(now)) - 1
        self.header = formatdate(max(0, shown), usegmt=True)

    def is_unchanged_since(self, header: str) -> bool:
        if not self.is_exact:
            return False
        try:
            return self._modified_at <= parsedate_to_datetime(header).timestamp()
        except (ValueError, TypeError, OverflowError):
            return False


class _Assets:
    """Answers for one store."""

    def __init__(self, store: AssetStore, look: Look, clock: Clock) -> None:
        self._store = store
        self._look = look
        self._clock = clock
        # Hanging storage must not occupy every thread.
        self._turns = asyncio.Semaphore(READS_AT_ONCE)

    async def serve(self, request: Request) -> Response:
        try:
            # A new version may arrive between the lookup and the read.
            for _ in range(ATTEMPTS):
                asset = await self._find(request.path_params["asset_id"])
                answer = await self._visible_answer(request, asset) if asset else None
                if asset is None or answer is not None:
                    break
        except AssetsUnavailable as error:
            log.warning("the store of assets does not answer: %s", error)
            return _away()
        except (CatalogueIncomplete, RedisError):
            return _away()
        return answer or _missing()

    async def _visible_answer(self, request: Request, asset: Asset) -> Response | None:
        visibility = await self._look(asset)
        if visibility is Visibility.UNSEEN:
            # Its article may still be under embargo.
            return _missing()
        if visibility is Visibility.WITHDRAWN:
            return problem(410, "what showed this asset has been withdrawn", headers=_BRIEF)
        return await self._answer(request, asset)

    async def _answer(self, request: Request, asset: Asset) -> Response | None:
        dates = _Dates(asset, self._clock())
        headers = _headers(asset, dates)
        if _has_it(request, asset, dates):
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            return Response(headers={**headers, **_described(asset, ByteSpan(0, asset.length))})
        try:
            span = _span(request, asset, dates)
        except Unsatisfiable:
            unsaid = {"Content-Range": f"bytes */{asset.length}", "Accept-Ranges": "bytes"}
            return problem(416, "the range lies behind the end of the asset", headers=unsaid)
        chosen = span or ByteSpan(0, asset.length)
        headers |= _described(asset, chosen)
        if span:
            headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{asset.length}"
        status = 206 if span else 200
        first = await self._read(asset, chosen)
        if first is None:
            return None
        if len(first) == chosen.end - chosen.start:
            return Response(first, status_code=status, headers=headers)
        body = self._body(asset, first, chosen)
        return AssetStream(body, status_code=status, headers=headers)

    async def _body(
        self, asset: Asset, chunk: bytes | None, span: ByteSpan
    ) -> AsyncIterator[bytes]:
        at = span.start
        while chunk:
            yield chunk
            at += len(chunk)
            if at == span.end:
                return
            chunk = await self._read(asset, ByteSpan(at, span.end))
        raise AssetsUnavailable(f"asset {asset.id} ended at {at} of {asset.length}")

    async def _find(self, asset_id: str) -> Asset | None:
        async with self._turns:
            return await asyncio.to_thread(self._store.find, asset_id)

    async def _read(self, asset: Asset, span: ByteSpan) -> bytes | None:
        length = min(CHUNK_BYTES, span.end - span.start)
        async with self._turns:
            return await asyncio.to_thread(self._store.read, asset, span.start, length)


def _missing() -> Response:
    return problem(404, "there is no such asset", headers=_BRIEF)


def _away() -> Response:
    return problem(503, "the assets are away for a moment", headers={"Retry-After": "5"})


def _headers(asset: Asset, dates: _Dates) -> dict[str, str]:
    headers = {
        "ETag": asset.etag,
        "Last-Modified": dates.header,
        **_BRIEF,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if _mimetype(asset).startswith("image/"):
        headers["Access-Control-Allow-Origin"] = "*"
    return headers


def _described(asset: Asset, span: ByteSpan) -> dict[str, str]:
    return {
        "Content-Type": _mimetype(asset),
        "Content-Length": str(span.end - span.start),
        "Content-Disposition": content_disposition(_mimetype(asset), asset.media_id),
    }


def _mimetype(asset: Asset) -> str:
    # Even those who can write to the folder can't have a page served from this site.
    return asset.mimetype if asset.mimetype in EXTENSIONS else OCTET_STREAM


def _has_it(request: Request, asset: Asset, dates: _Dates) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return matches(tags, asset.etag)
    since = request.headers.get("if-modified-since")
    return since is not None and dates.is_unchanged_since(since)


def _span(request: Request, asset: Asset, dates: _Dates) -> ByteSpan | None:
    condition = request.headers.get("if-range")
    if condition is not None:
        # RFC 9110 section 13.1.5: only a strong tag or the exact date matches.
        is_same_date = dates.is_exact and condition == dates.header
        if condition != asset.etag and not is_same_date:
            return None
    return wanted_span(request.headers.get("range"), asset.length)
