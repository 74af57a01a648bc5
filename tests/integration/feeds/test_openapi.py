"""The running service keeps to its OpenAPI document, whatever schemathesis thinks of."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import schemathesis
from hypothesis import seed, settings
from hypothesis import strategies as st
from tests.unused import made

from newsman.feeds.api.front import front_routes
from newsman.feeds.api.openapi import document
from newsman.feeds.api.popular import popular_routes
from newsman.feeds.api.routes import api_routes
from newsman.feeds.api.statistics import Statistics
from newsman.feeds.provenance.routes import ProvenanceRoutes
from newsman.feeds.stream.routes import StreamRoutes
from newsman.provenance.keys import make_key
from newsman.rankings.core import SCOPE_KINDS

DOCUMENT = document()
SERVICES = ("ingest", "enrich", "publish", "popularity", "feeds")
GROUPS = (Statistics, StreamRoutes, ProvenanceRoutes)
ENDLESS = ("/v1/stream", "/v1/stream/{streams}")
PATHS = {path: found for path, found in DOCUMENT["paths"].items() if path not in ENDLESS}
SCHEMA = schemathesis.openapi.from_dict({**DOCUMENT, "paths": PATHS})
# For all of this process, and so as the tests of ingest have it.
MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(2026, 1, 1), timezones=st.just(UTC)
)
schemathesis.openapi.format("date-time", MOMENTS.map(datetime.isoformat))


@pytest.fixture(params=PATHS)
def one_path(request):
    """The document with one path; its cases are made when its test runs, not to collect it."""
    request.node._nodeid = request.node.nodeid  # as pytest 9.1 had it, for schemathesis
    paths = {request.param: DOCUMENT["paths"][request.param]}
    return schemathesis.openapi.from_dict({**DOCUMENT, "paths": paths})


each_operation = schemathesis.pytest.from_fixture("one_path")


@pytest.fixture(scope="module")
def services(start_module_service, tmp_path_factory):
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    key_file = keys.with_name("key.pem")
    make_key(key_file, keys, now=datetime.now(UTC), overlap=timedelta())
    signs = {"NEWSMAN_SIGNING_KEY_FILE": str(key_file), "NEWSMAN_SIGNING_KEYS_FILE": str(keys)}
    started = {name: start_module_service(name, **signs) for name in SERVICES}
    for service in started.values():
        service.wait_ready()
    return started


@pytest.fixture(scope="module")
def address(services, eventually) -> str:
    feeds = services["feeds"].url
    article = {"uri": "urn:openapi:1", "headline": "A story of the API", "section": "Api"}
    headers = {"Authorization": "Bearer demo-key"}
    httpx.post(f"{services['ingest'].url}/v1/articles", json=article, headers=headers)
    eventually(lambda: httpx.get(f"{feeds}/v1/articles?section=api").json()["items"])
    return feeds


def test_every_route_of_the_api_is_described_and_no_other():
    routes = [
        *(route for build in (api_routes, popular_routes, front_routes) for route in made(build)),
        *(route for group in GROUPS for route in made(group).routes()),
    ]
    served = {route.path_format for route in routes if route.path_format.startswith("/v1/")}
    assert served == {path for path in DOCUMENT["paths"] if path.startswith("/v1/")}


def leave_out_what_excludes_each_other(path, query):
    """What OpenAPI can't say; nor can it that `as_of` and `day` are of late, nor name all zones."""
    if "since" in query:
        query.pop("before", None)
    query.pop("as_of", None)
    query.pop("day", None)
    if "timezone" in query:
        query["timezone"] = "Europe/Oslo"
    if path == "/v1/popular":
        query.pop("timezone", None)  # it is that of `day`
    if path in ("/v1/popular", "/v1/series"):
        for kind in [kind for kind in SCOPE_KINDS if kind in query][1:]:
            del query[kind]
    if query.get("order") == "rising":
        query.pop("window", None)
    if path.endswith("/series"):
        query.pop("last", None)  # its highest value depends on `span`


@each_operation.parametrize()
@seed(20260301)
@settings(max_examples=15, deadline=None, database=None)
def test_the_service_keeps_to_its_document(address, case):
    leave_out_what_excludes_each_other(case.path, case.query or {})
    case.call_and_validate(base_url=address, timeout=20)


def test_what_is_there_is_answered_as_it_is_described(address):
    operations = {found["get"]["operationId"]: SCHEMA[path]["GET"] for path, found in PATHS.items()}
    listed = httpx.get(f"{address}/v1/articles?section=api&since=0")
    operations["listArticles"].validate_response(listed)
    article = listed.json()["items"][0]["id"]
    for name, path in (
        ("readArticle", article),
        ("readVersions", f"{article}/versions"),
        ("readProvenance", f"{article}/provenance"),
    ):
        operations[name].validate_response(httpx.get(f"{address}/v1/articles/{path}"))
    operations["listStreams"].validate_response(httpx.get(f"{address}/v1/streams"))
    ranking = httpx.get(f"{address}/v1/popular")
    operations["rankArticles"].validate_response(ranking)
    past = httpx.get(f"{address}/v1/popular", params={"as_of": ranking.json()["as_of"]})
    operations["rankArticles"].validate_response(past)
    for span, last in (("minute", 180), ("hour", 168), ("day", 92)):
        query = f"span={span}&last={last}"
        operations["readScopeSeries"].validate_response(httpx.get(f"{address}/v1/series?{query}"))
        series = httpx.get(f"{address}/v1/articles/{article}/series?{query}")
        operations["readArticleSeries"].validate_response(series)


def test_the_document_is_served_for_programs_and_for_people(services):
    ops = services["feeds"].ops_url
    assert httpx.get(f"{ops}/openapi.json").json() == DOCUMENT
    page = httpx.get(f"{ops}/docs")
    assert "script" not in page.text.partition("<main>")[0]
    for found in DOCUMENT["paths"].values():
        assert f'id="{found["get"]["operationId"]}"' in page.text
