"""What every answer gets, whatever route made it: headers of security, slashes, the client."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from newsman.web.addresses import Networks
from newsman.web.client import KnownClients
from newsman.web.security_headers import NOSNIFF, OPENER, REFERRER, SecurityHeaders, with_security
from newsman.web.slash_redirects import redirect_slashes

HTML = (b"content-type", b"text/html; charset=utf-8")
JSON = (b"content-type", b"application/json")


@pytest.mark.parametrize(
    ("given", "added"),
    [
        ([], [NOSNIFF, REFERRER]),
        ([JSON], [NOSNIFF, REFERRER]),
        ([HTML], [NOSNIFF, REFERRER, OPENER]),
        ([HTML, (b"referrer-policy", b"no-referrer")], [NOSNIFF, OPENER]),
        ([HTML, (OPENER[0], b"unsafe-none")], [NOSNIFF, REFERRER]),
        ([HTML, NOSNIFF, REFERRER, OPENER], []),
    ],
)
def test_only_missing_headers_are_added(given, added):
    assert with_security(given) == [*given, *added]


def test_two_headers_of_one_name_stay_two():
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert with_security(cookies)[:2] == cookies


def test_an_error_has_the_headers_too_and_what_is_no_http_passes_through():
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await PlainTextResponse("no", 500)(scope, receive, send)
        else:
            await send({"type": "lifespan.startup.complete"})

    answer = TestClient(SecurityHeaders(app)).get("/")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(SecurityHeaders(app)({"type": "lifespan"}, None, send))
    assert sent == [{"type": "lifespan.startup.complete"}]


@pytest.fixture(scope="module")
def site():
    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    routes = [
        Route("/a", page),
        Route("/folder/", page),
        Route("/x/{name}", page),
        Route("/", page),
    ]
    return TestClient(redirect_slashes(Starlette(routes=routes)), follow_redirects=False)


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/a/", "/a"),
        ("/a//", "/a"),
        ("/folder", "/folder/"),
        ("/a/?q=1&r=%20", "/a?q=1&r=%20"),
        ("/x/caf%C3%A9/", "/x/caf%C3%A9"),
        ("/x/a%3Fb/", "/x/a%3Fb"),
        ("/x/a%0D%0AX:y/", "/x/a%0D%0AX:y"),
    ],
)
def test_a_slash_too_many_or_too_few_leads_to_the_route_by_path_alone(site, asked, location):
    answer = site.get(asked, headers={"host": "evil.example"})
    assert answer.status_code == 307
    assert answer.headers["location"] == location


@pytest.mark.parametrize("asked", ["/nothing/", "/nothing", "/b/c/"])
def test_what_leads_nowhere_is_not_found(site, asked):
    assert site.get(asked).status_code == 404


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example", "/\\evil.example/"])
def test_no_redirect_names_another_host(path):
    async def page(_: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    app = redirect_slashes(Starlette(routes=[Route("/{rest:path}/", page), Route("/{rest}", page)]))
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    asyncio.run(app.router(scope, None, send))
    locations = [v for k, v in sent[0]["headers"] if k == b"location"]
    assert all(not value.startswith((b"//", b"/\\", b"/%5C")) for value in locations)


def client_seen(peer, headers, trusted="10.0.0.0/8"):
    seen = {}

    async def app(scope, _, __):
        seen.update(scope)

    scope = {"type": "http", "client": peer, "headers": headers, "scheme": "http"}
    asyncio.run(KnownClients(app, Networks(trusted))(scope, None, None))
    return seen["client"]


FOR = (b"x-forwarded-for", b"203.0.113.7")


@pytest.mark.parametrize(
    ("peer", "headers", "client"),
    [
        (("10.0.0.1", 5), [FOR], ("203.0.113.7", 5)),
        (("10.0.0.1", 5), [(b"forwarded", b'for="[2001:db8::1]:80"')], ("2001:db8::1", 5)),
        (("10.0.0.1", 5), [], ("10.0.0.1", 5)),
        (("198.51.100.1", 5), [FOR], ("198.51.100.1", 5)),
        (("testclient", 5), [FOR], ("testclient", 5)),
        (None, [FOR], None),
    ],
)
def test_only_a_trusted_proxy_names_the_client(peer, headers, client):
    assert client_seen(peer, headers) == client
