"""The OpenAPI document of ingest: all its routes and nothing else, the same every time."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from importlib.resources import files

import jsonschema_rs
import pytest
import yaml
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from newsman.deliver.http.openapi import document as deliver_document
from newsman.feeds.api import openapi as feeds_document
from newsman.feeds.stream.registry import STREAMS
from newsman.ingest.formats.envelopes import ENVELOPES
from newsman.ingest.formats.model import Defaults
from newsman.ingest.formats.renditions import TYPES
from newsman.ingest.formats.table import FORMATS
from newsman.ingest.idempotency import HEADER, MAX_KEY_CHARACTERS, REPLAYED_HEADER
from newsman.ingest.openapi import document as ingest_document
from newsman.ingest.ops import ingest_ops_routes
from newsman.ingest.pushes import parse
from newsman.ingest.routes.media import MAX_MEDIA_ID
from newsman.ingest.routes.views import BEACON, JSON, LINES
from newsman.ingest.views.goatcounter_hits import MAX_HITS, MAX_PATH, MAX_SESSION
from newsman.ingest.views.pushed_views import MAX_PUBLIC_BYTES, MAX_PUBLIC_VIEWS
from newsman.ingest.web import build_web
from newsman.runtime.health import never
from newsman.settings import IngestSettings
from newsman.web.openapi.document import INLINED
from newsman_schemas.agenda import AGENDA_KINDS
from newsman_schemas.articles import ARTICLE_ID_PATTERN, PubStatus

DOCUMENT = ingest_document.document()
ARTICLE_BODIES = DOCUMENT["paths"]["/v1/articles"]["post"]["requestBody"]["content"]
REGISTRY = jsonschema_rs.Registry(
    [("urn:document", {"$schema": DOCUMENT["jsonSchemaDialect"], **DOCUMENT})]
)
DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 2, tzinfo=UTC))
OPERATIONS = [
    pytest.param(found, id=found["operationId"])
    for methods in DOCUMENT["paths"].values()
    for found in methods.values()
]
EXAMPLES = [
    pytest.param(part["schema"], example["value"], id=f"{found['operationId']}-{kind}-{name}")
    for methods in DOCUMENT["paths"].values()
    for found in methods.values()
    for kind, part in found.get("requestBody", {}).get("content", {}).items()
    for name, example in part.get("examples", {}).items()
]


@pytest.fixture(scope="module")
def web():
    return build_web(None)


@pytest.fixture(scope="module")
def http():
    settings = IngestSettings(
        kafka_bootstrap="unused:1", redis_url="redis://unused:1", sources_file="unused.toml"
    )
    return TestClient(Starlette(routes=ingest_ops_routes(settings, alive=never, taking=never)))


def refs(value):
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(refs(inner) for inner in value.values()))
    return set().union(*(refs(inner) for inner in value)) if isinstance(value, list) else set()


def test_every_route_is_in_the_document_and_the_other_way_round(web):
    served = {
        (route.path_format, method.lower())
        for route in web.routes
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }
    described = {
        (path, method) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert all(isinstance(route, Route) for route in web.routes)
    assert described == served


def test_every_content_type_that_is_read_is_in_the_document():
    read = {kind for found in FORMATS.values() for kind in found.media_types} | set(ENVELOPES)
    assert read <= set(ARTICLE_BODIES)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [(name, kind) for name, found in FORMATS.items() for kind in found.media_types],
)
def test_every_format_has_examples_that_are_read_without_a_complaint(name, media_type):
    examples = ARTICLE_BODIES[media_type].get("examples")
    assert examples, f"ingest/openapi/articles.yaml has no example of {media_type}"
    for example in examples.values():
        value = example["value"]
        body = value if isinstance(value, str) else json.dumps(value)
        found = parse(body.encode(), content_type=None, format_name=name, defaults=DEFAULTS)
        assert [item.problems for item in found.items if item.is_bad] == []


def test_every_reference_leads_somewhere_and_every_component_is_referred_to():
    components = DOCUMENT["components"]
    there = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "headers")
        for name in components[kind]
    }
    assert refs(DOCUMENT) == there


def texts_of(package):
    folder = files(package)
    return [file.read_text() for file in folder.iterdir() if file.name.endswith(".yaml")]


@pytest.mark.parametrize(
    "package", ["newsman.ingest.openapi", "newsman.feeds.api", "newsman.deliver.http.openapi"]
)
def test_every_component_of_the_files_is_used(package):
    texts = texts_of(package)
    components = [yaml.safe_load(text).get("components", {}) for text in texts]
    for kind in INLINED:
        defined = {name for each in components for name in each.get(kind, {})}
        assert set(re.findall(rf"#/components/{kind}/(\w+)", "".join(texts))) == defined


@pytest.mark.parametrize(
    ("package", "module"),
    [
        ("newsman.ingest.openapi", ingest_document),
        ("newsman.feeds.api", feeds_document),
        ("newsman.deliver.http.openapi", deliver_document),
    ],
)
def test_every_query_of_a_service_is_described(package, module):
    described = set(re.findall(r"x-query: (\w+)", "".join(texts_of(package))))
    assert described == {query.__name__ for query in module.QUERIES}


def test_the_files_have_the_numbers_and_words_of_the_code():
    schemas, paths = DOCUMENT["components"]["schemas"], DOCUMENT["paths"]
    item, agenda = schemas["SuperdeskItem"]["properties"], schemas["AgendaItem"]["properties"]
    assert item["pubstatus"]["anyOf"][0]["enum"] == [status.value for status in PubStatus]
    assert item["type"]["not"]["enum"] == agenda["type"]["enum"] == list(AGENDA_KINDS)
    hit = schemas["Hit"]["properties"]
    assert (hit["path"]["maxLength"], hit["session"]["maxLength"]) == (MAX_PATH, MAX_SESSION)
    assert {each["properties"]["hits"]["maxItems"] for each in schemas["Hits"]["anyOf"]} == {
        MAX_HITS
    }
    pushed = paths["/push"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert pushed["properties"]["type"]["enum"] == list(TYPES)
    form = paths["/push_binary"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["media_id"]["maxLength"] == MAX_MEDIA_ID
    views = paths["/v1/views"]["post"]
    assert f"{MAX_PUBLIC_VIEWS} views in {MAX_PUBLIC_BYTES // 1024} kB" in views["description"]
    assert set(views["requestBody"]["content"]) == JSON - {""} | LINES | {BEACON}
    headers = {each["name"].lower(): each for each in paths["/v1/articles"]["post"]["parameters"]}
    assert f"{{1,{MAX_KEY_CHARACTERS}}}" in headers[HEADER]["schema"]["pattern"]
    assert REPLAYED_HEADER in DOCUMENT["components"]["headers"]


def test_the_document_of_feeds_names_the_streams_and_articles_that_there_are():
    paths = feeds_document.document()["paths"]
    (streams,) = [
        each for each in paths["/v1/stream/{streams}"]["get"]["parameters"] if each["in"] == "path"
    ]
    names = "|".join(STREAMS)
    assert streams["schema"]["pattern"] == f"^(?:{names})(?:,(?:{names}))*$"
    assert f"of {', '.join(STREAMS)}," in streams["description"]
    (article,) = paths["/v1/articles/{article_id}"]["get"]["parameters"]
    assert article["schema"]["pattern"] == ARTICLE_ID_PATTERN


def within_the_document(schema):
    """The schema with references that lead into the document in REGISTRY."""
    return json.loads(json.dumps(schema).replace('"#/', '"urn:document#/'))


def test_every_schema_is_a_json_schema():
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator(within_the_document(schema), registry=REGISTRY)


@pytest.mark.parametrize(("schema", "value"), EXAMPLES)
def test_every_example_is_what_its_schema_says(schema, value):
    target = within_the_document(schema)
    jsonschema_rs.Draft202012Validator(target, registry=REGISTRY).validate(value)


@pytest.mark.parametrize("found", OPERATIONS)
def test_every_operation_has_a_name_a_tag_of_the_list_and_known_security(found):
    assert {found["tags"][0]} <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert found["summary"]
    named = {name for needed in found["security"] for name in needed}
    assert named <= set(DOCUMENT["components"]["securitySchemes"])
    assert any(status.startswith(("2", "3")) for status in found["responses"])


def test_operation_ids_are_unique():
    ids = [parameter.values[0]["operationId"] for parameter in OPERATIONS]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_document_is_the_same_in_every_process(seed):
    code = (
        "import json; from newsman.ingest.openapi.document import document; "
        "print(json.dumps(document()), end='')"
    )
    env = {**os.environ, "PYTHONHASHSEED": seed}
    printed = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert printed.stdout.decode() == json.dumps(DOCUMENT)


def test_the_document_is_served(http):
    answer = http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == DOCUMENT


class Page(HTMLParser):
    """What a page links to, the ids in it, and its elements that are still open."""

    VOID = {"meta", "link", "br"}

    def __init__(self):
        super().__init__()
        self.links, self.ids, self.open, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.links += [told[name] for name in ("href", "src") if name in told]
        self.ids += [told["id"]] if "id" in told else []
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_shows_every_operation_and_asks_for_nothing_from_elsewhere(http):
    answer = http.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page()
    page.feed(answer.text)
    assert page.open == []
    assert "script" not in page.tags
    assert len(set(page.ids)) == len(page.ids)
    assert {parameter.values[0]["operationId"] for parameter in OPERATIONS} <= set(page.ids)
    assert {link for link in page.links if link[0] != "#"} == {"data:,", "/openapi.json"}
    assert {link[1:] for link in page.links if link[0] == "#"} <= set(page.ids)


def test_the_page_may_load_nothing_but_its_own_style(http):
    policy = http.get("/docs").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
