"""Subscribers at the door: who is one, what is noted, and whose answers are kept for whom."""

from base64 import b64encode

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.unit.feeds.subscribers.conftest import put, subscriber, told

from newsman.feeds.cache.answer_cache import AnswerCache
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import AnswerStore, made
from newsman.feeds.subscribers.reading import current_reading, tell
from newsman.feeds.subscribers.recognition import KnownSubscribers
from newsman.subscribers.registry import Registry

SPORT = ("section:sport",)


class Notes:
    """What would be noted."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str, list[str]]] = []

    def take(self, name, channel, target, several) -> None:
        ids = [one.article_id[0] for one in several]
        if ids:
            self.taken.append((name, channel, target, ids))


class Press:
    """A page that is kept, an answer that is not, and one of an article that is gone."""

    def __init__(self) -> None:
        self.registry, self.notes, self.rendered = Registry(), Notes(), 0
        self.cache = AnswerCache(AnswerStore(), StoreWatch(self.changes), lambda: 1)
        app = Starlette(
            routes=[
                Route("/latest.rss", self.feed),
                Route("/v1/articles", self.listed),
                Route("/gone", self.gone),
            ],
            middleware=[Middleware(self.known), Middleware(self.cache.express)],
        )
        self.client = TestClient(app)

    def known(self, app):
        return KnownSubscribers(app, self.registry, self.notes)

    async def changes(self) -> int:
        return 1

    async def feed(self, request):
        async def make():
            self.rendered += 1
            reading = current_reading()
            tell([told("a"), told("b")])
            return made(f"for {reading.products if reading else 'all'}".encode(), "text/plain")

        return await self.cache.serve(request, make)

    async def listed(self, _):
        tell([told("c")])
        return PlainTextResponse("c")

    async def gone(self, _):
        tell([told("d", 2, "article.killed")])
        raise HTTPException(410)

    def get(self, path="/latest.rss", token=None, method="GET", **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.request(method, path, headers=headers)


@pytest.fixture
def press() -> Press:
    made_press = Press()
    put(
        made_press.registry,
        subscriber(),
        subscriber("games", *SPORT, token="nmsub_games"),
        subscriber("match", *SPORT, token="nmsub_match"),
    )
    return made_press


def test_the_public_is_answered_as_ever_and_nothing_is_noted(press):
    for path in ("/latest.rss", "/v1/articles"):
        answer = press.get(path)
        assert answer.status_code == 200
        assert "private" not in answer.headers.get("cache-control", "")
    assert press.notes.taken == []


def test_a_subscriber_is_noted_with_what_its_answer_tells(press):
    answers = [press.get(path, "nmsub_desk") for path in ("/latest.rss", "/v1/articles")]
    assert press.notes.taken == [
        ("desk", "feed", "/latest.rss", ["a", "b"]),
        ("desk", "feed", "/v1/articles", ["c"]),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["vary"].split(", ").count("Authorization") == 1


def test_a_password_is_a_token_for_readers_that_set_no_headers(press):
    pair = b64encode(b"whoever:nmsub_desk").decode()
    answer = press.get(Authorization=f"Basic {pair}")
    assert answer.status_code == 200
    assert press.notes.taken == [("desk", "feed", "/latest.rss", ["a", "b"])]


def test_a_kill_that_is_told_is_noted_and_a_refusal_is_not(press):
    assert press.get("/gone", "nmsub_desk").status_code == 410
    assert press.get("/nowhere", "nmsub_desk").status_code == 404
    assert press.notes.taken == [("desk", "feed", "/gone", ["d"])]


def test_what_hands_nothing_out_is_not_noted(press):
    tag = press.get(token="nmsub_desk").headers["etag"]
    press.notes.taken.clear()
    assert press.get(token="nmsub_desk", **{"If-None-Match": tag}).status_code == 304
    assert press.get(token="nmsub_desk", method="HEAD").status_code == 200
    assert press.notes.taken == []


def test_whoever_has_the_publics_bytes_is_handed_them_again_and_noted(press):
    tag = press.get().headers["etag"]
    answer = press.get(token="nmsub_desk", **{"If-None-Match": tag})
    assert (answer.status_code, len(press.notes.taken)) == (200, 1)


@pytest.mark.parametrize(
    "header", ["Bearer nmsub_other", "Basic " + b64encode(b"desk:nmsub_other").decode()]
)
def test_a_token_that_opens_nothing_is_refused_with_a_challenge(press, header):
    press.get()  # what is kept is no way around
    answer = press.get(Authorization=header)
    assert answer.status_code == 401
    assert {"Bearer", "Basic"} <= set(answer.headers["www-authenticate"].split())
    assert press.notes.taken == []


@pytest.mark.parametrize(
    "header",
    [
        "Bearer demo-key",
        "Basic " + b64encode(b"editor:the proxy's password").decode(),
        "Basic ###",
        b"Basic \xff\xe9",
        "Basic " + b64encode(b"\xff:\xff").decode(),
        b"Bearer \xff",
        "Digest x",
        "Negotiate nmsub_desk",
        "",
    ],
)
def test_credentials_of_others_change_nothing(press, header):
    public, answer = press.get(), press.get(Authorization=header)
    assert (answer.status_code, answer.content) == (200, public.content)
    assert answer.headers["etag"] == public.headers["etag"]
    assert press.notes.taken == []


def test_a_revoked_token_opens_nothing_any_more(press):
    assert press.get(token="nmsub_desk").status_code == 200
    put(press.registry, subscriber(token="nmsub_new"))
    assert press.get(token="nmsub_desk").status_code == 401
    assert press.get(token="nmsub_new").status_code == 200


def test_until_the_log_is_read_the_public_is_served_and_tokens_wait():
    press = Press()
    assert press.get().status_code == 200
    answer = press.get(token="nmsub_desk")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_what_is_kept_for_some_is_never_anothers(press):
    orders = [
        (None, "nmsub_desk", "nmsub_games", "nmsub_match"),
        ("nmsub_match", "nmsub_games", None, "nmsub_desk"),
    ]
    for order in orders:
        bodies = {token: press.get(token=token).text for token in order}
        assert bodies == {
            None: "for all",
            "nmsub_desk": "for ()",
            "nmsub_games": "for ('section:sport',)",
            "nmsub_match": "for ('section:sport',)",
        }
    assert press.rendered == 3
    # Both who may see the same are noted, though it was made once.
    assert {name for name, *_ in press.notes.taken} == {"desk", "games", "match"}
