"""What is answered from the shelf before the application is asked, and what is not."""

import asyncio

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisAway
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.answer_cache import LONGEST_ADDRESS, MOST_ADDRESSES, AnswerCache
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import AnswerStore, made

LONG = b"news " * 1_000


class Clock:
    now = 1_772_452_800.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A store behind one page; counts how often the page is asked for and made."""

    def __init__(self) -> None:
        self.changes: int | None = 1
        self.generation = 1
        self.failure: Exception | None = None
        self.refusal: Exception | None = None
        self.questions = self.reached = self.rendered = 0
        self.clock = Clock()
        self.gate = asyncio.Event()
        self.gate.set()
        self.body: bytes | None = LONG
        watch = StoreWatch(self.ask, fresh_seconds=0)
        self.cache = AnswerCache(
            AnswerStore(clock=self.clock, headers={"X-Own": "1"}),
            watch,
            lambda: self.generation,
            self.clock,
        )
        self.app = Starlette(
            routes=[Route("/page", self.page), Route("/other", self.other)],
            middleware=[Middleware(self.cache.express)],
            exception_handlers={RedisAway: lambda *_: Response(status_code=503)},
        )
        self.web = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://feeds"
        )

    async def ask(self) -> int | None:
        self.questions += 1
        if self.failure:
            raise self.failure
        return self.changes

    async def page(self, request):
        self.reached += 1

        async def make():
            self.rendered += 1
            await self.gate.wait()
            if self.refusal:
                raise self.refusal
            return None if self.body is None else made(self.body, "text/plain")

        variant = request.query_params.get("v", "")
        lasts = int(request.query_params.get("lasts", 0))
        return await self.cache.serve(request, make, variant, lasts_seconds=lasts)

    async def other(self, _):
        self.reached += 1
        return Response(b"other")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def in_loop(scene) -> None:
    asyncio.run(asyncio.wait_for(scene(), 10))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("packing", ["gzip, br", "identity"])
@pytest.mark.parametrize("condition", [None, "ETag", "Last-Modified"])
def test_what_was_asked_before_never_reaches_the_application(desk, method, packing, condition):
    async def scene():
        headers = {"Accept-Encoding": packing}
        whole = await desk.web.get("/page", headers=headers)
        desk.clock.now += 1
        if condition:
            dated = await desk.web.get("/page", headers=headers)
            name = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[condition]
            headers[name] = dated.headers[condition]
        desk.cache._places.clear()
        made_now = await desk.web.request(method, "/page", headers=headers)
        reached = desk.reached
        kept = await desk.web.request(method, "/page", headers=headers)
        assert desk.reached == reached
        assert kept.status_code == made_now.status_code == (304 if condition else 200)
        assert kept.headers.raw == made_now.headers.raw
        has_body = method == "GET" and condition is None
        assert kept.content == made_now.content == (whole.content if has_body else b"")

    in_loop(scene)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/page"), ("GET", "/page?v=2"), ("GET", "/page/"), ("GET", "/other")],
)
def test_anything_else_reaches_it(desk, method, path):
    async def scene():
        await desk.web.get("/page")
        await desk.web.get("/other")
        passed = await desk.web.request(method, path)
        assert passed.status_code in (200, 405, 307)
        assert passed.content != LONG or path == "/page?v=2"

    in_loop(scene)


def test_any_change_behind_it_makes_it_anew(desk):
    async def scene():
        await desk.web.get("/page?lasts=60")
        for change in ("changes", "generation"):
            setattr(desk, change, 2)
            rendered = desk.rendered
            await desk.web.get("/page?lasts=60")
            assert desk.rendered == rendered + 1
        desk.clock.now += 60
        await desk.web.get("/page?lasts=60")
        assert desk.rendered == 4
        await desk.web.get("/page?lasts=60")
        assert desk.rendered == 4

    in_loop(scene)


def test_without_a_whole_store_or_without_redis_the_route_says_so(desk):
    async def scene():
        assert (await desk.web.get("/page")).status_code == 200
        desk.changes = None
        refused = await desk.web.get("/page")
        assert refused.status_code == 503
        assert "retry-after" in refused.headers
        desk.changes, desk.failure = 1, RedisAway("away")
        assert (await desk.web.get("/page")).status_code == 503
        desk.failure = None
        rendered = desk.rendered
        assert (await desk.web.get("/page")).content == LONG
        assert desk.rendered == rendered + 1, "what was kept before the store went is forgotten"

    in_loop(scene)


def test_those_who_wait_for_the_same_page_have_it_made_once(desk):
    async def scene():
        desk.gate.clear()
        asking = [asyncio.ensure_future(desk.web.get("/page")) for _ in range(20)]
        while desk.reached < 20:
            await asyncio.sleep(0)
        desk.gate.set()
        assert {answer.content for answer in await asyncio.gather(*asking)} == {LONG}
        assert desk.rendered == 1

    in_loop(scene)


def test_a_reader_who_leaves_takes_the_page_from_nobody(desk):
    async def scene():
        desk.gate.clear()
        first = asyncio.ensure_future(desk.web.get("/page"))
        while desk.rendered == 0:
            await asyncio.sleep(0)
        second = asyncio.ensure_future(desk.web.get("/page"))
        while desk.reached < 2:
            await asyncio.sleep(0)
        first.cancel()
        desk.gate.set()
        assert (await second).content == LONG

    in_loop(scene)


def test_what_is_not_there_is_asked_for_again(desk):
    async def scene():
        desk.body = None
        answers = await asyncio.gather(*(desk.web.get("/page") for _ in range(5)))
        assert {answer.status_code for answer in answers} == {404}
        desk.body = LONG
        assert (await desk.web.get("/page")).status_code == 200

    in_loop(scene)


def test_a_failure_of_the_page_is_told_to_all_who_wait_for_it(desk):
    async def scene():
        desk.gate.clear()
        desk.refusal = HTTPException(410)
        asking = [asyncio.ensure_future(desk.web.get("/page")) for _ in range(3)]
        while desk.reached < 3:
            await asyncio.sleep(0)
        desk.gate.set()
        assert {answer.status_code for answer in await asyncio.gather(*asking)} == {410}
        assert desk.rendered == 1

    in_loop(scene)


def test_addresses_without_end_are_not_remembered(desk):
    async def scene():
        await desk.web.get("/page?x=" + "y" * LONGEST_ADDRESS)
        assert not desk.cache._places
        for number in range(MOST_ADDRESSES + 10):
            desk.cache._remember({"raw_path": b"/page", "query_string": b"%d" % number}, None)
        assert len(desk.cache._places) == MOST_ADDRESSES

    in_loop(scene)
