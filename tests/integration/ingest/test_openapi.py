"""The running service keeps to its OpenAPI document, whatever schemathesis thinks of."""

import json
import os
import uuid
from datetime import UTC, datetime
from zlib import crc32

import httpx
import pytest
import schemathesis
from hypothesis import seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.generation.meta import TestPhase

from newsman.ingest.formats.table import FORMATS
from newsman.ingest.openapi.document import document
from newsman.ingest.routes.views import BEACON, LINES

SEED = int(os.environ.get("NEWSMAN_FUZZ_SEED") or 20260301)
MAX_EXAMPLES = 12
KEY = {"Authorization": "Bearer demo-key"}
DOCUMENT = document()
PUSH_ARTICLES = DOCUMENT["paths"]["/v1/articles"]["post"]
ARTICLE_BODIES = PUSH_ARTICLES["requestBody"]["content"]
FORMAT_NAMES = PUSH_ARTICLES["parameters"][0]["schema"]["enum"]
BOUNDARY = "batch"

# A view that lies in the future is refused, and so is a year before the first newspaper.
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(2026, 1, 1),
    timezones=st.just(UTC),
).map(lambda moment: moment.isoformat())
schemathesis.openapi.format("date-time", MOMENTS)


def bodies(media_type):
    part = ARTICLE_BODIES[media_type]
    return st.sampled_from([found["value"].encode() for found in part["examples"].values()])


# To OpenAPI these are any text; those that are of the format are the document's own examples.
OPAQUE = [
    kind
    for kind, part in ARTICLE_BODIES.items()
    if part["schema"] == {"type": "string"} and kind != "text/plain"
]
for kind in OPAQUE:
    schemathesis.openapi.media_type(kind, bodies(kind))


@pytest.fixture(params=DOCUMENT["paths"])
def one_path(request):
    """The document with one path; its cases are made when its test runs, not to collect it."""
    request.node._nodeid = request.node.nodeid  # as pytest 9.1 had it, for schemathesis
    paths = {request.param: DOCUMENT["paths"][request.param]}
    return schemathesis.openapi.from_dict({**DOCUMENT, "paths": paths})


each_operation = schemathesis.pytest.from_fixture("one_path")


@pytest.fixture(scope="module")
def ingest(start_module_service):
    return start_module_service("ingest").wait_ready()


@pytest.mark.timeout(500)
@each_operation.parametrize()
@seed(SEED)
@settings(max_examples=MAX_EXAMPLES, deadline=None, database=None)
def test_the_service_keeps_to_its_document(ingest, case):
    if is_left_out(case):
        return
    make_sense(case)
    case.call_and_validate(base_url=ingest.url, headers=headers(case), timeout=20)


def is_left_out(case):
    """Of the thousands of cases that cover one operation with every format, every fourth is sent,
    the same ones in every run with one seed."""
    is_coverage = case.meta.phase.name is TestPhase.COVERAGE
    if case.path != "/v1/articles" or not is_coverage:
        return False
    return (
        crc32(repr((case.media_type, case.query, case.headers, case.body)).encode()) % 4 != SEED % 4
    )


def make_sense(case):
    """Leaves out what hangs together in a way that OpenAPI can't say; it has its own tests."""
    query = case.query or {}
    query.pop("hasty", None)
    if query.get("format") in FORMAT_NAMES:
        del query["format"]
    if case.media_type in LINES | {BEACON} and isinstance(case.body, (str, bytes)):
        if case.path == "/v1/views":
            case.body = example(DOCUMENT["paths"]["/v1/views"]["post"], BEACON)
        elif case.media_type == BEACON:
            case.body = example(PUSH_ARTICLES, BEACON)
    if case.meta.generation.mode is GenerationMode.POSITIVE:
        if case.path == "/v1/ranking-edits" and isinstance(case.body, dict):
            for name in ("begins_at", "ends_at"):
                case.body.pop(name, None)
        for item in items_of(case.body):
            if case.path == "/v1/names":
                name_something(item)
            else:
                show_something(item)


def items_of(body):
    """The objects that may be articles: the body, those in an array, and data of CloudEvents."""
    listed = body if isinstance(body, list) else [body]
    objects = [item for item in listed if isinstance(item, dict)]
    return objects + [item["data"] for item in objects if isinstance(item.get("data"), dict)]


def show_something(item):
    """Gives an article a text that has none; no schema says all that may stand in for one."""
    is_usable = item.get("pubstatus") in (None, "usable")
    is_named = is_usable and item.keys() & {"uri", "guid"}
    if is_named and not (item.get("body_text") or item.get("body_html")):
        item["body_text"] = "The ferry sails."


def name_something(item):
    """Gives a name letters, and a type or what it never is; no schema says which go together."""
    item |= {"name": "Halden Optics", "aliases": ["Haldens"]}
    item |= {"type": "place", "never": ["person"]} if item.get("type") else {"never": ["person"]}
    if not item.get("type"):
        item.pop("identifier", None)


def example(operation, media_type):
    examples = operation["requestBody"]["content"][media_type]["examples"]
    return next(iter(examples.values()))["value"]


def headers(case):
    """The key, a boundary, and an Idempotency-Key of the case's own."""
    sent = dict(KEY)
    if case.media_type == "multipart/mixed":
        sent["Content-Type"] = f"multipart/mixed; boundary={BOUNDARY}"
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 200:
        sent["Idempotency-Key"] = key + uuid.uuid4().hex
    return sent


PUSHES = [
    pytest.param(path, kind, example["value"], id=f"{found['operationId']}-{kind}-{name}")
    for path, methods in DOCUMENT["paths"].items()
    for found in methods.values()
    for kind, part in found.get("requestBody", {}).get("content", {}).items()
    for name, example in part.get("examples", {}).items()
]
SECURED = [
    (path, method, status)
    for path, methods in DOCUMENT["paths"].items()
    for method, found in methods.items()
    for status in ("401", "403")
    if found["security"] and {} not in found["security"] and status in found["responses"]
]


@pytest.mark.parametrize(("path", "kind", "value"), PUSHES)
def test_every_example_of_the_document_is_taken(ingest, path, kind, value):
    body = value if isinstance(value, str) else json.dumps(value)
    boundary = f"; boundary={BOUNDARY}" if kind == "multipart/mixed" else ""
    told = {**KEY, "Content-Type": kind + boundary}
    answer = httpx.post(ingest.url + path, content=body, headers=told, timeout=20)
    assert answer.is_success, answer.text
    assert answer.status_code != 207, answer.text


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_taken_by_its_name(ingest, name):
    for found in ARTICLE_BODIES[FORMATS[name].media_types[0]]["examples"].values():
        value = found["value"]
        body = value if isinstance(value, str) else json.dumps(value)
        options = {"params": {"format": name}, "headers": KEY, "timeout": 20}
        answer = httpx.post(f"{ingest.url}/v1/articles", content=body, **options)
        assert answer.status_code == 202, answer.text


def test_the_sample_events_are_taken_by_the_route_that_they_are_for(ingest):
    events = httpx.get(f"{ingest.url}/v1/_test/events").json()
    answer = httpx.post(f"{ingest.url}/v1/events", json=events, headers=KEY, timeout=20)
    assert (answer.status_code, answer.content) == (201, b"")
    hasty = httpx.post(f"{ingest.url}/v1/events?hasty=true", json=events, headers=KEY, timeout=20)
    assert (hasty.status_code, hasty.content) == (202, b"")


@pytest.mark.parametrize(("path", "method", "status"), SECURED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nobody"},
        {"X-Superdesk-Signature": "sha1=" + "0" * 40},
        {
            "X-Newsman-Signature": "v2=" + "0" * 64,
            "X-Newsman-Timestamp": "1772366400",
            "X-Newsman-Id": "never-used-before",
        },
    ],
)
def test_a_stranger_is_answered_as_the_document_says(ingest, path, method, status, headers):
    answer = httpx.request(method, ingest.url + path, json={}, headers=headers, timeout=20)
    assert str(answer.status_code) == status
    described = DOCUMENT["paths"][path][method]["responses"][status]
    assert answer.headers["content-type"] in described["content"]
    assert all(name in answer.headers for name in described.get("headers", {}))


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_a_wrong_method_is_answered_with_those_that_there_are(ingest, path):
    answer = httpx.request("PATCH", ingest.url + path, timeout=20)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    allowed = {method.strip().lower() for method in answer.headers["allow"].split(",")}
    assert allowed - {"head"} == set(DOCUMENT["paths"][path])
