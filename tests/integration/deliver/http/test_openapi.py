"""The running edge keeps to its OpenAPI document, whatever schemathesis thinks of."""

import httpx
import pytest
import schemathesis
from hypothesis import seed, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from tests.integration.deliver.edge_stack import HOOK

from newsman.deliver.http.openapi.document import document

DOCUMENT = document()
ENDLESS = ("/v1/subscriptions/{id}/stream",)
PATHS = {path: found for path, found in DOCUMENT["paths"].items() if path not in ENDLESS}
CURSORS = st.sampled_from(["now", "beginning", "2024-01-01T00:00:00Z", "1704067200000"])
schemathesis.openapi.format("cursor", CURSORS)
# What OpenAPI can't say: which addresses a kind takes, that a replay ends behind its beginning.
SAID_BY_WORDS_ALONE = [positive_data_acceptance]


@pytest.fixture(params=PATHS)
def one_path(request):
    """The document with one path; its cases are made when its test runs, not to collect it."""
    request.node._nodeid = request.node.nodeid  # as pytest 9.1 had it, for schemathesis
    paths = {request.param: DOCUMENT["paths"][request.param]}
    return schemathesis.openapi.from_dict({**DOCUMENT, "paths": paths})


each_operation = schemathesis.pytest.from_fixture("one_path")


@pytest.fixture(scope="module")
def ids(stack) -> dict[str, str]:
    """A subscription of each of two kinds."""
    made = {}
    for kind, url in (("webhook", HOOK), ("pull", "")):
        answer = stack.operator.post("/v1/subscriptions", json={"kind": kind, "url": url})
        made[kind] = answer.json()["id"]
    return made


@seed(20260302)
@each_operation.parametrize()
@settings(max_examples=15, deadline=None, database=None)
def test_the_edge_keeps_to_its_document(stack, ids, case):
    excluded = list(SAID_BY_WORDS_ALONE)
    if "id" in (case.path_parameters or {}) and case.method != "DELETE":
        # An id that is there in place of one that is thought of, also of one that can't be.
        excluded.append(negative_data_rejection)
        case.path_parameters["id"] = ids["pull" if case.path.endswith("/events") else "webhook"]
    if case.path.endswith("/events"):
        case.query = {**(case.query or {}), "wait": "0"}
    headers = {"Authorization": stack.operator.headers["authorization"]}
    case.call_and_validate(
        base_url=stack.url, headers=headers, timeout=70, excluded_checks=excluded
    )


def test_without_a_token_every_operation_is_refused(stack):
    for path, methods in PATHS.items():
        for method in methods:
            ids = {"id": "a" * 16, "article": "a" * 16, "delivery": "msg_" + "a" * 26}
            address = stack.url + path.format(**ids)
            answer = httpx.request(method.upper(), address, json={})
            assert answer.status_code == 401, (method, path)
