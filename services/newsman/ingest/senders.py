"""Who sends a push, and what it may send; nothing is parsed before that is known."""

import asyncio

from starlette.requests import Request

from newsman.ingest.beside import LARGE_BODY_BYTES
from newsman.ingest.bodies import inflate, read_body, read_raw_body
from newsman.ingest.edge import Edge
from newsman.ingest.signatures import read_signature
from newsman.ingest.sources import Source


class UnknownSender(Exception):
    """No source's key or signature came with the push."""


async def read_push(edge: Edge, request: Request) -> tuple[Source, bytes]:
    """The sender and the body; raises UnknownSender or TooOften."""
    limit_bytes = edge.settings.max_body_bytes
    patience = edge.settings.client_timeout_seconds
    authorization = request.headers.get("authorization")
    if authorization is not None:
        source = edge.sources.find(authorization)
        if source is None:
            raise UnknownSender("this key is nobody's")
        edge.rates.count(source)
        own_limit = min(limit_bytes, source.max_body_bytes or limit_bytes)
        return source, await read_body(request, limit_bytes=own_limit, patience_seconds=patience)
    signature = read_signature(request.headers, now=edge.clock().timestamp())
    if signature is None:
        raise UnknownSender("neither a key nor a signature that counts")
    raw = await read_raw_body(request, limit_bytes=limit_bytes, patience_seconds=patience)
    if len(raw) > LARGE_BODY_BYTES:
        source = await asyncio.to_thread(edge.sources.find_signed, signature, raw)
    else:
        source = edge.sources.find_signed(signature, raw)
    if source is None:
        raise UnknownSender("this signature is nobody's")
    edge.rates.count(source)
    own_limit = min(limit_bytes, source.max_body_bytes or limit_bytes)
    coding = request.headers.get("content-encoding", "identity")
    return source, inflate(raw, coding=coding, limit_bytes=own_limit)
