"""Connections are used again where that is safe, and closed where an answer was none of theirs."""

import asyncio

import pytest
import uvloop
from tests.unit.web.outbound.receiving import listening
from tests.waiting import until

from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.requests import request_bytes, target_of
from newsman.web.outbound.session import build_outbound_session

CHUNKED = b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n1\r\no\r\n1;a=b\r\nk\r\n0\r\n\r\n"
OK = b"HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\nok"


async def in_turn(answers, *, method="POST"):
    """What is answered to requests one after the other, and the number of connections."""
    left = iter(answers)

    async def talk(reader, writer):
        for answer in left:
            await reader.readexactly(2 if method == "POST" else 0)
            writer.write(answer)
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")

    async with listening(talk=talk) as receiver:
        rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(receiver.port)))
        async with build_outbound_session(rule) as session:
            url, found = f"http://127.0.0.1:{receiver.port}/hook", []
            for _ in answers:
                body = b"{}" if method == "POST" else None
                reply = await session.send(method, url, body=body, seconds=60)
                found.append((reply.status, reply.body, reply.is_whole))
        return found, receiver.connections


@pytest.mark.parametrize("runner", [asyncio.run, uvloop.run])
@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (OK, 1),
        (CHUNKED, 1),
        (b"HTTP/1.1 103 x\r\nlink: <a>\r\n\r\nHTTP/1.1 100 x\r\n\r\n" + OK, 1),
        (OK + b"HTTP/1.1 200 smuggled\r\ncontent-length: 0\r\n\r\n", 3),
        (OK + b"more than it said", 3),
        (b"HTTP/1.1 200 x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", 3),
        (b"HTTP/1.0 200 x\r\ncontent-length: 2\r\n\r\nok", 3),
    ],
)
def test_a_connection_is_used_again_after_an_answer_and_nothing_but_it(runner, answer, connections):
    found, used = runner(in_turn([answer] * 3))
    assert found == [(200, b"ok", True)] * 3
    assert used == connections


def test_an_answer_without_a_body_ends_with_its_head():
    for status in (204, 304):
        head = b"HTTP/1.1 %d x\r\n\r\n" % status
        assert asyncio.run(in_turn([head] * 2)) == ([(status, b"", True)] * 2, 1)
    found, _ = asyncio.run(in_turn([OK[:-2]], method="HEAD"))
    assert found == [(200, b"", True)]


def test_a_body_may_end_with_the_connection():
    async def scenario():
        async with listening(b"HTTP/1.1 200 x\r\n\r\nto the end") as receiver:
            rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(receiver.port)))
            async with build_outbound_session(rule) as session:
                url = f"http://127.0.0.1:{receiver.port}/"
                return await session.send("POST", url, body=b"{}", seconds=60)

    reply = asyncio.run(scenario())
    assert (reply.body, reply.is_whole) == (b"to the end", True)


def test_only_what_asks_is_sent_again_where_a_kept_connection_was_closed():
    async def scenario(method):
        requests = 0

        async def once(reader, writer):
            nonlocal requests
            writer.write(OK)
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")
            requests += 1

        async with listening(talk=once) as receiver:
            rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(receiver.port)))
            async with build_outbound_session(rule) as session:
                url = f"http://127.0.0.1:{receiver.port}/"
                await session.send(method, url, seconds=60)
                await until(lambda: receiver.connections)
                try:
                    outcome = (await session.send(method, url, seconds=60)).status
                except NoAnswer as problem:
                    outcome = str(problem)
            return outcome, requests, receiver.connections

    assert asyncio.run(scenario("GET")) == (200, 1, 2)
    outcome, requests, connections = asyncio.run(scenario("POST"))
    assert outcome in ("the connection was closed without an answer", "connection reset by peer")
    assert (requests, connections) == (1, 1)


def test_who_gives_up_leaves_no_connection_behind():
    async def scenario():
        closed = asyncio.Event()

        async def silent(reader, writer):
            await reader.read()
            closed.set()

        async with listening(talk=silent) as receiver:
            rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(receiver.port)))
            async with build_outbound_session(rule) as session:
                url = f"http://127.0.0.1:{receiver.port}/"
                asking = asyncio.create_task(session.send("GET", url, seconds=60))
                await until(lambda: receiver.requests)
                asking.cancel()
                await asyncio.wait_for(closed.wait(), 60)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers", [{"link": "a\r\nx: y"}, {"a\nb": "c"}, {"a": "b\x00"}, {"a b": "c"}, {"a:": "b"}]
)
def test_a_header_stays_one_header(headers):
    with pytest.raises(ValueError, match="can't be sent"):
        request_bytes("POST", target_of("http://a.example/"), headers, b"{}")


def test_a_request_names_host_and_length_and_what_is_usual_once():
    url = "http://bücher.example:8080/p äth?q=ü&x=%2F#part"
    sent = request_bytes("POST", target_of(url), {"accept": "a/b"}, b"news")
    assert sent == (
        b"POST /p%20%C3%A4th?q=%C3%BC&x=/ HTTP/1.1\r\n"
        b"Host: xn--bcher-kva.example:8080\r\n"
        b"Accept-Encoding: identity\r\n"
        b"User-Agent: newsman-deliver\r\n"
        b"accept: a/b\r\n"
        b"Content-Length: 4\r\n\r\nnews"
    )
    assert b"Content-Length: 0\r\n" in request_bytes("POST", target_of(url), {}, None)
    assert b"Content-Length" not in request_bytes("GET", target_of(url), {}, None)
    assert b"Host: [2001:db8::1]\r\n" in request_bytes(
        "GET", target_of("http://[2001:db8::1]:80/"), {}, None
    )
