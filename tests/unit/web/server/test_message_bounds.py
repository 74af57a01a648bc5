"""One message has a budget of header bytes, fields and chunks; the body is free of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsman.web.limits import ServerLimits
from newsman.web.server.message_bounds import CHUNK_HEAD_BYTES, FIELD_BYTES, MessageBounds
from newsman.web.server.plain_answers import plain_answer

LIMITS = ServerLimits(header_bytes=1_000, header_fields=5, chunks=10, chunk_bytes=100)


@pytest.fixture
def bounds():
    bounds = MessageBounds(LIMITS)
    bounds.begin()
    return bounds


def test_a_header_may_have_just_so_many_bytes(bounds):
    bounds.url(400)
    bounds.field(600 - FIELD_BYTES)
    assert bounds.refusal is None
    bounds.url(1)
    assert bounds.refusal == 431


def test_a_field_costs_its_separators_too(bounds):
    bounds.field(1_000 - FIELD_BYTES)
    assert bounds.refusal is None
    bounds.begin()
    bounds.field(1_001 - FIELD_BYTES)
    assert bounds.refusal == 431


def test_fields_are_counted_in_the_header_and_again_in_the_trailer(bounds):
    for _ in range(5):
        bounds.field(1)
    bounds.end_section()
    for _ in range(5):
        bounds.field(1)
    assert bounds.refusal is None
    bounds.field(1)
    assert bounds.refusal == 431


def test_bytes_before_any_header_is_whole_are_counted_as_they_come(bounds):
    for _ in range(10):
        bounds.came(100)
        bounds.check_framing()
    assert bounds.refusal is None
    bounds.came(1)
    bounds.check_framing()
    assert bounds.refusal == 431


def test_a_body_of_any_size_is_no_framing(bounds):
    bounds.came(10_000_000)
    bounds.body(10_000_000)
    bounds.check_framing()
    assert bounds.refusal is None
    assert bounds.body_bytes == 10_000_000


@given(st.lists(st.integers(100, 5_000), max_size=200))
def test_chunks_that_hold_enough_are_never_too_many(sizes):
    bounds = MessageBounds(LIMITS)
    bounds.begin()
    for size in sizes:
        bounds.came(CHUNK_HEAD_BYTES)
        bounds.chunk()
        bounds.came(size)
        bounds.body(size)
        bounds.check_framing()
    assert bounds.refusal is None


def test_tiny_chunks_are_refused_after_those_that_are_free(bounds):
    for _ in range(10):
        bounds.chunk()
        bounds.body(1)
    assert bounds.refusal is None
    bounds.chunk()
    assert bounds.refusal == 400


def test_extensions_of_chunks_are_framing(bounds):
    for _ in range(10):
        bounds.came(CHUNK_HEAD_BYTES + 101)
        bounds.chunk()
        bounds.check_framing()
    assert bounds.refusal == 431


def test_the_next_message_begins_anew_but_a_refusal_stays(bounds):
    bounds.field(900)
    bounds.begin()
    bounds.field(900)
    assert bounds.refusal is None
    bounds.refuse(400)
    bounds.refuse(503)
    bounds.begin()
    assert bounds.refusal == 400


@pytest.mark.parametrize(
    ("status", "line", "retry"),
    [
        (400, b"HTTP/1.1 400 Bad Request", None),
        (408, b"HTTP/1.1 408 Request Timeout", b"retry-after: 1"),
        (431, b"HTTP/1.1 431 Request Header Fields Too Large", None),
        (503, b"HTTP/1.1 503 Service Unavailable", b"retry-after: 2"),
    ],
)
def test_a_plain_answer_is_whole_and_ends_its_connection(status, line, retry):
    head, body = plain_answer(status).split(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == line
    assert body == b""
    assert {b"content-length: 0", b"connection: close"} <= set(headers)
    assert [h for h in headers if h.startswith(b"retry-after")] == ([retry] if retry else [])
