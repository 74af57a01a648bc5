"""Bodies that are made to cost: answered within a second, at no cost that lasts, with no 5xx."""

import gzip
import json
import os
import re
import socket
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest

MIB = 1024 * 1024
LONGEST_SECONDS = 1.0
MOST_MIB = 150
"""What ingest may grow by; one body may be 15 MiB, which a parser holds several times."""

KEY = "Bearer demo-key"
BILLION_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><{root}>&a9;</{root}>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:{port}/e">]><{root}>&e;</{root}>'
ELSEWHERE = '<!DOCTYPE {root} SYSTEM "http://127.0.0.1:{port}/dtd"><{root}/>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p"> %p;]><{root}/>'
ROOTS = {
    "application/rss+xml": "rss",
    "application/atom+xml": "feed",
    "application/nitf+xml": "nitf",
    "application/vnd.iptc.g2.newsitem+xml": "newsItem",
    "application/newsml+xml": "NewsML",
    "application/xml": "rss",
}


@pytest.fixture(scope="module")
def ingest(start_module_service, eventually):
    service = start_module_service("ingest").wait_ready()
    # What is made once, as schemas and the parsers' own tables, is none of an attack's cost.
    post(service, b'{"uri": "urn:1", "headline": "x"}', "application/vnd.iptc.ninjs+json")
    post(service, b"<title>A</title><p>b</p>", "text/html")
    eventually(lambda: sum(map(has_started, folders(service)[1:])) == 2)
    return service


@pytest.fixture(scope="module")
def trap():
    """Something that listens; answers how often it was asked."""
    server = socket.create_server(("127.0.0.1", 0))
    asked = []

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            asked.append(connection)
            connection.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], asked
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def post(ingest, body: bytes, kind: str, *, path: str = "/v1/articles", **headers: str) -> int:
    """The status; 0 where the connection was closed instead."""
    connection = HTTPConnection("127.0.0.1", int(ingest.env["NEWSMAN_PORT"]), timeout=20)
    try:
        sent = {"Authorization": KEY, "Content-Type": kind, **headers}
        connection.request("POST", path, body, sent)
        return connection.getresponse().status
    except (ConnectionError, BrokenPipeError):
        return 0
    finally:
        connection.close()


def folders(ingest) -> list[Path]:
    """What the kernel tells of ingest, and of the process beside it that reads what is large."""
    main = Path(f"/proc/{ingest.pid}")
    children = (main / "task" / str(ingest.pid) / "children").read_text().split()
    return [main, *(Path(f"/proc/{child}") for child in children)]


def has_started(folder: Path) -> bool:
    """Whether a process that reads has loaded everything, and limited its memory."""
    return "Max address space         unlimited" not in (folder / "limits").read_text()


def resident_mib(ingest) -> float:
    found = [(folder / "status").read_text() for folder in folders(ingest)]
    return sum(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) for status in found) / 1024


def busy_seconds(ingest) -> float:
    """The processor's time that ingest has used: what others do on the machine is no part of it."""
    found = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in folders(ingest)]
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in found)
    return ticks / os.sysconf("SC_CLK_TCK")


def attacked(ingest, body: bytes, kind: str, **options: str) -> int:
    """The status, after the time and the memory have been looked at."""
    before, began = resident_mib(ingest), busy_seconds(ingest)
    status = post(ingest, body, kind, **options)
    took = busy_seconds(ingest) - began
    print(f"{status} after {took:.2f} s, {resident_mib(ingest) - before:.0f} MiB more")
    assert took < LONGEST_SECONDS, f"{took:.2f} s"
    assert resident_mib(ingest) - before < MOST_MIB
    assert status < 500
    return status


@pytest.mark.parametrize("kind", ROOTS)
@pytest.mark.parametrize("attack", [BILLION_LAUGHS, OUTSIDE, ELSEWHERE, PARAMETER])
def test_entities_and_document_types_fetch_nothing(ingest, trap, kind, attack):
    port, asked = trap
    body = attack.replace("{root}", ROOTS[kind]).replace("{port}", str(port)).encode()
    assert attacked(ingest, body, kind) in (400, 415)
    assert asked == []


DEEP = {
    "json": (b'{"uri":"urn:1","headline":"x","a":' + b"[" * 5 * MIB, "application/json"),
    "closed json": (b"[" * 900 + b"]" * 900, "application/json"),
    "elements": (b"<nitf>" + b"<p>" * 4 * MIB, "application/nitf+xml"),
    "attributes": (
        b"<newsItem " + b" ".join(b'a%d=""' % n for n in range(1_000_000)) + b"/>",
        "application/vnd.iptc.g2.newsitem+xml",
    ),
    "attributes of a feed": (
        b"<rss><item " + b" ".join(b'a%d=""' % n for n in range(1_000_000)) + b"/></rss>",
        "application/rss+xml",
    ),
    "one long attribute": (b'<nitf a="' + b"x" * 14 * MIB + b'"/>', "application/nitf+xml"),
    "tags never ended": (b"<" * 14 * MIB, "text/html"),
    "comments never ended": (b"<rss><!--" * MIB, "application/rss+xml"),
    "references": (b"<rss><item><title>" + b"&amp;" * 2 * MIB, "application/rss+xml"),
    "a long author": (
        b"<rss><item><title>x</title><author>" + b"a(" * 16_384 + b"</author></item></rss>",
        "application/rss+xml",
    ),
    "a long date": (
        b"<rss><item><title>x</title><pubDate>" + b"1 Mar " * 500_000 + b"</pubDate></item></rss>",
        "application/rss+xml",
    ),
    "many lines": (b"{}\n" * 300_000, "application/x-ndjson"),
    "many parts": (b"--x\r\n\r\n{}\r\n" * 300_000 + b"--x--", "multipart/mixed; boundary=x"),
    "many keys": (
        b"{" + b",".join(b'"%d":1' % n for n in range(300_000)) + b"}",
        "application/json",
    ),
    "many items": (b"[" + b",".join([b"{}"] * 1_000_000) + b"]", "application/json"),
    "a number without end": (
        b'{"headline":"x","version":' + b"9" * 5 * MIB + b"}",
        "application/json",
    ),
    "a text": (b"word " * 2 * MIB, "text/plain"),
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_deep_long_or_many_is_answered_in_time(ingest, name):
    body, kind = DEEP[name]
    assert attacked(ingest, body, kind) in (202, 207, 400, 413)


@pytest.mark.parametrize("markup", ["<div>", "<b>", "<table><tr><td>", "<p><span>", "<ul><li>"])
def test_markup_that_nests_without_end_is_answered_in_time(ingest, markup):
    body = json.dumps({"uri": "urn:1", "headline": "x", "body_html": markup * 64_000}).encode()
    assert attacked(ingest, body, "application/json") == 202


def test_a_gzip_bomb_is_a_413(ingest):
    bomb = gzip.compress(bytes(256 * MIB), compresslevel=1)
    twice = gzip.compress(gzip.compress(bytes(256 * MIB), compresslevel=6))
    headers = {"Content-Encoding": "gzip"}
    assert attacked(ingest, bomb, "application/json", **headers) in (413, 0)
    assert attacked(ingest, twice, "application/json", **headers) in (400, 413)


@pytest.mark.parametrize("head", [f"Content-Length: {1024 * MIB}", "Transfer-Encoding: chunked"])
def test_a_body_of_a_gigabyte_is_refused_while_it_comes(ingest, head):
    before = resident_mib(ingest)
    piece = b"%x\r\n%s\r\n" % (MIB, bytes(MIB)) if "chunked" in head else bytes(MIB)
    with socket.create_connection(("127.0.0.1", int(ingest.env["NEWSMAN_PORT"]))) as wire:
        wire.settimeout(20)
        lines = ("POST /v1/articles HTTP/1.1", "Host: x", f"Authorization: {KEY}", head)
        began = busy_seconds(ingest)
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        for _ in range(20):
            wire.sendall(piece)
        assert wire.recv(100).startswith(b"HTTP/1.1 413 ")
        assert busy_seconds(ingest) - began < LONGEST_SECONDS
        # Who goes on sending is read and forgotten until his time is over.
        for _ in range(200):
            wire.sendall(piece)
    assert resident_mib(ingest) - before < MOST_MIB


def test_after_all_that_it_serves_and_has_given_the_memory_back(ingest, eventually):
    assert post(ingest, b'{"uri": "urn:1", "headline": "x"}', "application/json") == 202
    # Three processes that have loaded what they read with: 370 MiB before the first attack.
    eventually(lambda: resident_mib(ingest) < 550, timeout=10, what="memory is bounded")
