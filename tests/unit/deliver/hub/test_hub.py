"""The hub tells only who confirmed, only what has changed, and can't be made to flood others."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.deliver.hub.world import NOW, SITE, RegistryLog, world

from newsman.deliver.hub.leases import Leases
from newsman.deliver.hub.limits import PER_CONFIRMED_HOST, PER_HOST, PER_SITE, MinuteLimits
from newsman.deliver.hub.topics import path_of, scope_of
from newsman_schemas.subscriptions import Filter, SubscriptionState

FEED = b"<feed/>"


def run(scenario, **options):
    async def in_world():
        async with world(**options) as everything:
            return await scenario(everything)

    return asyncio.run(in_world())


REFUSED = {
    "mode": {"mode": "listen"},
    "no mode": {"mode": ""},
    "no topic": {"topic": ""},
    "no callback": {"callback": ""},
    "another site's topic": {"topic": "https://elsewhere.example/latest.atom"},
    "a topic like ours": {"topic": f"{SITE}.elsewhere.example/latest.atom"},
    "a topic with a name": {"topic": "https://news.example@elsewhere.example/latest.atom"},
    "two slashes": {"topic": f"{SITE}//elsewhere.example/latest.atom"},
    "a fragment of a topic": {"topic": f"{SITE}/latest.atom#top"},
    "a line in a topic": {"topic": f"{SITE}/latest.atom\r\nx: y"},
    "no http": {"callback": "ftp://reader.example/"},
    "an internal callback": {"callback": "http://10.0.0.1:8080/"},
    "a metadata service": {"callback": "http://169.254.169.254/latest"},
    "a fragment": {"callback": "http://127.0.0.1:8080/#a"},
    "a long secret": {"secret": "x" * 200},
    "a lease in words": {"lease_seconds": "ten days"},
    "a negative lease": {"lease_seconds": "-5"},
    "a lease in other digits": {"lease_seconds": "１２３"},
    "a long topic": {"topic": f"{SITE}/{'a' * 1_100}.atom"},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED.keys())
def test_what_makes_no_sense_is_refused_at_once_and_nobody_is_asked(fields):
    async def scenario(w):
        response = await w.subscribe(w.feeds.put("/latest.atom", FEED), **fields)
        assert response.status_code == 400
        assert response.headers["content-type"].startswith("text/plain")
        assert response.text.strip()
        assert (w.reader.paths, w.feeds.requests, w.subscriptions()) == ([], [], ())

    run(scenario)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"hub.mode": "subscribe"}', "application/json"),
        (b"\xff=\xfe", "application/x-www-form-urlencoded"),
        (b"hub.mode=%ff%fe", "application/x-www-form-urlencoded"),
        (b"a=b&" * 200, "application/x-www-form-urlencoded"),
        (b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b"hub.mode=subscribe&hub.mode=unsubscribe", "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused(body, kind):
    async def scenario(w):
        assert (await w.post_raw(body, kind)).status_code == 400

    run(scenario)


def test_an_address_that_is_no_feed_is_denied_with_a_reason():
    async def scenario(w):
        await w.subscribe(f"{SITE}/nothing.atom")
        (asked,) = w.reader.asked
        assert asked["hub.mode"] == "denied"
        assert asked["hub.topic"] == f"{SITE}/nothing.atom"
        assert asked["hub.reason"] == "feeds answers 404: There is no such page."
        assert w.subscriptions() == ()

    run(scenario)


def test_what_feeds_does_not_understand_is_denied_in_its_words():
    async def scenario(w):
        w.feeds.misasked["/feed?limit=0"] = "limit: is a number from 1 to 100"
        await w.subscribe(f"{SITE}/feed?limit=0")
        reason = "feeds answers 400: limit: is a number from 1 to 100"
        assert w.reader.asked[0]["hub.reason"] == reason
        assert w.subscriptions() == ()

    run(scenario)


def test_without_a_hub_in_the_feeds_nobody_can_subscribe():
    async def scenario(w):
        w.feeds.hub = None
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        assert w.reader.asked[0]["hub.reason"] == "the feeds of this site name no hub"

    run(scenario)


def test_a_topic_may_be_named_by_any_of_its_addresses_and_is_told_as_by_its_own():
    async def scenario(w):
        own = "/feed?section=sport&lang=en&format=atom"
        topic = w.feeds.put(own, FEED)
        names = [
            w.feeds.alias("/feed?lang=en&section=Sport", own),
            w.feeds.alias("/feed?format=atom&limit=50&section=sport&language=en", own),
            topic,
        ]
        w.feeds.moved["/feed/?section=sport&lang=en"] = "/feed?lang=en&section=Sport"
        names.append(f"{SITE}/feed/?section=sport&lang=en")
        for number, name in enumerate(names):
            callback = f"{w.reader.callback}&as={number}"
            await w.subscribe(name, callback=callback)
        assert [asked["hub.topic"] for asked in w.reader.asked] == names
        assert len(w.subscriptions()) == len(names)
        scopes = {(one.events, one.filter.section, one.filter.lang) for one in w.subscriptions()}
        assert scopes == {(("article.*",), ("sport",), ("en",))}
        w.feeds.requests.clear()
        assert {answer.status for answer in await w.distribute()} == {204}
        assert {path for _, path in w.feeds.requests} == {own}
        assert [body for _, body in w.reader.sent] == [FEED] * len(names)
        links = {headers["link"] for headers, _ in w.reader.sent}
        assert links == {f'<{topic}>; rel="self", <https://hub.example/hub>; rel="hub"'}

    run(scenario)


def test_a_page_of_a_topic_is_none_and_its_reason_says_the_address():
    async def scenario(w):
        w.feeds.put("/latest.atom", FEED)
        page = w.feeds.put("/latest.atom?before=1-aaaaaaaaaaaaaaaa", b"<feed>older</feed>")
        w.feeds.canonical["/latest.atom?before=1-aaaaaaaaaaaaaaaa"] = "/latest.atom"
        await w.subscribe(page)
        assert w.reader.asked[0]["hub.reason"] == f"the address of this topic is {SITE}/latest.atom"
        assert w.subscriptions() == ()

    run(scenario)


def test_a_topic_that_changes_while_it_is_looked_at_is_looked_at_again():
    async def scenario(w):
        w.feeds.put("/latest.atom", b"<feed>new</feed>")
        other = w.feeds.put("/index.atom", FEED)
        w.feeds.canonical["/index.atom"] = "/latest.atom"
        subscribing = asyncio.create_task(w.subscribe(other))
        while ("HEAD", "/latest.atom") not in w.feeds.requests:
            await asyncio.sleep(0)
        w.feeds.put("/index.atom", b"<feed>new</feed>")
        await subscribing
        assert [one.options["topic"] for one in w.subscriptions()] == [other]

    run(scenario)


@pytest.mark.parametrize(
    "location", ["/a.atom", "https://elsewhere.example/latest.atom", "//elsewhere.example/", ""]
)
def test_moves_without_end_and_to_other_sites_are_not_followed(location):
    async def scenario(w):
        w.feeds.moved["/a.atom"] = location
        await w.subscribe(f"{SITE}/a.atom")
        assert w.reader.asked[0]["hub.mode"] == "denied"
        assert len(w.feeds.requests) <= 3

    run(scenario)


def test_a_topic_that_moves_later_is_followed():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/entities/kyiv.atom", FEED))
        w.feeds.put("/entities/kiev.atom", b"<feed>renamed</feed>")
        w.feeds.moved["/entities/kyiv.atom"] = "/entities/kiev.atom"
        await w.distribute()
        assert w.reader.sent[-1][1] == b"<feed>renamed</feed>"

    run(scenario)


@pytest.mark.parametrize(("status", "echo"), [(404, True), (200, False), (302, True), (204, True)])
def test_who_does_not_confirm_is_not_subscribed(status, echo):
    async def scenario(w):
        w.reader.confirming, w.reader.echo = status, echo
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        assert len(w.reader.asked) == 1
        assert w.subscriptions() == ()

    run(scenario)


def test_an_unclear_answer_is_asked_for_again_and_then_no_more():
    async def scenario(w):
        w.reader.confirming = 503
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        assert len(w.reader.asked) == 3
        assert w.subscriptions() == ()

    run(scenario, again_seconds=(0.01, 0.01))


def test_feeds_that_are_away_deny_for_now():
    async def scenario(w):
        w.feeds.failing = 503
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        assert "try again" in w.reader.asked[0]["hub.reason"]

    run(scenario)


def test_one_host_is_asked_a_few_times_a_minute_only():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        w.reader.echo = False
        statuses = []
        for number in range(PER_HOST + 5):
            callback = f"http://127.0.0.1:{w.reader.port}/{number}"
            statuses.append((await w.subscribe(topic, callback=callback)).status_code)
        assert statuses == [202] * PER_HOST + [503] * 5
        assert len(w.reader.asked) == PER_HOST

    run(scenario)


def test_limits_begin_anew_and_count_hosts_of_a_site_together():
    clock = [0.0]
    limits = MinuteLimits(lambda: clock[0])
    taken = [limits.take_callback(f"https://h{n}.flood.example/") for n in range(200)]
    assert taken.count(True) == PER_SITE
    assert limits.take_callback("https://reader.other/")
    clock[0] = 61
    assert limits.take_callback("https://h1.flood.example/")


def test_a_host_that_has_confirmed_may_ask_for_more():
    limits = MinuteLimits(lambda: 0.0)
    limits.confirm("https://reader.example/1")
    taken = [limits.take_callback(f"https://reader.example/{n}") for n in range(200)]
    assert taken.count(True) == PER_CONFIRMED_HOST


def test_an_unsubscription_of_somebody_unknown_asks_nobody():
    async def scenario(w):
        response = await w.subscribe(f"{SITE}/latest.atom", mode="unsubscribe")
        assert (response.status_code, w.reader.paths) == (202, [])

    run(scenario)


def test_what_has_not_changed_is_not_sent_again():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        await w.subscribe(topic)
        first = await w.distribute("a" * 16, "b" * 16)
        second = await w.distribute("c" * 16)
        w.feeds.put("/latest.atom", b"<feed>2</feed>")
        third = await w.distribute("d" * 16)
        assert [answer.status for answer in (*first, *second, *third)] == [204] * 4
        assert second[0].detail == "the topic has not changed"
        assert [body for _, body in w.reader.sent] == [FEED, b"<feed>2</feed>"]

    run(scenario)


@pytest.mark.parametrize("status", [500, 302, 404, 410])
def test_what_was_not_taken_is_sent_again(status):
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        w.reader.status = status
        assert (await w.distribute())[0].status == status
        w.reader.status = 200
        assert (await w.distribute())[0].status == 200
        assert len(w.reader.sent) == 2

    run(scenario)


def test_nothing_goes_before_feeds_has_read_the_log_as_far():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        w.log_ends.update({0: 5, 1: 2})
        w.feeds.since = "0.4-1.2"
        telling = asyncio.create_task(w.distribute())
        asked_before = len(w.feeds.requests)
        while len(w.feeds.requests) < asked_before + 3:
            await asyncio.sleep(0.01)
        assert w.reader.sent == []
        w.feeds.put("/latest.atom", b"<feed>whole</feed>")
        w.feeds.since = "0.5-1.2"
        await telling
        assert [body for _, body in w.reader.sent] == [b"<feed>whole</feed>"]

    run(scenario)


def test_a_crowd_of_subscribers_shares_what_is_read():
    async def scenario(w):
        topic = w.feeds.put("/latest.atom", FEED)
        before = len(w.feeds.requests)
        reader = w.channel._feeds
        contents = await asyncio.gather(*(reader.content(topic) for _ in range(50)))
        assert {content.body for content in contents} == {FEED}
        assert len(w.feeds.requests) - before <= 2

    run(scenario)


def test_topics_are_read_while_the_threads_of_the_loop_are_taken():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        go_on, others = threading.Event(), ThreadPoolExecutor(1)
        asyncio.get_running_loop().set_default_executor(others)
        others.submit(go_on.wait, 60)
        (answer,) = await w.distribute()
        go_on.set()
        assert answer.status == 204

    run(scenario)


def test_feeds_that_are_away_are_asked_again_later():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        w.feeds.failing = 500
        (answer,) = await w.distribute()
        assert (answer.status, answer.retry_after) == (503, "5")
        assert w.reader.sent == []

    run(scenario)


def test_a_topic_that_has_gone_ends_its_subscriptions():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/entities/oslo.atom", FEED))
        w.feeds.bodies.clear()
        (answer,) = await w.distribute()
        assert answer.status == 410

    run(scenario)


def test_leases_that_are_over_and_receivers_that_have_gone_are_deleted():
    async def scenario(w):
        for path in ("/latest.atom", "/latest.rss", "/latest.json"):
            await w.subscribe(w.feeds.put(path, FEED))
        over, gone, kept = w.subscriptions()
        log = RegistryLog(w.registry)
        log.put(over.model_copy(update={"expires_at": datetime.now(UTC)}), by="test")
        log.put(gone.model_copy(update={"state": SubscriptionState.DISABLED}), by="test")
        assert next(iter(await w.distribute())).status == 410
        Leases(w.registry, log).sweep()
        assert w.subscriptions() == (kept,)
        Leases(w.registry, log, lambda: datetime.now(UTC) + timedelta(days=11)).sweep()
        assert w.subscriptions() == ()

    run(scenario)


def test_a_ping_has_the_queues_of_a_topic_looked_at_and_can_not_be_repeated_without_end():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        await w.subscribe(w.feeds.put("/latest.rss", FEED))
        wanted = w.subscriptions()[0]
        for _ in range(9):
            response = await w.post(mode="publish", url=wanted.options["topic"])
            assert response.status_code == 202
            await w.settled()
        assert w.looked_at == [wanted.id] * 6
        other = await w.post(mode="publish", topic="https://elsewhere.example/")
        assert other.status_code == 400
        assert (await w.post(mode="publish")).status_code == 400

    run(scenario)


@pytest.mark.parametrize(
    ("path", "filters", "ranked"),
    [
        ("/latest.atom", {}, False),
        ("/sections/sport.rss", {"section": ("sport",)}, False),
        ("/tags/climate-change.ninjs", {"tag": ("climate-change",)}, False),
        ("/entities/k%C3%B8benhavn.json", {"entity": ("københavn",)}, False),
        ("/languages/pt-br.txt", {"lang": ("pt-br",)}, False),
        (
            "/feed?section=science&lang=en&format=atom",
            {"section": ("science",), "lang": ("en",)},
            False,
        ),
        (
            "/feed?source=a&author=b&language=de&format=rss",
            {"source": ("a",), "author": ("b",), "lang": ("de",)},
            False,
        ),
        ("/feed?story=abc&format=rss", {}, False),
        ("/corrections.atom?tag=ferries", {"tag": ("ferries",)}, False),
        ("/articles/aaaaaaaaaaaaaaaa/history.atom", {}, False),
        ("/popular.rss?window=24h", {}, True),
        ("/popular.rss?window=24h&section=sport", {"section": ("sport",)}, True),
    ],
)
def test_only_what_can_touch_a_listing_is_looked_at(path, filters, ranked):
    scope = scope_of(path)
    assert scope.filter == Filter(**filters)
    assert ("ranking.changed" in scope.events) is ranked


def test_topics_are_addresses_of_the_site():
    assert path_of(f"{SITE}/a.atom?b=c", f"{SITE}/") == "/a.atom?b=c"
    for other in (SITE, f"{SITE}x/a", f"{SITE}:81/a", "http://news.example/a", ""):
        assert path_of(other, SITE) is None


def test_all_that_changes_within_two_seconds_is_due_at_one_moment():
    async def scenario(w):
        await w.subscribe(w.feeds.put("/latest.atom", FEED))
        (one,) = w.subscriptions()
        due = {
            w.channel.due_at(one, NOW + timedelta(milliseconds=ms)) for ms in range(0, 2_000, 90)
        }
        assert due == {NOW + timedelta(seconds=2)}

    run(scenario)
