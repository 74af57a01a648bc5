"""The articles that may be ranked, and the scopes that they stand in."""

import pytest

from newsman.rankings.shown import ShownArticles
from newsman.redis.marker import Marker

from .conftest import HandmadeStore, article

SPORT = {"section": "Sport", "language": "en"}


@pytest.fixture
def shown(ask, namespace):
    """The result of a coroutine that is given shown articles."""

    def run(work):
        return ask(lambda client: work(ShownArticles(client, namespace)))

    return run


def test_published_articles_alone_have_scopes(store, shown):
    one = store.put(article("one", **SPORT))
    others = [
        store.put(article(status), status=status) for status in ("killed", "withheld", "embargoed")
    ]
    scopes = shown(lambda made: made.scopes([*others, one, article("never").id]))
    assert scopes == {one: frozenset({"source:desk", "section:sport", "language:en"})}
    assert shown(lambda made: made.scopes([])) == {}


@pytest.mark.parametrize("doc", ["tampered with", b"x\x9ctorn", "{}", "", None])
def test_a_damaged_article_is_not_ranked_and_keeps_no_other_from_it(store, shown, doc):
    damaged, one = store.put(article("damaged"), doc=doc), store.put(article("one"))
    assert list(shown(lambda made: made.scopes([damaged, one]))) == [one]


def test_another_revision_has_other_scopes_and_the_same_one_is_not_read_again(store, shown):
    one = store.put(article("one", section="Sport"), revision=1)

    async def scopes_by_revision(made):
        found = [await made.scopes([one])]
        # Nobody changes a document within a revision; here it shows that it was not read.
        store.put(article("one", section="Unread"), revision=1)
        found.append(await made.scopes([one]))
        store.put(article("one", section="Arts"), revision=2)
        found.append(await made.scopes([one]))
        return [scopes[one] for scopes in found]

    first, again, second = shown(scopes_by_revision)
    assert "section:sport" in first
    assert again == first
    assert "section:arts" in second


def test_what_is_killed_is_shown_no_more_and_what_returns_is_shown_again(store, shown):
    one = store.put(article("one"))

    async def through_a_kill(made):
        found = [await made.scopes([one])]
        for status in ("killed", "published"):
            store.client.hset(store.keys.article(one), "status", status)
            found.append(await made.scopes([one]))
        return [list(scopes) for scopes in found]

    assert shown(through_a_kill) == [[one], [], [one]]


def test_a_scope_is_listed_as_long_as_it_is_small_enough_and_not_empty(store, shown):
    store.list_under("section:sport", {"a": 2, "b": 1, "c": 3})

    def under(scope, at_most):
        return shown(lambda made: made.under(scope, at_most=at_most))

    assert sorted(under("section:sport", 3)) == ["a", "b", "c"]
    assert under("section:sport", 2) is None
    assert under("section:none", 3) is None


def test_the_state_is_another_after_a_change_and_after_a_switch(store, shown):
    async def states(made):
        found = [await made.state(), await made.state()]
        store.client.incr(store.keys.changes)
        found.append(await made.state())
        store.serve(Marker("1"))
        return [*found, await made.state()]

    first, again, changed, switched = shown(states)
    assert first == again
    assert len({first, changed, switched}) == 3


def test_after_a_switch_the_new_generations_articles_are_shown(
    store, shown, redis_client, namespace
):
    one = store.put(article("one", section="Sport"), revision=1)
    HandmadeStore(redis_client, namespace, "1").put(article("one", section="Arts"), revision=2)

    async def through_the_switch(made):
        before = await made.scopes([one])
        store.serve(Marker("1"))
        return before[one], (await made.scopes([one]))[one]

    before, after = shown(through_the_switch)
    assert "section:sport" in before
    assert "section:arts" in after
