"""A Starlette application that answers one body, as quickly as Starlette does.

`bare_feed.py FILE ETAG PORT`
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    """Serves until it is ended."""
    body, etag, port = Path(sys.argv[1]).read_bytes(), sys.argv[2], int(sys.argv[3])
    headers = {"ETag": etag}

    async def feed(request: Request) -> Response:
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/feed+json", headers=headers)

    app = Starlette(routes=[Route("/", feed)])
    uvicorn.run(app, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
