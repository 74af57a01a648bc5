"""Answers in gzip: for whom, and what they say of it to caches."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from newsman.feeds.gzip_pages import PackedPages


def site(*varies: str) -> TestClient:
    """A site whose page has a Vary header for each of these."""

    async def page(_: Request) -> Response:
        response = Response("x" * 5_000, media_type="text/plain")
        for value in varies:
            response.headers.append("Vary", value)
        return response

    app = Starlette(routes=[Route("/", page)])
    app.add_middleware(PackedPages, minimum_size=1_000)
    return TestClient(app)


@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize(
    ("varies", "expected"),
    [
        ((), "Accept-Encoding"),
        (("Origin",), "Origin, Accept-Encoding"),
        (("Origin", "Accept-Encoding"), "Origin, Accept-Encoding"),
        (("Origin", "Cookie , accept-encoding", "ORIGIN"), "Origin, Cookie, accept-encoding"),
    ],
)
def test_every_vary_header_counts_and_no_name_comes_twice(coding, varies, expected):
    answer = site(*varies).get("/", headers={"Accept-Encoding": coding})
    assert answer.headers.get("content-encoding", "identity") == coding
    (value,) = answer.headers.get_list("vary")
    names = value.lower().split(", ")
    assert len(set(names)) == len(names)
    assert set(names) == set(expected.lower().split(", "))
