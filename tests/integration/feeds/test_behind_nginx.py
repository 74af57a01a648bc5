"""The nginx of docs/secure.md, before pages and feeds: it keeps them, and no killed text."""

import contextlib
import time

import httpx
import pytest
from tests.integration.web.nginx import documented

from newsman.feeds.cache.store_watch import FRESH_SECONDS

from .conftest import CUP
from .serving import served

WITHIN_SECONDS = 1.0


class Requests:
    """Counts what comes as far as feeds."""

    reached = 0

    def __call__(self, app):
        async def count(scope, receive, send):
            self.reached += scope["type"] == "http"
            await app(scope, receive, send)

        return count


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def http(redis_url, namespace, tmp_path, requests):
    with (
        served(redis_url, namespace, fresh_seconds=FRESH_SECONDS, known=requests) as url,
        documented(tmp_path / "nginx", int(url.rpartition(":")[2])) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        yield http


@pytest.mark.parametrize("path", ["/latest.rss", "/articles/{id}"])
def test_a_kill_is_obeyed_within_a_second(http, desk, path):
    for number in range(3):
        name = f"cup-{number}"
        address = path.format(id=desk.publish(name, **CUP))
        shown = f"News of {name}"
        while shown not in http.get(address).text:
            pass  # half a second
        desk.take_away(name, **CUP)
        killed_at = time.monotonic()
        while True:
            asked_at = time.monotonic()
            if shown not in http.get(address).text:
                break
            assert asked_at - killed_at <= WITHIN_SECONDS


def test_it_answers_by_itself_each_form_as_feeds_would(http, desk):
    desk.publish("cup", body_html="<p>All about it.</p>" * 100)
    packed = http.get("/latest.rss")
    plain = http.get("/latest.rss", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["etag"] != plain.headers["etag"]
    for answer, packing in ((packed, "gzip"), (plain, "identity")):
        headers = {"Accept-Encoding": packing, "If-None-Match": answer.headers["etag"]}
        again = http.get("/latest.rss", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
    assert http.head("/latest.rss").headers["etag"] == packed.headers["etag"]


def test_what_is_one_reader_s_own_is_not_kept(http, cup, requests):
    for headers, path in (({"Authorization": "Basic abc"}, "/latest.rss"), ({}, "/v1/articles")):
        before = requests.reached
        for _ in range(5):
            assert http.get(path, headers=headers).status_code == 200
        assert requests.reached == before + 5


def test_without_feeds_it_says_so(redis_url, namespace, tmp_path, cup, eventually):
    with contextlib.ExitStack() as stack:
        with served(redis_url, namespace, fresh_seconds=FRESH_SECONDS) as url:
            proxy = documented(tmp_path / "nginx", int(url.rpartition(":")[2]))
            feed = f"http://127.0.0.1:{stack.enter_context(proxy)}/latest.rss"
            assert "News of cup" in httpx.get(feed).text
        eventually(lambda: httpx.get(feed).status_code == 502)
