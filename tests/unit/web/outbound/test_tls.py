"""With TLS, an answer is read of whom the certificate names, and of nobody else."""

import asyncio
import socket
import ssl

import pytest
from tests.secure_broker import certificates
from tests.unit.web.outbound.receiving import PLAIN

from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import build_outbound_session


def here(host, port, **_):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


async def outcome(host, port):
    rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(port)))
    async with build_outbound_session(rule, look_up=here) as session:
        try:
            sent = [
                await session.send("POST", f"https://{host}:{port}/", body=b"{}", seconds=60)
                for _ in range(2)
            ]
        except NoAnswer as problem:
            return str(problem)
    return {(reply.status, reply.body) for reply in sent}


@pytest.mark.parametrize(
    ("host", "is_trusted", "told"),
    [
        ("127.0.0.1", True, {(200, b"ok")}),
        ("127.0.0.1", False, "its certificate is not valid"),
        ("elsewhere.example", True, "its certificate is not valid"),
    ],
)
def test_the_certificate_decides(monkeypatch, tmp_path, host, is_trusted, told):
    ca, keystore = certificates()
    (tmp_path / "ca.pem").write_text(ca)
    (tmp_path / "own.pem").write_text(keystore)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(tmp_path / "own.pem")

    async def answer(reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(PLAIN)
            await writer.drain()
        finally:
            writer.close()

    async def scenario():
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_side)
        async with server:
            return await outcome(host, server.sockets[0].getsockname()[1])

    assert asyncio.run(scenario()) == told
