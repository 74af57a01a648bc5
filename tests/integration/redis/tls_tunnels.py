"""TLS before servers that speak none."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.secure_broker import certificates

HOST = "127.0.0.1"
CHUNK_BYTES = 65_536
START_LIMIT_SECONDS = 30
CLOSE_SECONDS = 0.05


@contextmanager
def tls_tunnels(folder: Path, ports: Mapping[int, int]) -> Iterator[Path]:
    """Listeners that speak TLS, by their ports, each before the server of another port; answers the
    file of their CA."""
    ca, keystore = certificates()
    (folder / "ca.pem").write_text(ca)
    (folder / "own.pem").write_text(keystore)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    loop, started = asyncio.new_event_loop(), threading.Event()
    serving = loop.create_task(_serve(ports, context, started))
    thread = threading.Thread(target=lambda: loop.run_until_complete(serving))
    thread.start()
    assert started.wait(START_LIMIT_SECONDS)
    try:
        yield folder / "ca.pem"
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join()
        loop.close()


async def _serve(ports: Mapping[int, int], context: ssl.SSLContext, started: threading.Event):
    servers = [
        await asyncio.start_server(_to(inner), HOST, port, ssl=context)
        for port, inner in ports.items()
    ]
    started.set()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    for server in servers:
        server.close()
    connected = asyncio.all_tasks() - {asyncio.current_task()}
    for task in connected:
        task.cancel()
    await asyncio.gather(*connected, return_exceptions=True)
    await asyncio.sleep(CLOSE_SECONDS)


def _to(port: int):
    async def connected(reader, writer) -> None:
        other_reader, other_writer = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_forward(reader, other_writer), _forward(other_reader, writer))

    return connected


async def _forward(reader, writer) -> None:
    try:
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()
