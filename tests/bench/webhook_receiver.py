"""A receiver of webhooks that costs as little as it can: it answers 204 and notes what came when.

`GET /` answers, as JSON, how many came, and of each path the first arrival of each article.
`slow` in a path is never answered.
"""

import asyncio
import json
import sys
import time

import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Arrivals:
    """The first arrival of each article at each path, in Unix seconds."""

    def __init__(self) -> None:
        self.first: dict[str, dict[str, float]] = {}
        self.count = 0

    def note(self, path: str, article: str) -> None:
        """One webhook has come whole."""
        self.count += 1
        self.first.setdefault(path, {}).setdefault(article, time.time())


class Receiving(asyncio.Protocol):
    """One connection, with requests that have a Content-Length, one after the other."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A sender has connected."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """More of a request, or several."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            path = self._buffer.split(b" ", 2)[1].decode()
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(path, body)

    def _answer(self, path: str, body: bytes) -> None:
        if not body:
            told = json.dumps({"count": self._arrivals.count, "first": self._arrivals.first})
            content = told.encode() if path == "/" else str(self._arrivals.count).encode()
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
            self._transport.write(head + content)
        elif "slow" not in path:
            at = body.find(b'"data":{"id":"')
            self._arrivals.note(path, body[at + 14 : at + 30].decode("latin-1"))
            self._transport.write(ANSWER)


async def main(port: int) -> None:
    """Serves until it is ended."""
    arrivals = Arrivals()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Receiving(arrivals), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
