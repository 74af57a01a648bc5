"""What one writes first: a Starlette stream with a queue per reader. `bare_stream.py PORT`"""

import asyncio
import sys
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


def main() -> None:
    """Serves until it is ended."""
    queues: set[asyncio.Queue[bytes]] = set()

    async def frames() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queues.add(queue)
        try:
            yield b":ok\n\n"
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)

    async def stream(_: Request) -> Response:
        return StreamingResponse(frames(), media_type="text/event-stream")

    async def publish(request: Request) -> Response:
        frame = await request.body()
        for queue in queues:
            queue.put_nowait(frame)
        return Response()

    routes = [Route("/v1/stream", stream), Route("/", publish, methods=["GET", "POST"])]
    port = int(sys.argv[1])
    app = Starlette(routes=routes)
    uvicorn.run(app, port=port, log_config=None, access_log=False, timeout_keep_alive=60)


if __name__ == "__main__":
    main()
