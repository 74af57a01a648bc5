"""The running service keeps to its OpenAPI document, whatever schemathesis thinks of."""

import json
import uuid
from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import seed, settings
from hypothesis import strategies as st

from newsman.ingest.openapi import examples
from newsman.ingest.openapi.document import document

SEED = 20260301
MAX_EXAMPLES = 60
KEY = {"Authorization": "Bearer demo-key"}
DOCUMENT = document()
FORMAT_NAMES = DOCUMENT["paths"]["/v1/articles"]["post"]["parameters"][0]["schema"]["enum"]
schema = schemathesis.openapi.from_dict(DOCUMENT)

# A view that lies in the future is refused, and so is a year before the first newspaper.
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(2026, 1, 1),
    timezones=st.just(UTC),
).map(lambda moment: moment.isoformat())
schemathesis.openapi.format("date-time", MOMENTS)


def bodies(media_type):
    part = DOCUMENT["paths"]["/v1/articles"]["post"]["requestBody"]["content"][media_type]
    return st.sampled_from([found["value"].encode() for found in part["examples"].values()])


# To OpenAPI these are any text; those that are of the format are the document's own examples.
OPAQUE = [
    kind
    for kind, part in DOCUMENT["paths"]["/v1/articles"]["post"]["requestBody"]["content"].items()
    if part["schema"] == {"type": "string"} and kind != "text/plain"
]
for kind in OPAQUE:
    schemathesis.openapi.media_type(kind, bodies(kind))


@pytest.fixture(scope="module")
def ingest(start_module_service):
    return start_module_service("ingest").wait_ready()


@seed(SEED)
@schema.parametrize()
@settings(max_examples=MAX_EXAMPLES, deadline=None, database=None)
def test_the_service_keeps_to_its_document(ingest, case):
    make_sense(case)
    case.call_and_validate(base_url=ingest.url, headers=headers(case), timeout=20)


def make_sense(case):
    """Leaves out what hangs together in a way that OpenAPI can't say; it has its own tests."""
    query = case.query or {}
    query.pop("hasty", None)
    if query.get("format") in FORMAT_NAMES:
        del query["format"]
    if case.media_type == "text/plain" and isinstance(case.body, (str, bytes)):
        case.body = json.dumps(examples.VIEW) if case.path == "/v1/views" else examples.PAGE


def headers(case):
    """The key, a boundary, and an Idempotency-Key of the case's own."""
    sent = dict(KEY)
    if case.media_type == "multipart/mixed":
        sent["Content-Type"] = f"multipart/mixed; boundary={examples.BOUNDARY}"
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 200:
        sent["Idempotency-Key"] = key + uuid.uuid4().hex
    return sent
