"""Every server bounds what a request, a connection and an address may cost."""

import contextlib
import os
import socket
import time
from pathlib import Path

import httpx
import pytest

from newsman.web.addresses import Networks
from newsman.web.limits import OPS_LIMITS, ServerLimits
from newsman.web.server.serve import build_server

from .serving import (
    GO_ON,
    STALLED,
    answer_of,
    application,
    connect,
    port_of,
    running,
    serving,
    statuses,
)

PATIENCE_SECONDS = 1.0
LIMITS = ServerLimits(patience_seconds=PATIENCE_SECONDS, pipelined=20)
POST = b"POST /echo HTTP/1.1\r\nHost: t\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
GET = b"GET /client HTTP/1.1\r\nHost: t\r\n\r\n"
LAST = b"GET /client HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def port():
    with serving(LIMITS) as port:
        yield port


def memory_mib():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def sent_until_refused(client, data, times):
    with contextlib.suppress(ConnectionError, TimeoutError):
        for _ in range(times):
            client.sendall(data)
    return statuses(answer_of(client))


@pytest.mark.parametrize(
    ("head", "data", "status"),
    [
        (b"GET /client HTTP/1.1\r\nHost: t\r\nX: ", b"x" * 65_536, 431),
        (b"GET /client?", b"x" * 65_536, 431),
        (b"", b"G" * 65_536, 400),
        (b"GET /client HTTP/1.1\r\n", b"a: b\r\n" * 10_000, 431),
        (b"GET /client HTTP/1.1\r\n" + b"x" * 100, b"y" * 65_536, 431),
        (b"", b"\r\n" * 30_000, 431),
        (CHUNKED, b"1;ext=" + b"x" * 65_536, 431),
        (CHUNKED, b"1;a=b;c=dddddddddddd\r\nx\r\n" * 3_000, 431),
        (CHUNKED, b"1\r\nx\r\n" * 10_000, 400),
        (CHUNKED + b"1\r\nx\r\n0\r\nT: ", b"t" * 65_536, 431),
        (CHUNKED + b"1\r\nx\r\n0\r\n", b"a: b\r\n" * 10_000, 431),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 1_000, 400),
    ],
    ids=[
        "a field's value", "the target", "the method", "fields", "a field's name", "empty lines",
        "a chunk's extension", "extensions", "tiny chunks", "a trailer's value", "trailer fields",
        "two lengths", "HTTP/2",
    ],
)  # fmt: skip
def test_what_costs_too_much_is_refused_and_costs_no_memory(port, head, data, status):
    before = memory_mib()
    with connect(port, head) as client:
        assert sent_until_refused(client, data, 500)[-1:] == [status]
    assert memory_mib() - before < 20


def test_what_is_within_the_bounds_is_answered(port):
    fields = b"".join(b"X-%d: %s\r\n" % (n, b"v" * 100) for n in range(90))
    with connect(port, GET[:-2] + fields + b"Connection: close\r\n\r\n") as client:
        assert statuses(answer_of(client)) == [200]
    body = b"".join(b"40\r\n" + b"x" * 64 + b"\r\n" for _ in range(20_000))
    with connect(port, CHUNKED + body + b"0\r\n\r\n") as client:
        assert answer_of(client).endswith(b"x" * 1_000)


def test_trailer_fields_are_no_headers_of_the_request(port):
    request = CHUNKED.replace(b"/echo", b"/fields") + b"0\r\nAuthorization: Bearer x\r\n\r\n"
    with connect(port, request) as client:
        assert answer_of(client).endswith(b"3")


@pytest.mark.parametrize("cut", [1, 20, len(GET) - 2])
def test_half_a_request_is_answered_and_closed(port, cut):
    began = time.monotonic()
    with connect(port, GET[:cut]) as client:
        assert statuses(answer_of(client)) == [408]
    assert time.monotonic() - began < 6 * PATIENCE_SECONDS


def test_silence_is_closed(port):
    with connect(port) as client:
        assert answer_of(client) == b""


def test_a_body_that_nobody_reads_in_time_is_refused(port):
    with connect(port, POST + b"Content-Length: 1000\r\n\r\nx") as client:
        assert statuses(answer_of(client)) == [408]


def test_a_stream_whose_client_goes_on_sending_is_ended(port):
    head = b"POST /endless HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
    with connect(port, head.replace(b"POST", b"GET")) as client:
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        client.sendall(b"1;" + b"x" * 60_000)
        came = answer_of(client)
    assert statuses(came) == []


def test_pipelined_requests_are_answered_in_order_and_those_beyond_the_bound_are_not(port):
    with connect(port, GET * 15 + LAST) as client:
        assert statuses(answer_of(client)) == [200] * 16
    with connect(port, GET * 5_000) as client:
        came = statuses(answer_of(client))
    assert came[-1] == 503
    assert set(came[:-1]) == {200}
    assert 20 <= len(came[:-1]) <= 40


def test_nonsense_behind_a_request_does_not_cost_the_answer_before_it(port):
    with connect(port, GET + b"\0\0\r\n\r\n") as client:
        assert statuses(answer_of(client)) == [200, 400]


@pytest.mark.parametrize("asked", ["websocket", "h2c"])
def test_an_upgrade_that_is_not_made_leaves_the_connection_as_it_is(port, asked):
    upgrade = GET[:-2] + b"Connection: upgrade\r\nUpgrade: %s\r\n\r\n" % asked.encode()
    with connect(port, upgrade + LAST) as client:
        assert statuses(answer_of(client)) == [200, 200]


def test_who_takes_nothing_of_an_answer_is_reset(port, eventually):
    with connect(port) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.sendall(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        state = Path("/proc/net/tcp")
        local = f":{client.getsockname()[1]:04X} "
        eventually(lambda: local not in _established(state.read_text()))


def _established(table):
    return "\n".join(line for line in table.splitlines() if line.split()[3] == "01")


def test_a_full_server_closes_the_connections_that_wait_longest():
    limits = ServerLimits(patience_seconds=30, connections=5)
    with serving(limits) as port, contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(connect(port, GET[:9])) for _ in range(5)]
        stack.enter_context(connect(port, b"GET /endless HTTP/1.1\r\nHost: t\r\n\r\n")).recv(100)
        assert statuses(answer_of(connect(port, LAST))) == [200]
        assert answer_of(waiting[0]) == b""
        assert answer_of(waiting[1]) == b""


def test_a_server_that_is_full_of_work_says_so():
    limits = ServerLimits(patience_seconds=30, connections=3)
    endless = b"GET /endless HTTP/1.1\r\nHost: t\r\n\r\n"
    with serving(limits) as port, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connect(port, endless)).recv(100)
        assert statuses(answer_of(connect(port))) == [503]


def test_one_address_has_its_share_of_the_connections_and_a_trusted_proxy_as_many_as_it_needs():
    limits = ServerLimits(patience_seconds=30, connections=100, connections_per_address=3)
    with serving(limits, trusted="127.0.0.7") as port, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connect(port))
        assert statuses(answer_of(connect(port))) == [503]
        assert statuses(answer_of(connect(port, LAST, own_address="127.0.0.2"))) == [200]
        for _ in range(20):
            stack.enter_context(connect(port, own_address="127.0.0.7"))
        assert statuses(answer_of(connect(port, LAST, own_address="127.0.0.7"))) == [200]


def test_a_place_is_free_again_once_its_connection_has_ended(eventually):
    limits = ServerLimits(patience_seconds=30, connections_per_address=2)
    with serving(limits) as port:
        for _ in range(10):
            eventually(lambda: statuses(answer_of(connect(port, LAST))) == [200])


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /page", 200),
        ("GET /nowhere", 404),
        ("POST /page", 405),
        ("GET /page/", 307),
        ("G@", 400),
    ],
)  # fmt: skip
def test_every_answer_has_the_headers_that_keep_browsers_safe(port, request_line, status):
    request = f"{request_line} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    with connect(port, request.encode()) as client:
        came = answer_of(client).lower()
    head = came.partition(b"\r\n\r\n")[0]
    assert statuses(came.replace(b"http/1.1", b"HTTP/1.1")) == [status]
    assert b"\r\nx-content-type-options: nosniff" in head
    assert b"\r\nreferrer-policy: same-origin" in head
    assert b"\r\ndate: " in head
    assert b"\r\nserver:" not in head
    assert b"evil" not in came
    assert (b"cross-origin-opener-policy: same-origin" in head) == (status == 200)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/page/", "/page"),
        ("/page///", "/page"),
        ("/folder", "/folder/"),
        ("/page/?a=b%2F&c", "/page?a=b%2F&c"),
        ("//evil.example/", None),
        ("/%2Fevil.example/", None),
        ("/%5Cevil.example/", None),
        ("/nowhere/", None),
    ],
)
def test_slash_redirects_name_a_path_and_no_host(port, path, location):
    request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: e\r\n"
    with connect(port, (request + "Connection: close\r\n\r\n").encode()) as client:
        head = answer_of(client).decode().partition("\r\n\r\n")[0]
    found = [line[10:] for line in head.split("\r\n") if line.lower().startswith("location: ")]
    assert found == ([location] if location else [])


def read_until(client, text):
    """Reads up to the text."""
    came = b""
    while text not in came:
        part = client.recv(65_536)
        assert part, f"closed after {came!r}"
        came += part


@pytest.fixture
def stall():
    """The events of `/stall`, as they are before the first one."""
    STALLED.clear()
    GO_ON.clear()
    yield STALLED, GO_ON
    GO_ON.set()


@pytest.mark.parametrize("patience_seconds", [0.5, 60.0], ids=["patience", "keep-alive"])
def test_a_request_that_came_while_the_loop_stood_still_is_answered_not_closed(
    eventually, monkeypatch, stall, patience_seconds
):
    stalled, go_on = stall
    monkeypatch.setattr("newsman.web.server.serve.KEEP_ALIVE_SECONDS", 1)
    with serving(ServerLimits(patience_seconds=patience_seconds)) as port:
        idle = connect(port, GET)
        read_until(idle, b"127.0.0.1")
        idle_since = time.monotonic()
        other = connect(port, b"GET /stall HTTP/1.1\r\nHost: t\r\n\r\n")
        assert stalled.wait(10)
        idle.sendall(LAST)
        eventually(lambda: time.monotonic() - idle_since > 1.2, what="the idle time is over")
        go_on.set()
        assert statuses(answer_of(idle)) == [200]
        read_until(other, b"stalled")


@pytest.mark.parametrize("limits", [ServerLimits(), OPS_LIMITS], ids=["public", "ops"])
def test_clients_close_idle_connections_before_the_server_does(limits):
    """A server that closes one first may do so while a request is on its way (RFC 9112, 9.3)."""
    server = build_server(application(), host="", port=0, limits=limits, trusted=Networks(""))
    idle_limit = min(server.config.timeout_keep_alive, limits.patience_seconds)
    assert idle_limit >= 2 * httpx.Limits().keepalive_expiry


def test_a_request_that_the_servers_end_cuts_off_is_told_to_come_again():
    with running(ServerLimits(), shutdown_seconds=1) as server:
        half = connect(port_of(server), POST + b"Content-Length: 9\r\n\r\nhalf")
        begun = connect(port_of(server), b"GET /endless HTTP/1.1\r\nHost: t\r\n\r\n")
        read_until(begun, b"line")
        server.should_exit = True
        answer = answer_of(half)
        assert statuses(answer) == [503]
        assert b"\r\nretry-after: 2\r\n" in answer.lower()
        assert b"application/problem+json" in answer
        assert statuses(answer_of(begun)) == []
