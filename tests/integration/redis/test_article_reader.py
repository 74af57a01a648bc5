"""Reading the article store: what may be seen comes back whole, and nothing else does."""

import json

import pytest

from newsman.redis.articles import ArticleReader, Gone, Term
from newsman.redis.documents import Damaged
from newsman.redis.keys import ArticleKeys
from newsman.redis.marker import Marker
from newsman_schemas.articles import PubStatus

from .conftest import HOUR, NOON, Ask, HandmadeStore, article


@pytest.fixture
def read(ask: Ask, namespace: str):
    """Calls a method of a reader that has not read before."""

    def read(method: str, *arguments, **named):
        return ask(
            lambda client: getattr(ArticleReader(client, namespace), method)(*arguments, **named)
        )

    return read


def test_a_published_article_comes_back_with_its_revision_time_and_trail(store, read):
    shown = article("Brücke öffnet 🌉", body_text="Zoë\nsagt: „ja“")
    one = store.put(shown, revision=3, at_ms=1_772_452_800_123)
    store.happened(one, "received", "enriched", "published")
    stored = read("find", one)
    assert stored.article == shown
    assert (stored.revision, stored.published_at_ms) == (3, 1_772_452_800_123)
    assert [stage.stage for stage in stored.trail] == ["received", "enriched", "published"]
    assert stored.replaced_by == ()


@pytest.mark.parametrize("doc", ["tampered with", b"x\x9ctorn", "{}", "", None])
def test_a_damaged_article_is_left_out_of_lists_and_said_to_be_damaged(store, read, doc, caplog):
    damaged, one = store.put(article("damaged"), doc=doc), store.put(article("one"))
    assert [stored.article.id for stored in read("many", [damaged, one])] == [one]
    assert f"{damaged} is damaged" in caplog.text
    with pytest.raises(Damaged):
        read("find", damaged)
    with pytest.raises(Damaged):
        read("versions", damaged, now=NOON)


def test_an_article_that_nobody_ever_pushed_is_not_there(store, read):
    assert read("find", article("never").id) is None


@pytest.mark.parametrize("status", ["killed", "withheld", "expired"])
def test_what_readers_have_seen_and_may_not_see_now_is_gone_with_its_trail(store, read, status):
    one = store.put(article("a"), status=status, revision=2, doc=None)
    store.happened(one, "published", status)
    gone = read("find", one)
    assert isinstance(gone, Gone)
    assert (gone.article_id, gone.status) == (one, status)
    assert [stage.stage for stage in gone.trail] == ["published", status]


@pytest.mark.parametrize("status", ["embargoed", "withheld", "killed"])
def test_what_readers_never_saw_is_not_said_to_be_gone(store, read, status):
    """That it exists under an embargo is news already."""
    one = store.put(article("a"), status=status, revision=0)
    assert read("find", one) is None


def test_an_article_in_a_chain_names_its_ancestors_and_where_the_chain_began(store, read):
    one = store.put(article("third"), ancestors=json.dumps(["first", "second"]), original="first")
    (stored,) = read("many", [one])
    assert stored.article.ancestors == ("first", "second")
    assert stored.article.original_id == "first"
    assert read("find", one).article == stored.article


def test_a_chain_that_changes_is_told_although_the_text_stays(ask, store, namespace):
    """The parsed article is cached by its bytes, and its chain stands beside those."""
    one = store.put(article("third"), ancestors='["second"]', original="second")

    async def before_and_after(client):
        reader = ArticleReader(client, namespace)
        before = await reader.many([one])
        store.put(article("third"), ancestors='["first", "second"]', original="first")
        return before, await reader.many([one])

    before, after = ask(before_and_after)
    assert before[0].article.original_id == "second"
    assert (after[0].article.original_id, after[0].article.ancestors) == (
        "first",
        ("first", "second"),
    )


def test_only_children_that_readers_see_take_an_articles_place_in_the_order_of_ids(store, read):
    one = store.put(article("old"))
    flags = {"zzzz": "1", "hidden": "0", "aaaa": "1"}
    store.client.hset(store.keys.children(one), mapping=flags)
    assert read("find", one).replaced_by == ("aaaa", "zzzz")


def test_many_come_in_the_order_asked_for_without_those_that_may_not_be_seen(store, read):
    first, second = store.put(article("first")), store.put(article("second"))
    killed = store.put(article("killed"), status="killed")
    absent = article("absent").id
    asked = [second, killed, absent, first, second]
    assert [s.article.id for s in read("many", asked)] == [second, first, second]
    assert read("published", asked) == {first, second}


def test_nothing_asked_is_nothing_answered(store, read):
    assert read("many", []) == []
    assert read("published", []) == set()


def test_a_list_is_newest_first_page_by_page_and_leaves_out_what_was_killed_meanwhile(store, read):
    ids = [store.put(article(f"n{n}")) for n in range(5)]
    store.list_under("tag:cup", {one: n for n, one in enumerate(ids)})
    store.client.hset(store.keys.article(ids[3]), "status", "killed")

    def listed(**page):
        return [ids.index(s.article.id) for s in read("listed", "tag:cup", **page)]

    assert listed() == [4, 2, 1, 0]
    assert listed(limit=2) == [4]
    assert listed(offset=2, limit=2) == [2, 1]
    assert listed(offset=5) == []
    assert read("listed", "tag:nothing") == []


def test_a_list_of_none_is_empty_and_not_the_whole_list(store, read):
    store.list_under("latest", {store.put(article("a")): 1})
    assert read("listed", "latest", limit=0) == []


def test_a_term_counts_its_articles_from_a_moment_on(store, read):
    store.list_under("section:sport", {"a": 1_000, "b": 2_000, "c": 3_000})
    assert read("count", "section:sport") == 3
    assert read("count", "section:sport", since_ms=2_000) == 2
    assert read("count", "section:sport", since_ms=3_001) == 0
    assert read("count", "section:arts") == 0


def test_a_terms_name_is_read_past_the_moment_that_it_was_given_at(store, read):
    told = "000001772452800" + "a" * 16 + json.dumps({"name": "Øl & {Vin}", "type": "tag"})
    store.client.hset(store.keys.names, "tag:ol-vin", told)
    assert read("term", "tag:ol-vin") == Term("Øl & {Vin}", "tag")
    assert read("term", "tag:never") is None


def tombstone(name: str, **changes) -> str:
    told = {
        "article_id": article(name).id, "source": "desk", "uri": name, "original_id": name,
        "version": 1, "revision": 2, "action": "killed", "at": NOON.isoformat(),
    }  # fmt: skip
    return json.dumps({**told, **changes})


def test_what_went_comes_last_first_from_a_moment_on_up_to_a_limit(store, read):
    for at_ms, name in enumerate(["first", "second", "third"], start=10):
        one = store.put(article(name), status="killed", gone=tombstone(name))
        store.client.zadd(store.keys.gone("latest"), {one: at_ms})

    def uris(**bounds):
        return [withdrawn.uri for withdrawn in read("gone", "latest", **bounds)]

    assert uris() == ["third", "second", "first"]
    assert uris(since_ms=11) == ["third", "second"]
    assert uris(since_ms=13) == []
    assert uris(limit=1) == ["third"]
    assert read("gone", "tag:none") == []


def test_a_tombstone_names_the_chains_beginning_and_none_is_left_of_what_lives_again(store, read):
    buried = store.put(article("b"), status="killed", gone=tombstone("b"), original="first")
    alive = store.put(article("alive"))
    store.client.zadd(store.keys.gone("latest"), {buried: 1, alive: 2})
    (withdrawn,) = read("gone", "latest")
    assert (withdrawn.article_id, withdrawn.original_id) == (buried, "first")


def test_versions_come_oldest_first_with_the_newest_at_the_end(store, read):
    newest = article("a", version=3, headline="third")
    one = store.put(newest, head_event="e3")
    for number, event_id in ((2, "e2"), (1, "e1")):
        store.older(event_id, article("a", version=number, headline=f"take {number}"))
    versions = read("versions", one, now=NOON)
    assert [version.headline for version in versions] == ["take 1", "take 2", "third"]


def test_versions_that_a_kill_reaches_or_that_may_not_be_seen_are_left_out(store, read):
    newest = article("a", version=9, version_created=NOON + 9 * HOUR)
    kill = json.dumps([4, (NOON + 4 * HOUR).isoformat()])
    one = store.put(newest, head_event="e9", kill=kill)
    left_out = {
        "killed-number": {"version": 4, "version_created": NOON + 5 * HOUR},
        "killed-time": {"version": 5, "version_created": NOON + 4 * HOUR},
        "withheld": {"version": 6, "pubstatus": PubStatus.WITHHELD},
        "embargoed": {"version": 7, "embargoed_until": NOON + 11 * HOUR},
        "over": {"version": 8, "expires_at": NOON + 10 * HOUR},
    }
    for event_id, told in left_out.items():
        store.older(event_id, article("a", **{"version_created": NOON + 6 * HOUR, **told}))
    store.older("seen", article("a", version=5, version_created=NOON + 5 * HOUR))
    versions = read("versions", one, now=NOON + 10 * HOUR)
    assert [version.version for version in versions] == [5, 9]


def test_an_article_that_may_not_be_seen_shows_none_of_its_versions(store, read):
    one = store.put(article("a", version=2), status="killed", head_event="e2")
    store.older("e1", article("a"))
    assert read("versions", one, now=NOON) == ()
    assert read("versions", article("never").id, now=NOON) == ()


def test_changes_are_counted_while_the_store_is_whole_and_only_then(store, read):
    assert read("is_whole")
    assert read("changes_if_whole") == 0
    store.client.set(store.keys.changes, 41)
    assert read("changes_if_whole") == 41
    for other_layout in ("2", "2:7", ""):
        store.client.set(store.keys.marker, other_layout)
        assert read("changes_if_whole") is None
        assert not read("is_whole")
    store.client.delete(store.keys.marker)
    assert read("changes_if_whole") is None
    assert not read("is_whole")


def test_a_reader_of_the_old_generation_answers_from_the_new_one_after_the_switch(
    ask, store, redis_client, namespace
):
    rebuilt = HandmadeStore(redis_client, namespace, "1")
    one = store.put(article("a", headline="old"))
    rebuilt.put(article("a", headline="rebuilt"))

    async def through_the_switch(client):
        reader = ArticleReader(client, namespace)
        headlines = []
        for marker in (Marker(), Marker("", "1"), Marker("1"), Marker("1", "2")):
            store.serve(marker)
            headlines.append((await reader.find(one)).article.headline)
        return headlines

    assert ask(through_the_switch) == ["old", "old", "rebuilt", "rebuilt"]


def test_what_only_the_old_generation_has_is_not_found_after_the_switch(ask, store, namespace):
    one = store.put(article("a"))

    async def through_the_switch(client):
        reader = ArticleReader(client, namespace)
        assert await reader.published([one]) == {one}
        store.serve(Marker("1"))
        return await reader.published([one]), await reader.listed("latest")

    assert ask(through_the_switch) == (set(), [])


def test_readers_stay_with_the_generation_that_they_know_while_the_marker_is_gone(
    ask, redis_client, namespace
):
    """After a flush the store is empty in any generation; a rebuild says which one serves."""
    rebuilt = HandmadeStore(redis_client, namespace, "4")
    rebuilt.serve(Marker("4"))
    one = rebuilt.put(article("a"))

    async def without_a_marker(client):
        reader = ArticleReader(client, namespace)
        assert await reader.published([one]) == {one}
        await client.delete(ArticleKeys(namespace).marker)
        return await reader.published([one])

    assert ask(without_a_marker) == {one}
