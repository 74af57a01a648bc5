"""Subscribers who read feeds: they see their products, and the ledger knows what they have."""

import json
from collections import Counter
from datetime import timedelta

import feedparser
import httpx
import pytest
from tests.unit.feeds.subscribers.conftest import put, subscriber

from newsman.feeds.subscribers.recognition import KnownSubscribers
from newsman.kafka.log import open_log
from newsman.kafka.records import decode
from newsman.subscribers.registry import Registry
from newsman_schemas.articles import Stage, article_id
from newsman_schemas.subscriptions import DeliveryNoted, SubscriberChanged
from newsman_schemas.topics import DELIVERY_NOTED, SUBSCRIBER_CHANGED

from .conftest import CUP, NOW
from .serving import serving

OPERATOR_TOKEN = "operator-token-of-the-tests"
SPORT, ARTS = {"section": "Sport"}, {"section": "Arts"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Told:
    """What would be noted, by subscriber."""

    def __init__(self) -> None:
        self.noted: Counter[tuple[str, str]] = Counter()

    def take(self, name, _channel, _target, several) -> None:
        self.noted.update((name, one.article_id) for one in several)

    def of(self, name: str) -> set[str]:
        found = {article for who, article in self.noted if who == name}
        self.noted.clear()
        return found


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def site_of(redis_url, namespace, catalogue, told):
    """The site as a subscriber reads it that may see anything, sport, or sport and arts."""
    registry = Registry()
    put(
        registry,
        subscriber("all", token="nmsub_all"),
        subscriber("sport", "section:sport", token="nmsub_sport"),
        subscriber("both", "section:sport", "section:arts", token="nmsub_both"),
    )
    known = lambda app: KnownSubscribers(app, registry, told)  # noqa: E731
    with serving(redis_url, namespace, catalogue=catalogue, known=known) as http:
        yield lambda path, name: http.get(path, headers=bearer(f"nmsub_{name}") if name else {})


@pytest.fixture
def papers(press) -> dict[str, str]:
    """An article of each section, in the store and the catalogue."""
    none = {"entities": (), "story": None}
    return {
        name: press.publish(name, hours=hour, section=name.title(), **none)
        for hour, name in enumerate(("sport", "arts", "city"))
    }


SEEN = {
    None: {"sport", "arts", "city"},
    "all": {"sport", "arts", "city"},
    "both": {"sport", "arts"},
    "sport": {"sport"},
}


@pytest.mark.parametrize("name", SEEN)
def test_every_listing_holds_what_the_products_do_and_that_alone_is_noted(
    site_of, papers, told, name
):
    expected = {papers[one] for one in SEEN[name]}
    for path in (
        "/latest.rss",
        "/latest.atom?limit=9",
        "/latest.ninjs",
        "/feed?format=json",
        "/feed?format=json&since=0",
        "/tags/cup.json",
        "/tags/cup.json?before=9999999999999-aaaaaaaaaaaaaaaa",
        "/v1/articles",
        "/v1/articles?since=0",
        "/v1/articles?tag=cup&collapse=story",
        "/v1/articles?q=ferry",
        "/search?q=ferry",
        "/sources/demo.txt",
        "/",
    ):
        answer = site_of(path, name)
        assert answer.status_code == 200, path
        assert {one for one in papers.values() if one in answer.text} == expected, path
        assert told.of(name or "") == (expected if name else set()), path


def test_an_article_outside_the_products_is_not_there(site_of, papers, told):
    for path in (
        "/articles/{}",
        "/articles/{}.ninjs",
        "/v1/articles/{}",
        "/v1/articles/{}/versions",
    ):
        assert site_of(path.format(papers["city"]), "both").status_code == 404
        assert told.of("both") == set()
        assert site_of(path.format(papers["arts"]), "both").status_code == 200
        assert told.of("both") >= {papers["arts"]}
        assert site_of(path.format(papers["city"]), None).status_code == 200


def test_a_page_of_a_subscriber_is_full_and_goes_on(site_of, press, told):
    none = {"entities": (), "story": None}
    wanted = [press.publish(f"s{n}", hours=n, section="Sport", **none) for n in range(4)]
    for n in range(20):
        press.publish(f"c{n}", hours=10 + n, section="City", **none)
    first = site_of("/v1/articles?limit=3", "both").json()
    assert [one["id"] for one in first["items"]] == wanted[:0:-1]
    rest = site_of(first["next"].removeprefix("https://news.example"), "both").json()
    assert [one["id"] for one in rest["items"]] == wanted[:1]
    skipped = site_of("/v1/articles?limit=3&offset=2", "sport").json()
    assert [one["id"] for one in skipped["items"]] == wanted[1::-1]
    told.of("both")
    site_of("/latest.json?before=9999999999999-aaaaaaaaaaaaaaaa", "both")
    assert told.of("both") == set(wanted)


def test_a_kill_is_noted_where_the_format_tells_of_it(site_of, press, papers, told):
    press.kill("sport", section="Sport")
    press.tell_of_the_kill("sport")
    for path in ("/feed?format=atom", "/v1/articles?since=0"):
        assert papers["sport"] in site_of(path, "sport").text
        assert told.of("sport") == {papers["sport"]}
    assert papers["sport"] not in site_of("/feed?format=rss", "sport").text
    assert told.of("sport") == set()


def test_what_is_chosen_from_is_not_noted(site_of, desk, papers, told):
    for number, name in enumerate(papers):
        desk.count(papers[name], 10 + number)
    assert len(site_of("/v1/popular", "all").json()["items"]) == 3
    assert told.of("all") == set(papers.values())
    body = site_of("/popular.json?section=arts&tag=cup", "all").json()
    assert [one["id"][-16:] for one in body["items"]] == [papers["arts"]]
    assert told.of("all") == {papers["arts"]}
    assert len(site_of("/popular.json", "sport").json()["items"]) == 1
    assert told.of("sport") == {papers["sport"]}
    site_of(f"/v1/articles/{papers['city']}/series?span=hour", "all")
    assert told.of("all") == set()


@pytest.fixture
def operator_file(tmp_path):
    file = tmp_path / "operator.token"
    file.touch(0o600)
    file.write_text(OPERATOR_TOKEN)
    return file


@pytest.fixture
def add_subscriber(publish, topics):
    """Writes subscribers to their log, as `newsman subscriber add` does."""

    def add(*several) -> None:
        for one in several:
            event = SubscriberChanged(
                event_id=one.name, occurred_at=NOW, by="test", name=one.name, subscriber=one
            )
            publish._put(SUBSCRIBER_CHANGED, event).get(timeout=30)

    return add


def kill(desk, publish, name: str, **fields) -> None:
    """As publish does it: the store, then the log."""
    article, keys = desk.take_away(name, **fields), desk.keys
    stage = Stage(stage="killed", service="publish", at=NOW + timedelta(minutes=1), version=2)
    desk.client.hset(keys.article(article), "revision", 2)
    desk.client.rpush(keys.history(article), stage.model_dump_json())
    publish(name, revision=2, action="killed")


def test_the_ledger_knows_who_read_what_with_a_token(
    desk,
    publish,
    start_service,
    add_subscriber,
    follow,
    operator_file,
    kafka_bootstrap,
    topics,
    eventually,
):
    add_subscriber(
        subscriber("site", token="nmsub_site"),
        subscriber("games", "section:sport", token="nmsub_games"),
    )
    cup = desk.publish("cup", **CUP)
    play = desk.publish("play", **ARTS)
    publish("cup", **CUP)
    publish("play", **ARTS)
    feeds = start_service("feeds")
    deliver = start_service("deliver", NEWSMAN_OPERATOR_TOKEN_FILE=str(operator_file))
    feeds.wait_ready()

    def get(path: str, token: str | None = None, base: str = feeds.url) -> httpx.Response:
        return httpx.get(base + path, headers=bearer(token) if token else {}, timeout=20)

    eventually(lambda: get("/v1/articles", "nmsub_games").status_code == 200)
    assert get("/latest.rss", "nmsub_nobody").status_code == 401
    entries = feedparser.parse(get("/latest.rss", "nmsub_site").content).entries
    assert {entry.id[-16:] for entry in entries} == {cup, play}
    assert len(get("/latest.rss").content) > 0
    with follow(feeds, token="nmsub_games", since=NOW.isoformat()) as stream:
        assert [one["data"]["id"] for one in stream.take(1)] == [cup]

    def noted() -> set[tuple[str, str, str, int]]:
        with open_log(kafka_bootstrap, client_id="test") as log:
            records = log.read_all(DELIVERY_NOTED.full_name(topics))
            notes = [decode(DeliveryNoted, record.value) for record in records]
        return {(one.subscriber, one.channel, one.article_id, one.revision) for one in notes}

    fetched = {
        ("site", "feed", cup, 1),
        ("site", "feed", play, 1),
        ("games", "feed", cup, 1),
        ("games", "stream", cup, 1),
    }
    assert eventually(lambda: noted() == fetched, what="the notes of what was fetched")

    kill(desk, publish, "cup", **CUP)
    deliver.wait_ready()

    def standing() -> dict[tuple[str, str], tuple[str, int, bool]]:
        answer = get(f"/v1/ledger/{cup}", OPERATOR_TOKEN, deliver.url)
        if answer.status_code != 200:
            return {}
        return {
            (one["subscriber"], one["channel"]): (one["standing"], one["version"], one["kill_open"])
            for one in answer.json()["holders"]
        }

    had = ("outdated", 1, True)
    everybody = {("site", "feed"), ("games", "feed"), ("games", "stream")}
    assert eventually(
        lambda: standing() == dict.fromkeys(everybody, had), what=lambda: f"the kill: {standing()}"
    )
    # RSS has no word for what was killed.
    assert cup not in get("/latest.rss", "nmsub_site").text
    assert get(f"/v1/articles/{cup}", "nmsub_games").status_code == 410
    after = {("site", "feed"): had, ("games", "stream"): had}
    after |= {("games", "feed"): ("unconfirmed", 2, False)}
    assert eventually(lambda: standing() == after, what="the kill that was fetched")
    assert get(f"/v1/articles/{article_id('demo', 'cup')}").status_code == 410
    assert json.loads(get("/v1/articles").text)["items"][0]["id"] == play
