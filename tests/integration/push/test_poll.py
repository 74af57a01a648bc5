"""newsman poll as a process: a feed's server on one side, ingest on the other."""

import gzip

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


def test_the_real_ingest_takes_a_feed(poll, feed, ingest, say):
    feed.default = lambda _: say(200, FEED, RSS)
    ended = poll(url=ingest.url)
    assert ended.code == 0, ended.err


def test_a_redirect_to_no_address_costs_that_feed_only(newsman, feed, server, say, tmp_path):
    feed.default = lambda asked: (
        say(302, b"", {"Location": "http://["}) if asked.path == "/bad" else say(200, FEED, RSS)
    )
    urls = [f"{feed.url}/bad", f"{feed.url}/good"]
    ended = newsman("poll", *urls, "--once", "--state", tmp_path / "state.json", url=server.url)
    assert ended.code == 1
    assert "it redirects to http://[" in ended.err
    assert [asked.body for asked in server.asked] == [FEED]
