"""The sender of a push and its rights; nothing is parsed before these are known."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.model import BadDocument, UnknownFormat
from newsman.ingest.idempotency import SignedUse
from newsman.ingest.reading.gzip_bounds import too_large
from newsman.ingest.reading.pool import LARGE_BODY_BYTES
from newsman.ingest.routes.answers import unreadable
from newsman.ingest.routes.bodies import (
    check_coding,
    content_coding,
    inflated,
    read_body,
    read_raw_body,
)
from newsman.ingest.sources.signatures import (
    AnySignature,
    RequestSignature,
    UnusableSignature,
    head_of,
    read_signature,
)
from newsman.ingest.sources.sources_file import Source


class UnknownSender(Exception):
    """No source's key or signature came with the push."""


def said_by(source: Source, editor: str | None) -> str:
    """Who decided something: the editor whom a source names, and the source."""
    return f"{editor} ({source.id})" if editor else source.id


@dataclass(frozen=True)
class Pushed:
    """A push whose sender is known; `once` is the use of its id, where it is signed with one."""

    source: Source
    body: bytes
    once: SignedUse | None = None


async def read_push(edge: IngestContext, request: Request) -> Pushed:
    """The sender and the body; raises UnknownSender or TooOften."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return await _read_signed(edge, request)
    source = _of_key(edge, authorization)
    edge.rates.count(source)
    return Pushed(source, await read_body(request, edge.body_limits(source.max_body_bytes)))


async def answered_once(
    edge: IngestContext, pushed: Pushed, answer: Callable[[], Awaitable[Response]]
) -> Response:
    """The answer; a signed request that comes again, whoever sends it, gets the first one.

    Raises TooOften. What comes again does not count towards the source's rate, nor is it parked
    again, so that nobody can use up either for the source.
    """
    if pushed.once is None:
        return await answer()

    async def first() -> Response:
        edge.rates.count(pushed.source)
        try:
            return await answer()
        except (BadDocument, UnknownFormat) as error:
            return unreadable(error)

    return await edge.answers.once_signed(pushed.source.id, pushed.once, first)


def asking_source(edge: IngestContext, request: Request) -> Source | None:
    """The source that asks for something without a body, None for one that does not say who it
    is; raises UnknownSender."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return _of_key(edge, authorization)
    signature = _signature(edge, request)
    # Superdesk's covers the body alone: without one it is the same for every question.
    if not isinstance(signature, RequestSignature):
        return None
    return _of_signature(edge.sources.find_signed(signature, b""))


async def _read_signed(edge: IngestContext, request: Request) -> Pushed:
    signature = _signature(edge, request)
    if signature is None:
        raise UnknownSender("neither a key nor a signature")
    coding = content_coding(request)
    check_coding(coding, edge.body_limits())
    raw = await read_raw_body(request, edge.body_limits_of_strangers())
    if len(raw) > LARGE_BODY_BYTES:
        signer = await asyncio.to_thread(edge.sources.find_signed, signature, raw)
    else:
        signer = edge.sources.find_signed(signature, raw)
    source = _of_signature(signer)
    use = await _use_of(signature, raw)
    if use is None:
        edge.rates.count(source)
    limits = edge.body_limits(source.max_body_bytes)
    if len(raw) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    return Pushed(source, await inflated(raw, coding, limits), use)


async def _use_of(signature: AnySignature, raw: bytes) -> SignedUse | None:
    if not isinstance(signature, RequestSignature):
        return None
    fingerprint = await asyncio.to_thread(signature.fingerprint, raw)
    return SignedUse(signature.request_id, fingerprint)


def _of_key(edge: IngestContext, authorization: str) -> Source:
    source = edge.sources.find(authorization)
    if source is None:
        raise UnknownSender("unknown key")
    return source


def _of_signature(source: Source | None) -> Source:
    if source is None:
        raise UnknownSender("no source's secret gives this signature")
    return source


def _signature(edge: IngestContext, request: Request) -> AnySignature | None:
    try:
        return read_signature(head_of(request), now=edge.clock().timestamp())
    except UnusableSignature as error:
        raise UnknownSender(str(error)) from error
