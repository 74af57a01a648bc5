"""newsman poll as a process: a feed's server on one side, ingest on the other."""

import gzip
import time

import pytest

FEED = b"""<rss version="2.0"><channel><title>Fjord</title>
<item><guid>urn:story:1</guid><title>Ferry returns</title></item></channel></rss>"""
NEWER = FEED.replace(b"Ferry returns", b"Ferry leaves")
RSS = {"Content-Type": "application/rss+xml"}


@pytest.fixture
def feed(other_server):
    return other_server


@pytest.fixture
def poll(newsman, feed, tmp_path):
    def run(*words, url: str):
        state = tmp_path / "state.json"
        return newsman(
            "poll", f"{feed.url}/feed", "--once", "--every", "1", "--state", state, *words, url=url
        )

    return run


def test_a_feed_is_fetched_conditionally_and_sent_once(poll, feed, server, say):
    validators = {"ETag": '"a"', "Last-Modified": "Sun, 01 Mar 2026 08:00:00 GMT"}
    feed.script = [say(200, FEED, {**RSS, **validators}), say(304), say(200, FEED, RSS)]
    assert [poll(url=server.url).code for _ in range(3)] == [0, 0, 0]
    assert [asked.body for asked in server.asked] == [FEED]
    assert server.asked[0].headers["content-type"] == "application/rss+xml"
    first, second, _ = feed.asked
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == '"a"'
    assert second.headers["if-modified-since"] == validators["Last-Modified"]
    assert "authorization" not in first.headers
    assert second.headers["user-agent"].startswith("Newsman/")


def test_a_change_is_sent_and_gzip_is_read(poll, feed, server, say):
    packed = say(200, gzip.compress(NEWER), {**RSS, "Content-Encoding": "gzip"})
    feed.script = [say(200, FEED, RSS), packed]
    assert [poll(url=server.url).code for _ in range(2)] == [0, 0]
    assert [asked.body for asked in server.asked] == [FEED, NEWER]


def test_a_feed_that_is_cut_off_is_fetched_and_sent_again(poll, feed, server, say):
    cut = say(200, FEED[:-30], {**RSS, "ETag": '"a"'})
    feed.script = [cut, cut, say(200, FEED, RSS), say(200, FEED, RSS)]
    assert [poll(url=server.url).code for _ in range(4)] == [1, 1, 0, 0]
    assert [asked.body for asked in server.asked] == [FEED[:-30], FEED[:-30], FEED]
    assert all("if-none-match" not in asked.headers for asked in feed.asked)


def test_ingest_is_told_where_the_feed_stands(poll, feed, server, say):
    feed.default = lambda _: say(200, FEED, RSS)
    assert poll(url=server.url).code == 0
    assert server.asked[0].headers["content-location"] == f"{feed.url}/feed"


def test_what_ingest_did_not_take_is_fetched_and_sent_again(poll, feed, server, say):
    feed.default = lambda _: say(200, FEED, {**RSS, "ETag": '"a"'})
    server.default = lambda _: say(503)
    assert poll("--retry-for", "1", url=server.url).code == 1
    assert "if-none-match" not in feed.asked[-1].headers
    del server.default
    server.default = lambda _: say(202, b'{"status": "accepted"}')
    for _ in range(20):
        if poll(url=server.url).code == 0:
            break
    assert server.asked[-1].body == FEED
    assert all("if-none-match" not in asked.headers for asked in feed.asked)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_feed_that_fails_is_a_1_and_sends_nothing(poll, feed, server, say, status):
    feed.default = lambda _: say(status)
    assert poll(url=server.url).code == 1
    assert server.asked == []


def test_a_feed_that_is_gone_is_not_asked_again(poll, feed, server, say):
    feed.default = lambda _: say(410)
    assert [poll(url=server.url).code for _ in range(2)] == [1, 1]
    assert len(feed.asked) == 1


def test_a_server_that_asks_for_time_gets_it(
    poll, newsman, feed, server, say, tmp_path, eventually
):
    feed.script = [say(503, b"", {"Retry-After": "3600"})]
    assert [poll(url=server.url).code for _ in range(2)] == [1, 1]
    assert len(feed.asked) == 1
    other = f"{feed.url}/other"
    feed.script = [say(503, b"", {"Retry-After": "2"})]
    feed.default = lambda _: say(200, FEED, RSS)
    words = ("poll", other, "--every", "1", "--state", tmp_path / "other.json")
    began = time.monotonic()
    newsman.start(*words, url=server.url)
    eventually(lambda: server.asked, what="the feed is sent on")
    assert time.monotonic() - began >= 2
    assert [asked.path for asked in feed.asked[1:]] == ["/other", "/other"]


def test_redirects_are_followed_and_permanent_ones_remembered(poll, feed, server, say):
    moved = {
        "/feed": say(301, b"", {"Location": "/new"}),
        "/new": say(200, FEED, {**RSS, "ETag": "1"}),
    }
    feed.default = lambda asked: moved[asked.path]
    assert [poll(url=server.url).code for _ in range(2)] == [0, 0]
    assert [asked.path for asked in feed.asked] == ["/feed", "/new", "/new"]
    # What validates the one address is none of another's business.
    assert "if-none-match" not in feed.asked[1].headers
    assert feed.asked[2].headers["if-none-match"] == "1"
    assert [asked.body for asked in server.asked] == [FEED]


def test_a_feed_that_leads_in_circles_is_left(poll, feed, server, say):
    feed.default = lambda _: say(302, b"", {"Location": "/feed"})
    ended = poll(url=server.url)
    assert (ended.code, server.asked) == (1, [])
    assert "redirects" in ended.err


def test_neither_key_nor_a_token_of_the_feed_is_in_the_log(newsman, feed, server, say, tmp_path):
    feed.default = lambda asked: say(302, b"", {"Location": f"{asked.path}&again=1"})
    address = f"{feed.url}/feed?token=of-the-feed"
    words = ("poll", address, "--once", "--state", tmp_path / "state.json")
    ended = newsman(*words, url=server.url, key="key-of-the-desk")
    assert "token=…" in ended.err
    for secret in ("of-the-feed", "key-of-the-desk"):
        assert secret not in ended.out + ended.err


def test_the_real_ingest_takes_a_feed(poll, feed, ingest, say):
    feed.default = lambda _: say(200, FEED, RSS)
    ended = poll(url=ingest.url)
    assert ended.code == 0, ended.err


def test_what_the_real_ingest_took_without_a_date_is_told_once_a_kind(poll, feed, ingest, say):
    dated = FEED.replace(b"</item>", b"<pubDate>0000-00-00</pubDate></item>")
    both = dated.replace(b"</channel>", dated[dated.index(b"<item>") : dated.index(b"</channel>")])
    feed.default = lambda _: say(200, both.replace(b":1<", b":2<", 1) + b"</channel></rss>", RSS)
    ended = poll(url=ingest.url)
    assert ended.code == 0, ended.err
    told = [line for line in ended.err.splitlines() if "warnings: " in line]
    assert len(told) == 1
    assert "/feed: 2 warnings: /published: " in told[0]


def test_a_redirect_to_no_address_costs_that_feed_only(newsman, feed, server, say, tmp_path):
    feed.default = lambda asked: (
        say(302, b"", {"Location": "http://["}) if asked.path == "/bad" else say(200, FEED, RSS)
    )
    urls = [f"{feed.url}/bad", f"{feed.url}/good"]
    ended = newsman("poll", *urls, "--once", "--state", tmp_path / "state.json", url=server.url)
    assert ended.code == 1
    assert "it redirects to http://[" in ended.err
    assert [asked.body for asked in server.asked] == [FEED]


MAINTENANCE = b"<!DOCTYPE html><html><body><h1>Maintenance</h1>Back at noon.</body></html>"


@pytest.mark.parametrize("kind", ["text/html", "application/rss+xml"])
def test_a_page_that_stands_in_for_a_feed_changes_nothing(poll, feed, server, say, tmp_path, kind):
    page = {"Content-Type": kind, "ETag": '"page"', "Cache-Control": "max-age=9999"}
    feed.script = [
        say(200, FEED, {**RSS, "ETag": '"a"'}),
        say(301, b"", {"Location": "/sorry"}),
        say(200, MAINTENANCE, page),
        say(304),
    ]
    assert poll(url=server.url).code == 0
    before = (tmp_path / "state.json").read_bytes()
    ended = poll(url=server.url)
    assert ended.code == 1
    assert "no RSS, RDF, Atom or JSON Feed" in ended.err
    assert (tmp_path / "state.json").read_bytes() == before
    assert poll(url=server.url).code == 0
    assert (feed.asked[-1].path, feed.asked[-1].headers["if-none-match"]) == ("/feed", '"a"')
    assert [asked.body for asked in server.asked] == [FEED]


def test_a_feed_without_items_is_well_and_sends_nothing(poll, feed, server, say):
    empty = b"<rss version='2.0'><channel><title>Fjord</title></channel></rss>"
    feed.script = [say(200, empty, {**RSS, "ETag": '"e"'}), say(200, FEED, RSS)]
    assert [poll(url=server.url).code for _ in range(2)] == [0, 0]
    assert feed.asked[1].headers["if-none-match"] == '"e"'
    assert [asked.body for asked in server.asked] == [FEED]


def test_a_poll_is_of_feeds_only(poll, feed, server):
    ended = poll("--format", "html", url=server.url)
    assert (ended.code, feed.asked) == (2, [])
    assert "--format" in ended.err
