"""The checks 100 to 106 that websub.rocks makes of hubs, written anew."""

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.deliver.hub.world import HUB_URL, world

from newsman_schemas.subscriptions import Filter

FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Sport</title></feed>'
DAY = 24 * 3_600


def run(scenario):
    async def in_world():
        async with world() as everything:
            return await scenario(everything)

    return asyncio.run(in_world())


def test_100_a_typical_subscriber_is_verified_and_sent_the_whole_topic():
    async def scenario(w):
        topic = w.feeds.put("/sections/sport.atom", FEED)
        response = await w.subscribe(topic)
        assert response.status_code == 202
        (asked,) = w.reader.asked
        assert asked["hub.mode"] == "subscribe"
        assert asked["hub.topic"] == topic
        assert asked["kept"] == "1"
        assert int(asked["hub.lease_seconds"]) == 10 * DAY
        assert len(asked["hub.challenge"]) >= 32
        (kept,) = w.subscriptions()
        assert (kept.target, kept.filter) == (w.reader.callback, Filter(section=("sport",)))
        assert kept.events == ("article.*",)

        assert [answer.status for answer in await w.distribute()] == [204]
        ((headers, body),) = w.reader.sent
        assert body == FEED
        assert headers["content-type"].startswith("application/atom+xml")
        assert f'<{HUB_URL}>; rel="hub"' in headers["link"]
        assert f'<{topic}>; rel="self"' in headers["link"]
        assert "x-hub-signature" not in headers

    run(scenario)


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_101_a_secret_signs_what_is_sent(method):
    async def scenario():
        async with world(method=method) as w:
            await w.subscribe(
                w.feeds.put("/latest.rss", FEED, "application/rss+xml"), secret="s3cr€t"
            )
            await w.distribute()
            ((headers, body),) = w.reader.sent
            name, _, value = headers["x-hub-signature"].partition("=")
            assert name == method
            assert value == hmac.new("s3cr€t".encode(), body, getattr(hashlib, method)).hexdigest()
            assert "s3cr€t" not in repr(w.subscriptions())

    asyncio.run(scenario())


def test_102_what_the_hub_does_not_know_is_ignored():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        response = await w.subscribe(topic, foo="bar", verify="sync", verify_token="x")
        assert response.status_code == 202
        assert len(w.subscriptions()) == 1
        assert "hub.foo" not in w.reader.asked[0]

    run(scenario)


def test_103_a_renewal_is_verified_anew_and_takes_the_place_of_the_lease():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        w.log_ends[0] = 7
        await w.subscribe(topic, lease_seconds="3600", secret="one")
        (first,) = w.subscriptions()
        w.log_ends[0] = 9
        await w.subscribe(topic, lease_seconds="7200", secret="two")
        (second,) = w.subscriptions()
        challenges = {asked["hub.challenge"] for asked in w.reader.asked}
        assert len(challenges) == 2
        assert second.id == first.id
        assert second.expires_at - first.expires_at > timedelta(seconds=3_500)
        assert second.secrets[0].value == "two"
        assert second.start == first.start == {0: 7}
        w.reader.echo = False
        await w.subscribe(topic, secret="three")
        assert w.subscriptions() == (second,)

    run(scenario)


def test_104_an_unsubscription_is_verified_and_ends_it():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        await w.subscribe(topic)
        w.reader.echo = False
        assert (await w.subscribe(topic, mode="unsubscribe")).status_code == 202
        assert len(w.subscriptions()) == 1
        w.reader.echo = True
        await w.subscribe(topic, mode="unsubscribe")
        assert w.subscriptions() == ()
        asked = w.reader.asked[-1]
        assert asked["hub.mode"] == "unsubscribe"
        assert "hub.lease_seconds" not in asked
        assert await w.distribute() == []
        assert w.reader.sent == []

    run(scenario)


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        ("/latest.txt", "text/plain", "Fähre fährt wieder\n".encode()),
        ("/latest.json", "application/feed+json", b'{"items": []}'),
    ],
    ids=["105 plain text", "106 JSON"],
)
def test_105_106_content_of_any_type_goes_as_it_is(path, media_type, body):
    async def scenario(w):
        await w.subscribe(w.feeds.put(path, body, media_type))
        await w.distribute()
        ((headers, sent),) = w.reader.sent
        assert sent == body
        assert headers["content-type"].partition(";")[0] == media_type

    run(scenario)


@pytest.mark.parametrize(
    ("asked", "given"), [("", 10 * DAY), ("1", 60), ("86400", DAY), ("99999999999999999", 10 * DAY)]
)
def test_leases_have_bounds(asked, given):
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED), lease_seconds=asked)
        assert int(w.reader.asked[0]["hub.lease_seconds"]) == given
        (kept,) = w.subscriptions()
        left = kept.expires_at - datetime.now(UTC)
        assert timedelta(seconds=given - 30) < left <= timedelta(seconds=given)

    run(scenario)
