"""The running service keeps to its OpenAPI document, whatever schemathesis thinks of."""

from datetime import UTC, datetime

import httpx
import pytest
import schemathesis
from hypothesis import seed, settings
from hypothesis import strategies as st

from newsman.feeds.api import api_routes
from newsman.feeds.api_document import document
from newsman.feeds.stream_web import stream_routes

DOCUMENT = document()
ENDLESS = "/v1/stream"
PATHS = {path: found for path, found in DOCUMENT["paths"].items() if path != ENDLESS}
schema = schemathesis.openapi.from_dict({**DOCUMENT, "paths": PATHS})
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)
schemathesis.openapi.format("date-time", MOMENTS.map(datetime.isoformat))


@pytest.fixture(scope="module")
def address(newsroom, eventually) -> str:
    feeds = newsroom.url("feeds")
    article = {"uri": "urn:openapi:1", "headline": "A story of the API", "section": "Api"}
    headers = {"Authorization": "Bearer demo-key"}
    httpx.post(f"{newsroom.url('ingest')}/v1/articles", json=article, headers=headers)
    eventually(lambda: httpx.get(f"{feeds}/v1/articles?section=api").json()["items"])
    return feeds


def test_every_route_of_the_api_is_described_and_no_other():
    routes = [*api_routes(None, None, None), *stream_routes(None, None, heartbeat_seconds=1)]
    served = {route.path_format for route in routes}
    assert served == {path for path in DOCUMENT["paths"] if path.startswith("/v1/")}


@seed(20260301)
@schema.parametrize()
@settings(max_examples=25, deadline=None, database=None)
def test_the_service_keeps_to_its_document(address, case):
    if case.query and {"before", "since"} <= case.query.keys():
        del case.query["before"]  # that they exclude each other OpenAPI can't say
    case.call_and_validate(base_url=address, timeout=20)


def test_what_is_there_is_answered_as_it_is_described(address):
    operations = {found["get"]["operationId"]: schema[path]["GET"] for path, found in PATHS.items()}
    listed = httpx.get(f"{address}/v1/articles?section=api&since=0")
    operations["listArticles"].validate_response(listed)
    article = listed.json()["items"][0]["id"]
    for name, path in (("readArticle", article), ("readVersions", f"{article}/versions")):
        operations[name].validate_response(httpx.get(f"{address}/v1/articles/{path}"))
    operations["rankArticles"].validate_response(httpx.get(f"{address}/v1/popular"))


def test_the_document_is_served_for_programs_and_for_people(address):
    assert httpx.get(f"{address}/openapi.json").json() == DOCUMENT
    page = httpx.get(f"{address}/docs")
    assert "script" not in page.text.partition("<main>")[0]
    for found in DOCUMENT["paths"].values():
        assert f'id="{found["get"]["operationId"]}"' in page.text
