"""CloudEvents and multipart batches around documents of every other format."""

import base64
import json
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.envelopes import header_attributes
from newsman.ingest.formats.model import BadDocument, Defaults, UnknownFormat
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 1, tzinfo=UTC))
EVENT, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
MULTIPART = 'multipart/mixed; boundary="a(b"'
STORY = {"uri": "urn:story:1", "headline": "Ferry returns"}
ATTRIBUTES = {"specversion": "1.0", "id": "e1", "source": "/desk", "type": "story"}
RSS = (
    "<rss><channel>"
    + "".join(f"<item><guid>urn:{n}</guid><title>Story {n}</title></item>" for n in (1, 2))
    + "</channel></rss>"
)


def read(body: object, content_type: str, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(raw, content_type=content_type, format_name=None, defaults=DEFAULTS, **options)


def multipart(*parts: bytes) -> bytes:
    body = b"".join(b"--a(b\r\n" + part + b"\r\n" for part in parts)
    return b"preamble\r\n" + body + b"--a(b--\r\nepilogue"


def pointers(document) -> list[list[str]]:
    return [[problem.pointer for problem in item.problems] for item in document.items]


def test_an_event_brings_its_data_and_its_attributes():
    document = read({**ATTRIBUTES, "subject": "s", "data": STORY}, EVENT)
    (item,) = document.items
    assert not document.is_batch
    assert item.article.uri == "urn:story:1"
    assert item.article.extra["cloudevent"] == {**ATTRIBUTES, "subject": "s"}


@pytest.mark.parametrize(
    "data",
    [
        {"data": RSS, "datacontenttype": "application/rss+xml"},
        {
            "data_base64": base64.b64encode(RSS.encode()).decode(),
            "datacontenttype": "application/rss+xml; charset=utf-8",
        },
    ],
)
def test_data_is_of_any_format(data):
    document = read({**ATTRIBUTES, **data}, EVENT)
    assert document.is_batch
    assert [item.article.uri for item in document.items] == ["urn:1", "urn:2"]


def test_ninjs_in_an_event_is_known_by_its_names():
    (item,) = read({**ATTRIBUTES, "data": {"guid": "urn:2", "headline": "B"}}, EVENT).items
    assert item.article.uri == "urn:2"


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        ([], ""),
        ({}, "/specversion"),
        ({**ATTRIBUTES, "specversion": "0.3", "data": STORY}, "/specversion"),
        ({**ATTRIBUTES, "id": "", "data": STORY}, "/id"),
        (ATTRIBUTES, "/data"),
        ({**ATTRIBUTES, "data_base64": "!"}, "/data_base64"),
        ({**ATTRIBUTES, "data": STORY, "datacontenttype": 7}, "/datacontenttype"),
        ({**ATTRIBUTES, "data": STORY, "datacontenttype": "image/png"}, "/data"),
        ({**ATTRIBUTES, "data": {**STORY, "version": -1, "urgency": 77}}, "/data/version"),
    ],
)
def test_what_is_wrong_in_an_event_is_named(event, pointer):
    document = read(event, EVENT)
    assert pointer in pointers(document)[0]


def test_in_a_batch_each_event_costs_itself_only():
    events = [{**ATTRIBUTES, "data": STORY}, 7, {**ATTRIBUTES, "data": {"version": 1}}]
    document = read(events, BATCH)
    assert document.is_batch
    assert [item.is_bad for item in document.items] == [False, True, True]
    assert pointers(document)[1:] == [["/1"], ["/2/data/headline"]]


@pytest.mark.parametrize("body", [[], {}, None, 3])
def test_a_batch_is_an_array(body):
    with pytest.raises(BadDocument):
        read(body, BATCH)


def test_binary_attributes_come_from_headers():
    headers = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
    attributes = header_attributes({**headers, "content-type": "application/json"})
    (item,) = read(STORY, "application/json", event_attributes=attributes).items
    assert item.article.extra["cloudevent"] == ATTRIBUTES
    assert header_attributes({"content-type": "application/json"}) is None
    with pytest.raises(BadDocument, match="ce-id"):
        header_attributes({name: value for name, value in headers.items() if name != "ce-id"})


def test_every_part_is_read_by_its_own_type():
    document = read(
        multipart(
            b"Content-Type: application/json\r\n\r\n" + json.dumps(STORY).encode(),
            b"Content-Type: application/rss+xml\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.b64encode(RSS.encode()),
            b"Content-Type: text/plain\r\n\r\nA headline\r\n\r\nAnd its text.",
        ),
        MULTIPART,
    )
    assert [item.article.headline for item in document.items] == [
        "Ferry returns",
        "Story 1",
        "Story 2",
        "A headline",
    ]


def test_a_bad_part_costs_itself_only():
    document = read(
        multipart(
            b"Content-Type: image/png\r\n\r\n\x89PNG",
            b"Content-Type: application/json\r\n\r\n{",
            b"\r\n" + json.dumps(STORY).encode(),
            b"Content-Type: application/json\r\n\r\n" + json.dumps([STORY, 3]).encode(),
        ),
        MULTIPART,
    )
    assert [item.is_bad for item in document.items] == [True, True, False, False, True]
    assert pointers(document)[4] == ["/3/1"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", MULTIPART),
        (b"--a(b--", MULTIPART),
        (b"--a(b\r\n\r\n{}", MULTIPART),
        (multipart(b"\r\n{}"), "multipart/mixed"),
        (multipart(b"\r\n{}"), "multipart/mixed; boundary=" + "x" * 71),
        (multipart(*[b"\r\n{}"] * 1_001), MULTIPART),
    ],
)
def test_what_is_no_multipart_is_refused(body, content_type):
    with pytest.raises(BadDocument):
        read(body, content_type)


def test_an_envelope_brings_no_format_that_its_sender_may_not_use():
    allowed = frozenset({"ninjs"})
    document = read({**ATTRIBUTES, "data": STORY}, EVENT, allowed=allowed)
    assert document.items[0].is_bad
    with pytest.raises(UnknownFormat, match="ninjs only"):
        read(STORY, "application/json", allowed=allowed)


@pytest.mark.parametrize("depth", [60, 5_000])
def test_envelopes_within_envelopes_end(depth):
    event: object = STORY
    body = json.dumps(event)
    for _ in range(min(depth, 60)):
        body = json.dumps({**ATTRIBUTES, "datacontenttype": EVENT, "data": json.loads(body)})
    document = read(body.encode(), EVENT)
    assert document.items[0].is_bad


def test_a_part_whose_headers_are_no_ascii_costs_itself_only():
    good = b"Content-Type: application/json\r\n\r\n" + json.dumps(STORY).encode()
    odd = b"Content-Type: application/\xc3\xa9\xff\r\n\r\n{}"
    document = read(multipart(odd, good), MULTIPART)
    assert [item.is_bad for item in document.items] == [True, False]
