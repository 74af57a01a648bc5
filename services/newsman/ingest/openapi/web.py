"""GET /openapi.json and GET /docs."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsman.ingest.openapi.document import rendered
from newsman.ingest.openapi.page import BASE_HEADERS, page_headers, rendered_page


def openapi_routes() -> list[Route]:
    """The document for programs, which any site may read, and for people."""

    async def serve_document(_: Request) -> Response:
        headers = {**BASE_HEADERS, "Access-Control-Allow-Origin": "*"}
        return Response(rendered(), media_type="application/json", headers=headers)

    async def serve_page(_: Request) -> Response:
        return HTMLResponse(rendered_page(), headers=page_headers())

    return [Route("/openapi.json", serve_document), Route("/docs", serve_page)]
