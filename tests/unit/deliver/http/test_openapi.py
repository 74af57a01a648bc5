"""The document of the edge has every route that is served, and no other."""

import jsonschema

from newsman.deliver.http.actions import action_routes
from newsman.deliver.http.events import EventRoutes
from newsman.deliver.http.openapi.document import document
from newsman.deliver.http.subscriptions import subscription_routes
from newsman.deliver.ledger.routes import LedgerRoutes

DOCUMENT = document()


def test_every_route_is_described_and_no_other():
    routes = [
        *subscription_routes(None),
        *action_routes(None),
        *EventRoutes(None, None, None, None).routes(),
        *LedgerRoutes(None, None).routes(),
    ]
    served = {
        (route.path_format, method.lower())
        for route in routes
        if route.path_format.startswith("/v1/")
        for method in route.methods - {"HEAD"}
    }
    described = {(path, method) for path, found in DOCUMENT["paths"].items() for method in found}
    assert served == described


def test_every_schema_is_one():
    for found in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(found)


def test_operations_have_names_of_their_own():
    names = [each["operationId"] for found in DOCUMENT["paths"].values() for each in found.values()]
    assert len(set(names)) == len(names)
