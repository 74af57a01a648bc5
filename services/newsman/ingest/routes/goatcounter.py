"""POST /api/v0/count: answers GoatCounter's clients as it does (https://www.goatcounter.com/api)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from newsman.ingest.context import IngestContext
from newsman.ingest.formats.model import BadDocument
from newsman.ingest.routes.answers import CHALLENGE
from newsman.ingest.routes.bodies import read_body
from newsman.ingest.routes.views import send_visits
from newsman.ingest.views.goatcounter_hits import read_hits


async def push_hits(edge: IngestContext, request: Request) -> Response:
    """202 when all are stored; 400 names those that are not, and the others are."""
    source = edge.sources.find(request.headers.get("authorization"))
    if source is None:
        answer = {"error": "a source's key is needed"}
        return JSONResponse(answer, status_code=401, headers=CHALLENGE)
    body = await read_body(request, edge.body_limits())
    try:
        visits, errors = read_hits(body, source.id, now=edge.clock())
    except BadDocument as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    await send_visits(edge, source, visits)
    if errors:
        return JSONResponse({"errors": errors}, status_code=400)
    return JSONResponse({}, status_code=202)
