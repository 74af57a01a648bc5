"""A client that goes in the moment in which the server gives up waiting for it."""

import asyncio
import socket
import struct

import pytest
import uvloop

from newsman.web.addresses import Networks
from newsman.web.limits import OPS_LIMITS
from newsman.web.server.serve import build_server, listen

RESET = struct.pack("ii", 1, 0)
HALF_REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
]


async def application(scope, receive, _send):
    assert scope["type"] == "http"
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
@pytest.mark.parametrize("sent", HALF_REQUESTS)
@pytest.mark.parametrize("resets", [False, True])
def test_the_server_goes_on(run, sent, resets):
    async def main() -> None:
        async with asyncio.timeout(20):
            await reset()

    async def reset() -> None:
        with listen("127.0.0.1", 0, variable="PORT") as listener:
            server = build_server(
                application, host="127.0.0.1", port=0, limits=OPS_LIMITS, trusted=Networks("")
            )
            serving = asyncio.create_task(server.serve([listener]))
            client = socket.create_connection(listener.getsockname())
            if resets:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.sendall(sent)
            connections = server.server_state.connections
            while not connections:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            client.close()
            # Nothing is awaited: the loop has not heard of it.
            for connection in tuple(connections):
                connection.close_if_stale(asyncio.get_running_loop().time() + 3_600)
            while connections:
                await asyncio.sleep(0.01)
            server.should_exit = True
            await serving

    run(main())
