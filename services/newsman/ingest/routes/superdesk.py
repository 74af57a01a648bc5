"""The push endpoints of Superdesk's Newsroom and Web Publisher, answering as they do.

Superdesk's HTTP push gives up for good on any 4xx and tries again after a 5xx, so that whatever
may pass by itself is answered with 503.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.formats.renditions import look_at_item
from newsman.ingest.pushes import Prepared
from newsman.ingest.rejected.how_read import how_asked
from newsman.ingest.routes.answers import CHALLENGE, sentence, told
from newsman.ingest.routes.articles import reading_of, take
from newsman.ingest.routes.authenticate import UnknownSender, answered_once, read_push
from newsman.ingest.routes.media import store_binary, with_own_addresses
from newsman.ingest.sources.rate_limit import TooOften
from newsman.ingest.sources.sources_file import Source
from newsman.web.problems import EchoingResponse, problem

NINJS = "ninjs"
Answer = Callable[[IngestContext, Request, Source, bytes], Awaitable[Response]]


async def push_item(edge: IngestContext, request: Request) -> Response:
    """Newsroom's POST /push: 200 {}, 403 for a wrong signature, 400 for what can't be taken."""
    return await _answered(edge, request, _push_item, unknown_status=403)


async def push_content(edge: IngestContext, request: Request) -> Response:
    """Web Publisher's POST /api/v1|v2/content/push: 201, 401 for a wrong signature."""
    return await _answered(edge, request, _push_content, unknown_status=401)


async def push_binary(edge: IngestContext, request: Request) -> Response:
    """Newsroom's POST /push_binary, which Superdesk's `assets_url` may name: 201, 403."""
    return await _answered(edge, request, store_binary, unknown_status=403)


async def _push_item(
    edge: IngestContext, request: Request, source: Source, body: bytes
) -> Response:
    how = how_asked(request, NINJS)
    try:
        look = await reading_of(edge, source, body, look_at_item)
    except BadDocument as error:
        edge.parking.park(source.id, "unreadable", str(error), body, how)
        raise
    if look.missing:
        place = replace(how, place=f"/{look.missing}")
        edge.parking.park(source.id, "invalid", f"no {look.missing} that counts", body, place)
        return JSONResponse({"error": {look.missing: 1}}, status_code=400)
    body = await with_own_addresses(edge, source, look.media, body)
    prepared = await take(edge, request, source, body, format_name=NINJS)
    return _refusal(prepared) or JSONResponse(_warnings(prepared))


async def _push_content(
    edge: IngestContext, request: Request, source: Source, body: bytes
) -> Response:
    # What is no JSON is refused where it is taken, and parked there.
    with suppress(BadDocument):
        look = await reading_of(edge, source, body, look_at_item)
        body = await with_own_addresses(edge, source, look.media, body)
    prepared = await take(edge, request, source, body, format_name=NINJS)
    return _refusal(prepared) or JSONResponse(
        {"status": "OK", **_warnings(prepared)}, status_code=201
    )


async def _answered(
    edge: IngestContext, request: Request, answer: Answer, *, unknown_status: int
) -> Response:
    try:
        pushed = await read_push(edge, request)
        return await answered_once(
            edge, pushed, lambda: answer(edge, request, pushed.source, pushed.body)
        )
    except UnknownSender as error:
        headers = CHALLENGE if unknown_status == 401 else None
        return problem(unknown_status, str(error), headers=headers)
    except TooOften as error:
        return problem(503, str(error), headers={"Retry-After": str(error.retry_after)})


def _warnings(prepared: Prepared) -> dict[str, Any]:
    """The member that says what the item was taken without; none where it was taken whole."""
    warnings = told([issue for item in prepared.good for issue in item.warnings])
    return {"warnings": warnings} if warnings else {}


def _refusal(prepared: Prepared) -> Response | None:
    problems = [issue for item in prepared.items for issue in item.problems]
    if not problems:
        return None
    fields = {issue.pointer.strip("/") or "item": issue.detail for issue in problems}
    return EchoingResponse({"error": fields, "detail": sentence(problems)}, status_code=400)
