"""Who sends a push, and what it may send; nothing is parsed before that is known."""

import asyncio

from starlette.requests import Request

from newsman.ingest.beside import LARGE_BODY_BYTES
from newsman.ingest.bodies import (
    check_coding,
    content_coding,
    inflated,
    read_body,
    read_raw_body,
)
from newsman.ingest.edge import Edge
from newsman.ingest.inflating import too_large
from newsman.ingest.signatures import read_signature
from newsman.ingest.sources import Source


class UnknownSender(Exception):
    """No source's key or signature came with the push."""


async def read_push(edge: Edge, request: Request) -> tuple[Source, bytes]:
    """The sender and the body; raises UnknownSender or TooOften."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return await _read_signed(edge, request)
    source = edge.sources.find(authorization)
    if source is None:
        raise UnknownSender("this key is nobody's")
    edge.rates.count(source)
    return source, await read_body(request, edge.body_limits(source.max_body_bytes))


async def _read_signed(edge: Edge, request: Request) -> tuple[Source, bytes]:
    signature = read_signature(request.headers, now=edge.clock().timestamp())
    if signature is None:
        raise UnknownSender("neither a key nor a signature that counts")
    coding = content_coding(request)
    check_coding(coding, edge.body_limits())
    raw = await read_raw_body(request, edge.body_limits_of_strangers())
    if len(raw) > LARGE_BODY_BYTES:
        source = await asyncio.to_thread(edge.sources.find_signed, signature, raw)
    else:
        source = edge.sources.find_signed(signature, raw)
    if source is None:
        raise UnknownSender("this signature is nobody's")
    edge.rates.count(source)
    limits = edge.body_limits(source.max_body_bytes)
    if len(raw) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    return source, await inflated(raw, coding, limits)
