"""The limit of the API, and who may read it from another site."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from newsman.feeds.rate_limit import RateLimit
from newsman.feeds.web import cors

NOON = 1_772_452_800.0


def client(*middleware: Middleware) -> TestClient:
    async def say(_):
        return PlainTextResponse("yes", headers={"ETag": '"x"'})

    routes = [Route("/v1/x", say), Route("/x", say)]
    return TestClient(Starlette(routes=routes, middleware=list(middleware)))


def test_what_is_above_the_limit_is_refused_until_the_minute_is_over():
    now = [NOON + 10.5]
    http = client(Middleware(RateLimit, per_minute=2, clock=lambda: now[0]))
    answers = [http.get("/v1/x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    left = [answer.headers["x-ratelimit-remaining"] for answer in answers]
    assert left == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] == "50"
    assert answers[2].headers["x-ratelimit-reset"] == str(int(NOON) + 60)
    assert answers[2].headers["content-type"] == "application/problem+json"
    assert http.get("/x").status_code == 200
    now[0] = NOON + 60
    assert http.get("/v1/x").status_code == 200


def test_other_sites_may_read_when_they_are_named():
    named = client(*cors("https://a.example, https://b.example"))
    asked = named.get("/v1/x", headers={"Origin": "https://b.example"})
    assert asked.headers["access-control-allow-origin"] == "https://b.example"
    assert "ETag" in asked.headers["access-control-expose-headers"]
    other = named.get("/v1/x", headers={"Origin": "https://c.example"})
    assert "access-control-allow-origin" not in other.headers
    everybody = client(*cors("*")).get("/x", headers={"Origin": "https://c.example"})
    assert everybody.headers["access-control-allow-origin"] == "*"
    assert cors("") == []
