"""GET /openapi.json and GET /docs."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsman.web.openapi.page import BASE_HEADERS, page_headers, render_page


def openapi_routes(document: Callable[[], dict[str, Any]]) -> list[Route]:
    """The document for programs, which any site may read, and for people; made when asked for."""

    @cache
    def for_programs() -> str:
        return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"

    @cache
    def for_people() -> str:
        return render_page(document())

    async def serve_document(_: Request) -> Response:
        headers = {**BASE_HEADERS, "Access-Control-Allow-Origin": "*"}
        return Response(for_programs(), media_type="application/json", headers=headers)

    async def serve_page(_: Request) -> Response:
        return HTMLResponse(for_people(), headers=page_headers())

    return [Route("/openapi.json", serve_document), Route("/docs", serve_page)]
