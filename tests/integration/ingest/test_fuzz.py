"""Whatever bytes and headers arrive at the running service, it answers and goes on."""

import gzip
import http.client
import json
import os
import random
from collections import Counter

import httpx
import pytest

from newsman.ingest.openapi.document import document

BOUNDARY = "batch"
REQUESTS = 500
PATHS = document()["paths"]
EXAMPLES = [
    part_example["value"]
    for methods in PATHS.values()
    for found in methods.values()
    for part in found.get("requestBody", {}).get("content", {}).values()
    for part_example in part.get("examples", {}).values()
]
KINDS = sorted(PATHS["/v1/articles"]["post"]["requestBody"]["content"])
KEY = "Bearer demo-key"


def body_of(chance):
    """Noise, an example, a damaged example, an array of odd values; sometimes packed."""
    value = chance.choice(EXAMPLES)
    example = (value if isinstance(value, str) else json.dumps(value)).encode()
    at = chance.randrange(len(example))
    body = chance.choice(
        [
            chance.randbytes(chance.randrange(2_000)),
            b"",
            example,
            example[:at] + chance.randbytes(3) + example[at:],
            example[:at],
            example.replace(b'"', b'"\\ud800', chance.randrange(4)),
            b"[" * 5_000,
            json.dumps([value, None, 1.5, "x", [], {}]).encode(),
        ]
    )
    return gzip.compress(body) if chance.random() < 0.15 else body


def noise(chance):
    """A header's value of any characters that one may have."""
    letters = [chr(c) for c in (*range(0x20, 0x7F), *range(0xA0, 0x100))] + ["\t"]
    return "".join(chance.choices(letters, k=chance.randrange(60)))


def headers_of(chance):
    """What a sender may say, and now and then nonsense in its place."""
    usual = {
        "Authorization": [KEY] * 12 + [None, "Bearer", "Basic eDp5"],
        "Content-Type": [*KINDS, None, f"multipart/mixed; boundary={BOUNDARY}",
                         "application/json; charset=utf-16", "multipart/mixed; boundary="],
        "Content-Encoding": [None] * 9 + ["gzip", "identity", "br"],
        "Idempotency-Key": [None] * 9 + ["one", "x" * 300],
        "traceparent": [None],
        "X-Superdesk-Signature": [None] * 9 + ["sha1=" + "0" * 40],
        "X-Newsman-Signature": [None] * 9 + ["sha256=" + "0" * 64],
        "X-Newsman-Timestamp": [None, "1772366400"],
        "ce-specversion": [None] * 9 + ["1.0"],
        "ce-id": [None, "1"],
        "ce-source": [None, "/"],
        "ce-type": [None, "t"],
        "User-Agent": [None, "curl/8"],
        "X-Forwarded-For": [None, "::1"],
        "Accept": [None, "*/*", "image/png"],
        "Origin": [None, "https://desk.example"],
    }  # fmt: skip
    chosen = {
        name: noise(chance) if chance.random() < 0.04 else chance.choice(values)
        for name, values in usual.items()
    }
    return {name: value.encode("latin-1") for name, value in chosen.items() if value is not None}


def target_of(chance):
    """A route that takes pushes, mostly; a method that it has, mostly; and a query."""
    odd = [*PATHS, "/nowhere", "/push/../push", "/v1/articles/%00", "/v1/articles/", "//push"]
    usual = [path for path, methods in PATHS.items() if "post" in methods] + ["/v1/articles"] * 4
    path = chance.choice(odd if chance.random() < 0.15 else usual)
    methods = ["POST"] if chance.random() < 0.95 else ["GET", "PUT", "HEAD", "OPTIONS", "TRACE"]
    query = chance.choice(
        [""] * 9 + ["?format=json", "?format=%ff", "?hasty=true", "?format=", "?format=ninjs-9.9"]
    )
    return chance.choice(methods), path + query


def ask(address, method, target, body, headers):
    connection = http.client.HTTPConnection(*address, timeout=20)
    try:
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("content-type", ""), answer.read()
    finally:
        connection.close()


@pytest.fixture
def ingest(start_service):
    return start_service("ingest").wait_ready()


def test_any_bytes_with_any_headers_are_answered_and_never_with_a_crash(ingest):
    seed = int(os.environ.get("NEWSMAN_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
    print(f"NEWSMAN_FUZZ_SEED={seed} repeats this run")
    chance, url = random.Random(seed), httpx.URL(ingest.url)
    statuses, wrong = Counter(), []
    for number in range(REQUESTS):
        method, target = target_of(chance)
        body, headers = body_of(chance), headers_of(chance)
        status, kind, told = ask((url.host, url.port), method, target, body, headers)
        statuses[status] += 1
        is_json = "json" in kind and method != "HEAD"
        if status >= 500 or (is_json and json.loads(told) is None):
            wrong.append((number, status, method, target, headers, body[:300], told[:300]))
    log = ingest.log_file.read_text(errors="replace")
    print(dict(statuses))
    assert not wrong, f"NEWSMAN_FUZZ_SEED={seed} {wrong[:3]}\n{log[-3_000:]}"
    assert "Traceback" not in log, f"NEWSMAN_FUZZ_SEED={seed} {log[-3_000:]}"
    taken = sum(count for status, count in statuses.items() if status < 300)
    assert min(taken, statuses[400], statuses[401], statuses[405], statuses[415]) > 0, statuses
    assert ingest.is_ready()


def test_what_is_no_http_is_answered_too(ingest):
    url = httpx.URL(ingest.url)
    for sent in (b"\x16\x03\x01\x02\x00\x01\x00", b"POST /push HTTP/9.9\r\n\r\n", b"\r\n" * 50):
        connection = http.client.HTTPConnection(url.host, url.port, timeout=20)
        connection.connect()
        connection.sock.sendall(sent)
        connection.close()
    assert ingest.is_ready()
    assert "Traceback" not in ingest.log_file.read_text(errors="replace")
