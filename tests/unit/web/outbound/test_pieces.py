"""An answer is read alike, in whatever pieces it comes."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from newsman.web.outbound.connection import OutboundConnection

HEAD = b"HTTP/1.1 200 x\r\n"
ANSWERS = [
    HEAD + b"content-length: 5\r\nretry-after: 7\r\n\r\nhello",
    HEAD + b"content-length: 2\r\n\r\nhello",
    HEAD + b"transfer-encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\na: b\r\n\r\n",
    HEAD + b"transfer-encoding: chunked\r\n\r\n3\r\nhel\r\nzz\r\n",
    HEAD + b"transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n3\r\nhel\r\n0\r\n\r\n",
    HEAD + b"\r\nuntil the end",
    b"HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\na: b\r\n\r\nHTTP/1.1 204 x\r\n\r\n",
    b"HTTP/1.1 101 x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\nPRI * HTTP/2.0\r\n\r\n",
    b"HTTP/1.1 410 x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    b"HTTP/1.1 2000 x\r\n\r\n",
    b"\x15\x03\x01\x00\x02\x02\x46",
    b"<html>\r\n\r\n",
]


@dataclass
class Wire(asyncio.Transport):
    """Takes what is written; is closed when told to."""

    is_aborted: bool = False
    written: list[bytes] = field(default_factory=list)

    def write(self, data):
        self.written.append(data)

    def abort(self):
        self.is_aborted = True

    def is_closing(self):
        return self.is_aborted

    def get_write_buffer_size(self):
        return 0


async def outcome(pieces):
    """The answer, or why there is none, and whether the connection may be used again."""
    freed = []
    connection, wire = OutboundConnection(freed.append, lambda _: None), Wire()
    connection.connection_made(wire)
    done = connection.ask(b"", is_head=False, deadline=1e9, most_bytes=8)
    for piece in pieces:
        if not wire.is_aborted:
            connection.data_received(piece)
    connection.connection_lost(None)
    try:
        reply = await done
    except (OSError, ValueError) as problem:
        return type(problem)
    return reply.status, reply.body, reply.is_whole, bool(freed) and not wire.is_aborted


@pytest.mark.parametrize("answer", ANSWERS)
def test_where_it_is_cut_makes_no_difference(answer):
    async def scenario():
        return {
            await outcome(pieces)
            for cut in range(1, len(answer))
            for pieces in (
                [answer],
                [answer[:cut], answer[cut:]],
                [answer[at : at + cut] for at in range(0, len(answer), cut)],
            )
        }

    assert len(asyncio.run(scenario())) == 1


def test_no_bytes_make_it_fail_in_another_way():
    chance = random.Random(7)

    async def scenario():
        for _ in range(3_000):
            answer = bytearray(chance.choice(ANSWERS))
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(answer))
                answer[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 3))
            cut = chance.randint(1, len(answer) or 1)
            await outcome([bytes(answer[:cut]), bytes(answer[cut:])])

    asyncio.run(scenario())
