"""Clients that send slowly, stop half-way or never read: cut off in time, others unaffected."""

import contextlib
import json
import socket
import time

import httpx
import pytest
from tests.waiting import paced

KEY = {"Authorization": "Bearer demo-key"}
PATIENCE_SECONDS = 1.0
LIMIT_SECONDS = 15.0
"""Shorter than the patience that ingest has unless it is told; the tests wait no longer."""
ARTICLE = json.dumps({"uri": "urn:slow", "headline": "A line"}).encode()
HEAD = (
    b"POST /v1/articles HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-key\r\n"
    b"Content-Type: application/json\r\n"
)


@pytest.fixture(scope="module")
def ingest(start_module_service):
    return start_module_service(
        "ingest", NEWSMAN_CLIENT_TIMEOUT_SECONDS=str(PATIENCE_SECONDS)
    ).wait_ready()


@pytest.fixture
def connect(ingest):
    with contextlib.ExitStack() as stack:

        def connect(sent=b""):
            client = socket.create_connection(("127.0.0.1", int(ingest.env["NEWSMAN_PORT"])))
            stack.enter_context(client)
            client.settimeout(LIMIT_SECONDS)
            client.sendall(sent)
            return client

        yield connect


def dripped(client, data, every_seconds=0.1):
    """What came back to one who sends a byte at a time, until the connection is closed."""
    deadline = time.monotonic() + LIMIT_SECONDS
    client.settimeout(every_seconds)
    came = b""
    for number in range(1_000_000):
        assert time.monotonic() < deadline, "never cut off"
        try:
            client.sendall(data[number % len(data) :][:1])
            part = client.recv(4_096)
        except TimeoutError:
            continue
        except OSError:
            return came
        came += part
        if not part:
            return came
    return came


def answer_of(client):
    """All that comes until the server closes the connection."""
    came = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            came += part
    return came


def status_of(answer):
    return int(answer.split(b" ", 2)[1]) if answer else None


def length(body_bytes):
    return b"Content-Length: %d\r\n\r\n" % body_bytes


@pytest.mark.parametrize(
    ("sent", "drip", "statuses"),
    [
        (b"", b"POST /v1/articles HTTP/1.1\r\nX-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", {408}),
        (b"POST ", b"/", {408}),
        (HEAD, b"X", {408}),
        (b"", b"\r\n", {None}),
        (HEAD + length(1_000), b"{", {408}),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", {408}),
        (HEAD.replace(b"demo-key", b"wrong") + length(1_000), b" ", {401}),
        (HEAD + length(900_000_000), b" ", {413}),
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + length(1_000), b" ", {404}),
        (b"GET /v1/views.js HTTP/1.1\r\nHost: x\r\n\r\n", b"\r\n", {200}),
    ],
    ids=[
        "no header yet", "endless path", "endless header", "empty lines", "body", "chunks",
        "body of nobody", "body too large", "body for nothing", "after an answer",
    ],
)  # fmt: skip
def test_who_drips_is_cut_off(connect, sent, drip, statuses):
    assert status_of(dripped(connect(sent), drip)) in statuses


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (HEAD, 408),
        (HEAD + length(len(ARTICLE)) + ARTICLE[:-1], 408),
        (HEAD + b"Content-Encoding: gzip\r\n" + length(20) + b"\x1f\x8b", 408),
    ],
)
def test_who_falls_silent_is_cut_off(connect, sent, status):
    assert status_of(answer_of(connect(sent))) == status


@pytest.mark.parametrize(
    "sent", [b"", HEAD, HEAD + length(len(ARTICLE)) + ARTICLE[:-1]], ids=["nothing", "head", "body"]
)
def test_who_sends_no_more_before_the_end_is_closed_at_once(connect, sent):
    client = connect(sent)
    client.shutdown(socket.SHUT_WR)
    assert status_of(answer_of(client)) in {None, 400}


def test_who_sends_no_more_after_the_end_is_still_answered(connect):
    client = connect(HEAD + length(len(ARTICLE)) + ARTICLE)
    client.shutdown(socket.SHUT_WR)
    answer = answer_of(client)
    assert status_of(answer) == 202
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("after", [1_000, 60_000], ids=["good requests", "nonsense at last"])
def test_who_never_reads_is_cut_off(connect, after):
    asked = b"GET /v1/views.js HTTP/1.1\r\nHost: x\r\n\r\n" * after
    if after > 1_000:
        asked += b"\0\r\n\r\n"
    client = connect()
    client.settimeout(1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deadline, position = time.monotonic() + 40, 0
    with pytest.raises(ConnectionError):
        while time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                position = (position + client.send(asked[position:])) % len(asked)


@pytest.mark.alone
def test_a_slow_but_steady_body_is_taken(connect):
    body = json.dumps({"uri": "urn:steady", "headline": "A", "body_text": "b" * 60_000}).encode()
    client = connect(HEAD + length(len(body)))
    pieces = range(0, len(body), 3_000)  # 20 over twice the patience
    for start in paced(pieces, every_seconds=PATIENCE_SECONDS / 10):
        client.sendall(body[start : start + 3_000])
    assert client.recv(4_096).startswith(b"HTTP/1.1 202")


def test_others_are_served_meanwhile(connect, ingest, eventually):
    slow = [connect(HEAD + b"X-A: ") for _ in range(300)]
    slow += [connect(HEAD + length(1_000) + b"{") for _ in range(300)]
    with httpx.Client(base_url=ingest.url, headers=KEY, timeout=LIMIT_SECONDS) as client:
        for number in range(50):
            article = {"uri": f"urn:{number}", "headline": "A line"}
            assert client.post("/v1/articles", json=article).status_code == 202
    assert {status_of(answer_of(client)) for client in slow} == {408}
