"""Articles that were stored under ids of the earlier rule stay themselves, and can be reached."""

import pytest

from newsman.publish.rebuild.gate_log import GateRecord
from newsman.publish.store.aliases import AliasTable
from newsman.publish.store.article_store import ArticleStore
from newsman.redis.aliases import AliasReader
from newsman.redis.articles import Gone
from newsman_schemas.articles import ArticleEnriched, article_id, former_ids
from newsman_schemas.events import digest

from .conftest import MINUTE, killed, pushed

SENT = "http://news.example/lock/?utm_source=rss"
SECURE = "https://news.example/lock/?utm_source=rss"
CLEAN = "https://news.example/lock"
FEED = "https://news.example/feed.rss"


def before(event: ArticleEnriched) -> ArticleEnriched:
    """The version as it was before the rule changed."""
    article = event.article
    earlier = article.model_copy(update={"id": by_letters(article.uri)})
    return event.model_copy(update={"article": earlier})


def today(event: ArticleEnriched, feed: str | None = None) -> ArticleEnriched:
    """The version as ingest sends it now."""
    article = event.article
    ids = former_ids(article.source, article.uri, feed=feed)
    named = article.model_copy(update={"id": article_id(article.source, article.uri, feed=feed)})
    return event.model_copy(update={"article": named, "former_ids": ids})


def earlier_gate(desk):
    """A gate that goes by ids alone."""

    class Own:
        async def placed(self, incoming):
            return [[event] for event in incoming]

    gate = desk.new_gate()
    gate._identities = Own()
    return gate


def push_before(desk, *events):
    desk.push_by(earlier_gate(desk), *map(before, events))


def by_letters(uri: str) -> str:
    return digest("desk", uri, characters=16)


def stored(desk, ident):
    return desk.wait(desk.reader.find(ident))


def place(desk, ident):
    reader = AliasReader(desk.client, desk.namespace)
    return desk.wait(reader.places([ident]))[ident]


def published(desk) -> list[str]:
    return [s.article.id for s in desk.wait(desk.reader.listed("latest"))]


@pytest.mark.parametrize("later", [SENT, SECURE])
def test_a_correction_reaches_the_article_that_was_stored_before(desk, later):
    old = by_letters(SENT)
    push_before(desk, pushed(SENT))
    desk.push(today(pushed(later, 2, headline="Corrected")))
    assert published(desk) == [old]
    assert stored(desk, old).article.headline == "Corrected"
    assert place(desk, article_id("desk", later)) == old
    assert [event.action for event in desk.events] == ["published", "updated"]
    assert article_id("desk", later) in desk.events[-1].aliases
    # By any other spelling too, now that it is known.
    desk.push(today(pushed(CLEAN, 3, headline="Again")))
    assert published(desk) == [old]
    assert stored(desk, old).article.headline == "Again"


@pytest.mark.parametrize("later", [SENT, SECURE])
def test_a_kill_reaches_the_article_that_was_stored_before(desk, later):
    push_before(desk, pushed(SENT))
    desk.push(today(killed(later, 2)))
    assert published(desk) == []
    assert isinstance(stored(desk, by_letters(SENT)), Gone)


def test_what_is_pushed_first_today_can_be_reached_by_the_id_of_its_letters(desk):
    desk.push(today(pushed(SENT)), today(pushed(SECURE, 2)))
    assert published(desk) == [article_id("desk", CLEAN)]
    assert place(desk, by_letters(SENT)) == article_id("desk", CLEAN)


def test_the_order_of_arrival_does_not_matter(desk):
    desk.push(today(killed(SENT, 2)), before(pushed(SENT)))
    assert published(desk) == []
    assert stored(desk, by_letters(SENT)) is None


def test_two_that_stood_side_by_side_are_both_corrected_and_killed(desk):
    ids = {by_letters(SENT), by_letters(SECURE)}
    push_before(desk, pushed(SENT), pushed(SECURE))
    assert set(published(desk)) == ids
    desk.push(today(pushed(SECURE, 2, headline="Corrected")))
    assert {s.article.headline for s in desk.wait(desk.reader.listed("latest"))} == {"Corrected"}
    desk.push(today(killed(SENT, 3)))
    assert published(desk) == []


def test_versions_that_come_together_come_to_one_article(desk):
    events = [before(pushed(SENT)), today(pushed(SENT, 2)), today(pushed(SECURE, 3))]
    gate = desk.new_gate()
    results = desk.wait(gate.accept(events))
    assert [len(result) for result in results] == [1, 1, 1]
    assert published(desk) == [by_letters(SENT)]


@pytest.mark.parametrize(
    ("fields", "is_same"),
    [
        ({"canonical_url": "http://news.example/54?utm_medium=rss"}, True),
        ({"canonical_url": "https://news.example/other"}, False),
    ],
)
def test_a_guid_that_was_shared_by_feeds_is_known_by_its_link(desk, fields, is_same):
    push_before(desk, pushed("54", canonical_url="https://news.example/54"))
    desk.push(today(pushed("54", 2, **fields), feed=FEED))
    old, new = by_letters("54"), article_id("desk", "54", feed=FEED)
    assert set(published(desk)) == ({old} if is_same else {old, new})
    assert place(desk, new) == (old if is_same else new)


def test_a_guid_of_a_feed_is_not_that_of_another_or_of_an_earlier_push(desk):
    other = f"{FEED}/other"
    desk.push(
        today(pushed("54", minute=1, headline="C")),
        today(pushed("54", minute=2, headline="A"), feed=FEED),
        today(pushed("54", minute=3, headline="B"), feed=other),
    )
    assert len(published(desk)) == 3


def test_a_follow_up_replaces_what_was_stored_before(desk):
    push_before(desk, pushed(SENT))
    desk.push(today(pushed("urn:next", evolved_from=SENT)))
    assert published(desk) == [article_id("desk", "urn:next")]
    assert stored(desk, by_letters(SENT)).replaced_by == (article_id("desk", "urn:next"),)


def test_links_that_go_round_in_other_spellings_are_a_circle(desk):
    desk.push(today(pushed("http://news.example/a/", evolved_from="https://news.example/b")))
    desk.push(today(pushed("http://news.example/b/", evolved_from="https://news.example/a")))
    assert len(published(desk)) == 1
    assert len(desk.wait(desk.reader.listed("latest"))[0].article.ancestors) == 1


def test_a_release_reaches_what_came_under_another_id(desk):
    until = desk.now + MINUTE
    push_before(desk, pushed(SENT, embargoed_until=until))
    desk.push(today(pushed(SENT, 2, embargoed_until=until)))
    desk.pass_time(until)
    assert published(desk) == [by_letters(SENT)]
    assert stored(desk, by_letters(SENT)).article.version == 2


HISTORY = [
    before(pushed(SENT)),
    before(pushed(SECURE.replace("lock", "bridge"))),
    before(pushed(CLEAN.replace("lock", "bridge"), headline="The same in another spelling")),
    before(pushed("54", canonical_url="https://news.example/54")),
    today(pushed(SENT, 2, minute=10, headline="Corrected")),
    today(pushed("54", 2, minute=10, canonical_url="https://news.example/54#a"), feed=FEED),
    today(pushed("54", 2, minute=10, canonical_url="https://news.example/55"), feed=FEED + "2"),
    today(killed(SECURE.replace("lock", "bridge"), 2, minute=10)),
    today(pushed("https://news.example/new/", minute=11)),
]


@pytest.mark.parametrize("order", [HISTORY, HISTORY[::-1]], ids=["as it was", "backwards"])
def test_a_rebuild_keeps_ids_whatever_the_order_of_partitions(desk, order):
    desk.push_by(earlier_gate(desk), *HISTORY[:4])
    desk.push(*HISTORY[4:])
    ids = sorted(s.article.id for s in desk.wait(desk.reader.listed("latest")))
    aliases = desk.wait(desk.client.hgetall(desk.keys.aliases))
    told = GateRecord()
    for event in desk.events:
        told.add(event)
    store = ArticleStore(desk.client, desk.namespace, building="new")
    desk.wait(AliasTable(store).set(told.places()))
    gate = type(desk.new_gate())(store, lambda: desk.now)
    desk.wait(gate.replay(order))
    keys = type(desk.keys)(desk.namespace, "new")
    rebuilt = [
        ident
        for ident in ids
        if desk.wait(desk.client.hget(keys.article(ident), "status")) == b"published"
    ]
    assert rebuilt == ids
    members = desk.wait(desk.client.zrange(keys.index("latest"), 0, -1))
    assert sorted(member.decode() for member in members) == ids
    assert aliases.items() <= desk.wait(desk.client.hgetall(keys.aliases)).items()
