"""Whatever a receiver answers, it costs a bounded time and memory, and its status counts."""

import asyncio
import gzip
import threading

import pytest
from tests.unit.web.outbound.receiving import listening

from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import MOST_BYTES, build_outbound_session


async def replies(answer=b"", *, talk=None, seconds=20.0, times=1, **request):
    async with listening(answer, talk=talk) as receiver:
        rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(receiver.port)))
        async with build_outbound_session(rule) as session:
            url = f"http://127.0.0.1:{receiver.port}/hook"
            found = [
                await session.send("POST", url, seconds=seconds, **request) for _ in range(times)
            ]
        return found, receiver


def reply(answer=b"", **options):
    return asyncio.run(replies(answer, **options))[0][0]


def test_a_request_says_who_asks_and_an_answer_is_read():
    headers = {"content-type": "application/json", "webhook-id": "msg_1"}
    (found,), receiver = asyncio.run(
        replies(
            b"HTTP/1.1 202 x\r\nRetry-After: 7\r\ncontent-length: 5\r\n\r\nhello",
            body=b"{}",
            headers=headers,
        )
    )
    assert (found.status, found.body, found.is_whole) == (202, b"hello", True)
    assert found.headers["retry-after"] == "7"
    head = receiver.requests[0].lower()
    assert head.startswith(b"post /hook http/1.1\r\n")
    for line in (
        b"user-agent: newsman-deliver",
        b"accept-encoding: identity",
        b"webhook-id: msg_1",
    ):
        assert line in head
    assert b"cookie" not in head


def test_cookies_are_not_kept():
    answer = b"HTTP/1.1 200 x\r\nset-cookie: a=b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    _, receiver = asyncio.run(replies(answer, times=2))
    assert len(receiver.requests) == 2
    assert b"cookie" not in receiver.requests[1].lower()


ENDLESS = b"x" * (MOST_BYTES * 4)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 x\r\ncontent-length: 9999999999\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", b"ok"),
        (b"HTTP/1.1 200 x\r\ncontent-length: 999999\r\n\r\n" + ENDLESS, ENDLESS[:MOST_BYTES]),
        (b"HTTP/1.1 200 x\r\n\r\n" + ENDLESS, ENDLESS[:MOST_BYTES]),
    ],
)
def test_a_body_that_breaks_off_or_does_not_end_leaves_the_status(answer, body):
    found = reply(answer)
    assert (found.status, found.is_whole) == (200, False)
    assert body.startswith(found.body)
    assert len(found.body) <= MOST_BYTES


def test_exactly_as_much_as_is_read_is_whole():
    body = b"x" * MOST_BYTES
    found = reply(b"HTTP/1.1 200 x\r\ncontent-length: %d\r\n\r\n" % MOST_BYTES + body)
    assert (found.is_whole, found.body) == (True, body)


def test_what_is_packed_stays_packed():
    bomb = gzip.compress(bytes(30 * 1024 * 1024))
    head = b"HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    found = reply(head + bomb)
    assert found.body == bomb[:MOST_BYTES]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 x\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
        b"HTTP/1.1 200 x\r\na: " + b"b" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 x\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
        b"HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 99999 x\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_told_in_words(answer):
    with pytest.raises(NoAnswer) as told:
        reply(answer)
    assert str(told.value) in {
        "the answer is no HTTP",
        "the connection was closed without an answer",
    }


async def drop_headers(_, writer):
    writer.write(b"HTTP/1.1 200 x\r\n")
    while not writer.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def never_go_on(_, writer):
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("talk", [drop_headers, never_go_on])
def test_an_answer_that_comes_drop_by_drop_ends_with_the_time(talk):
    with pytest.raises(NoAnswer, match="no answer in time"):
        reply(talk=talk, seconds=0.5)


def test_a_body_that_comes_drop_by_drop_ends_with_the_time_and_leaves_the_status():
    async def drip(_, writer):
        writer.write(b"HTTP/1.1 201 x\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    found = reply(talk=drip, seconds=0.5)
    assert (found.status, found.is_whole) == (201, False)
    assert found.body.startswith(b"x")


def test_nobody_listening_is_told_without_the_address():
    async def scenario():
        async with listening() as gone:
            pass
        rule = OutboundPolicy(Networks("127.0.0.0/8"), Ports(str(gone.port)))
        async with build_outbound_session(rule) as session:
            with pytest.raises(NoAnswer) as told:
                await session.send("GET", f"http://127.0.0.1:{gone.port}/?token=s3cret", seconds=5)
        return str(told.value)

    assert asyncio.run(scenario()) == "connection refused"


def test_slow_name_servers_hold_up_their_own_names_only():
    answered = threading.Event()

    def look_up(host, port, **kind):
        if host.endswith("slow.example"):
            answered.wait(20)
        raise OSError(5, "no")

    async def scenario():
        rule = OutboundPolicy(Networks(""), Ports("80"))
        async with build_outbound_session(rule, look_up=look_up) as session:
            slow = [
                asyncio.create_task(told(session, f"http://{n}.slow.example/")) for n in range(40)
            ]
            other = await told(session, "http://quick.other/")
            answered.set()
            return other, await asyncio.gather(*slow)

    async def told(session, url):
        with pytest.raises(NoAnswer) as refusal:
            await session.send("GET", url, seconds=30)
        return str(refusal.value)

    other, slow = asyncio.run(scenario())
    assert other == "input/output error"
    assert slow.count("its name can't be looked up now") == 36
