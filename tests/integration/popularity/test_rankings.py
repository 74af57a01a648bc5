"""Rankings over a real store, with counts that the counting script made."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.integration.feeds.conftest import Desk

from newsman.popularity.counting.count_store import CountStore
from newsman.rankings.core import AttentionShares, Edit
from newsman.rankings.past import views_as_of
from newsman.rankings.ranking import RankingRequest, Rankings
from newsman.redis.client import build_async_client
from newsman_schemas.articles import Entity, Tag
from newsman_schemas.popularity import ArticleViewed
from newsman_schemas.topics import ARTICLE_VIEWED

from .conftest import View, batch_of

NOW = 1_772_452_830
HOUR, DAY = 3_600, 86_400
SPORT = {"section": "Sport", "language": "en"}


@pytest.fixture
def desk(redis_client, namespace) -> Desk:
    return Desk(redis_client, namespace)


class Crowd:
    """Reads articles; of each partition the counts go on from where they are."""

    def __init__(self, client, namespace: str) -> None:
        self.store = CountStore(client, namespace, window_seconds=1_800)
        self.offsets: dict[int, int | None] = {}
        self.readers = 0

    def reads(self, article: str, times: int, *, at: int = NOW, readers: int = 0) -> None:
        """So many views, each by a reader of its own or in turn by so many."""
        partition = ord(article[0]) % ARTICLE_VIEWED.partitions
        expected = self.offsets.setdefault(partition, self.store.offset(partition))
        views = []
        for n in range(times):
            self.readers += 1
            reader = f"r{n % readers}" if readers else f"new{self.readers}"
            views.append(View(article, reader, at - (n // readers * 1_800 if readers else 0), NOW))
        self.offsets[partition] = (expected or 0) + times
        told = {"expected": expected, "next_offset": self.offsets[partition]}
        self.store.count(partition, batch_of(views), clock_seconds=NOW, **told)


@pytest.fixture
def crowd(redis_client, namespace) -> Crowd:
    return Crowd(redis_client, namespace)


@pytest.fixture
def ask(redis_url, namespace):
    """The ids and the rows of a ranking."""

    def ask(order="views", window="24h", scope="all", limit=20, edits=None):
        async def rows():
            client = build_async_client(redis_url)
            rankings = Rankings(client, namespace, ARTICLE_VIEWED.partitions)
            if edits is not None:
                await rankings.edits.write(edits, 1)
            asked = RankingRequest(order, window, scope, limit)
            found = await rankings.rows(asked, now=datetime.fromtimestamp(NOW, UTC))
            await client.aclose()
            return found

        return asyncio.run(rows())

    return ask


def ids(rows) -> list[str]:
    return [row.article_id for row in rows]


def test_most_views_and_most_readers_are_two_orders(desk, crowd, ask):
    often, many, few = (desk.publish(name) for name in ("often", "many", "few"))
    crowd.reads(often, 30, readers=3)
    crowd.reads(many, 20)
    crowd.reads(few, 5)
    assert ids(ask("views")) == [often, many, few]
    assert ids(ask("readers")) == [many, few, often]
    assert [(r.views, r.readers) for r in ask("readers")] == [(20, 20), (5, 5), (30, 3)]
    assert ids(ask("readers", limit=1)) == [many]


def test_most_readers_are_found_however_far_down_the_views(desk, crowd, ask):
    articles = [desk.publish(f"loud {n}") for n in range(30)]
    for article in articles:
        crowd.reads(article, 12, readers=1)
    quiet = desk.publish("quiet")
    crowd.reads(quiet, 11)
    assert ids(ask("readers", limit=2))[0] == quiet


def test_a_fresh_view_is_worth_more_than_an_old_one_in_the_decayed_order(desk, crowd, ask):
    old, new = desk.publish("old"), desk.publish("new")
    crowd.reads(old, 30, at=NOW - 23 * HOUR)
    crowd.reads(new, 10)
    assert ids(ask("views")) == [old, new]
    assert ids(ask("decayed")) == [new, old]


def test_what_rises_stands_out_of_its_own_past_and_its_sections(desk, crowd, ask):
    evergreen, sudden = desk.publish("evergreen", **SPORT), desk.publish("sudden", **SPORT)
    for hours in range(1, 24):
        crowd.reads(evergreen, 40, at=NOW - hours * HOUR)
    crowd.reads(evergreen, 42)
    crowd.reads(sudden, 39)
    assert ids(ask("views", "1h")) == [evergreen, sudden]
    assert ids(ask("rising", "1h"))[0] == sudden
    assert ids(ask("rising", "1h", "section:sport"))[0] == sudden


@pytest.mark.parametrize("order", ["views", "readers", "decayed", "rising"])
@pytest.mark.parametrize(
    "scope", ["section:sport", "tag:cup", "entity:oslo", "language:en", "source:desk"]
)
def test_each_scope_holds_its_own_in_every_order(desk, crowd, ask, order, scope):
    tag = Tag(name="Cup", slug="cup", confidence=1, method="test")
    oslo = Entity(name="Oslo", slug="oslo", type="place", mentions=1, confidence=1, method="test")
    inside = desk.publish("inside", **SPORT, source="desk", tags=(tag,), entities=(oslo,))
    outside = desk.publish("outside", section="Arts", language="nb", source="other")
    crowd.reads(outside, 20)
    crowd.reads(inside, 10)
    assert set(ids(ask(order, "1h"))) == {inside, outside}
    assert ids(ask(order, "1h", scope)) == [inside]


def test_equal_scores_stand_in_an_order_that_stays(desk, crowd, ask):
    articles = [desk.publish(f"equal {n}") for n in range(12)]
    for article in articles:
        crowd.reads(article, 3)
    for order in ("views", "readers", "decayed"):
        first = ids(ask(order))
        assert first == sorted(articles, reverse=True)
        assert ids(ask(order, limit=5)) == first[:5]


def test_what_may_not_be_seen_never_ranks(desk, crowd, ask):
    killed, shown = desk.publish("killed"), desk.publish("shown")
    embargoed = desk.publish("embargoed", **SPORT)
    for article in (killed, embargoed, shown):
        crowd.reads(article, 9)
    desk.take_away("killed")
    desk.take_away("embargoed", "scheduled", **SPORT)
    pins = {killed: Edit(pins=(("all", 1),))}
    for order in ("views", "readers", "decayed", "rising"):
        assert ids(ask(order, "1h", edits=pins)) == [shown]
        assert ask(order, "1h", "section:sport") == []


def test_pins_bans_and_holds_are_obeyed_in_every_order(desk, crowd, ask):
    a, b, c, d = (desk.publish(name) for name in "abcd")
    for article, views in ((a, 9), (b, 8), (c, 7)):
        crowd.reads(article, views)
    edits = {
        a: Edit(banned=True),
        b: Edit(held=True),
        d: Edit(pins=(("all", 1),)),
    }
    for order in ("views", "readers", "decayed", "rising"):
        rows = ask(order, "1h", edits=edits)
        assert ids(rows) == [d, c]
        assert [row.pinned for row in rows] == [True, False]
    edits[b] = Edit(held=False, admitted=True)
    assert ids(ask("views", "1h", edits=edits)) == [d, b, c]


def test_each_row_says_why_it_is_there(desk, crowd, ask, redis_client, namespace):
    article = desk.publish("watched")
    crowd.reads(article, 6)
    crowd.reads(article, 14, at=NOW - 1_200)
    batch = batch_of([])
    for _ in range(5):
        batch.add_filtered(article, "crawler", NOW)
    partition = ord(article[0]) % 4
    told = {"expected": 20, "next_offset": 25, "clock_seconds": NOW}
    crowd.store.count(partition, batch, **told)
    told = {"event_id": "1", "occurred_at": NOW, "article_id": article, "reader": "r"}
    batch = batch_of([])
    for seconds, ended in ((30, True), (50, False)):
        event = ArticleViewed.model_validate({**told, "seconds": seconds, "read_to_end": ended})
        batch.add_attention(event, NOW, "leaving")
    place = {"expected": 25, "next_offset": 27, "clock_seconds": NOW}
    crowd.store.count(partition, batch, **place)
    (row,) = ask("views", "1h")
    assert row.attention == AttentionShares(told=2, seconds=40, read_to_end=0.5)
    assert (row.views, row.readers, row.score) == (20, 20, 20)
    assert (row.velocity, row.filtered_share) == (24.0, 0.2)


def test_what_is_read_for_long_stands_first_by_attention(desk, crowd, ask):
    short, long, untold = (desk.publish(name, **SPORT) for name in ("short", "long", "untold"))
    crowd.reads(short, 9)
    crowd.reads(long, 3)
    crowd.reads(untold, 5)
    for article, seconds in ((short, (5, 5, 5)), (long, (300, 400))):
        partition, batch = ord(article[0]) % ARTICLE_VIEWED.partitions, batch_of([])
        for one in seconds:
            told = {"event_id": "1", "occurred_at": NOW, "article_id": article, "reader": "r"}
            event = ArticleViewed.model_validate({**told, "seconds": one})
            batch.add_attention(event, NOW, "leaving")
        expected = crowd.offsets[partition]
        crowd.offsets[partition] = expected + 3
        place = {"expected": expected, "next_offset": expected + 3, "clock_seconds": NOW}
        crowd.store.count(partition, batch, **place)
    for scope in ("all", "section:sport"):
        rows = ask("attention", "24h", scope)
        assert [(row.article_id, row.score) for row in rows] == [(long, 700.0), (short, 15.0)]
    assert ids(ask("attention", "24h", edits={long: Edit(banned=True)})) == [short]
    desk.take_away("short", **SPORT)
    assert ids(ask("attention", "24h", edits={})) == [long]


@pytest.mark.parametrize("window", ["15m", "1h", "24h", "7d", "30d", "all"])
def test_the_past_is_told_for_any_minute(desk, crowd, redis_url, namespace, window):
    early, late, killed = (desk.publish(name) for name in ("early", "late", "killed"))
    crowd.reads(early, 5, at=NOW - 3 * HOUR)
    crowd.reads(late, 9, at=NOW - HOUR)
    crowd.reads(killed, 9, at=NOW - 3 * HOUR)
    desk.take_away("killed")

    async def told(seconds_ago: int):
        client = build_async_client(redis_url)
        rankings = Rankings(client, namespace, ARTICLE_VIEWED.partitions)
        at, now = (datetime.fromtimestamp(s, UTC) for s in (NOW - seconds_ago, NOW))
        found = await views_as_of(rankings, window, "all", at=at, now=now, limit=10)
        await client.aclose()
        return found

    assert asyncio.run(told(3 * HOUR + 60)) == []
    assert asyncio.run(told(3 * HOUR)) == [(early, 5)]
    now = {"15m": [], "1h": []}.get(window, [(late, 9), (early, 5)])
    assert asyncio.run(told(0)) == now
