"""Versions that come together go through the gate together, and each as if it had come alone."""

import asyncio

import pytest

from newsman.publish.gate import Gate
from newsman.publish.store.article_store import ArticleStore
from newsman.redis.keys import STORE_LAYOUT

from .conftest import Desk, killed, pushed


def told(results):
    """What of each is to be told, as actions and revisions."""
    return [[(w.event.action, w.event.revision) for w in part] for part in results]


def test_versions_of_one_article_in_one_group_are_told_one_after_the_other(desk):
    group = [pushed("a", 1), pushed("b"), pushed("a", 2), pushed("a", 1), killed("a", 3)]
    results = desk.wait(desk.new_gate().accept(group))
    assert told(results) == [
        [("published", 1)],
        [("published", 1)],
        [("updated", 2)],
        [],
        [("killed", 3)],
    ]
    assert desk.find("b").article.uri == "b"


def test_groups_that_share_articles_wait_for_each_other(desk):
    gate = desk.new_gate()
    groups = [[pushed(uri, version) for uri in "abcde"[version - 1 :]] for version in (1, 2, 3)]

    async def at_once():
        return await asyncio.gather(*(gate.accept(group) for group in groups))

    first, second, third = desk.wait(at_once())
    assert told(first) == [[("published", 1)]] * 5
    assert told(second) == [[("updated", 2)]] * 4
    assert told(third) == [[("updated", 3)]] * 3


@pytest.mark.parametrize(("name", "trips"), [("urn:article", 3), ("article", 5)])
def test_a_group_of_new_articles_takes_few_round_trips(desk, name, trips):
    # Names that are no URIs are looked up, and noted.
    store = ArticleStore(desk.client, desk.namespace)
    asked, ask = [], store._redis.run

    async def run(*commands):
        asked.append(commands)
        return await ask(*commands)

    store._redis.run = run
    group = [pushed(f"{name}:{n}".removeprefix("article:"), section="World") for n in range(40)]
    results = desk.wait(Gate(store, lambda: desk.now).accept(group))
    assert told(results) == [[("published", 1)]] * 40
    assert len(asked) == trips
    adding = [command[1] for command in asked[-1] if command[:1] == ("ZADD",)]
    assert sorted(adding) == [desk.keys.index("latest"), desk.keys.index("section:world")]
    assert len(desk.latest()) == 40


def test_a_group_waits_for_a_redis_that_is_away_and_keeps_its_turns(own_valkey, namespace):
    loop = asyncio.new_event_loop()
    desk = Desk(own_valkey.url, namespace, loop)
    desk.wait(desk.client.set(desk.keys.marker, STORE_LAYOUT))
    gate = desk.new_gate()

    async def through_an_outage():
        own_valkey.kill()
        waiting = asyncio.gather(
            gate.accept([pushed("a", 1), pushed("b")]), gate.accept([pushed("a", 2)])
        )
        await asyncio.sleep(0)
        own_valkey.start()
        await asyncio.to_thread(own_valkey.wait_ready)
        return await waiting

    first, second = desk.wait(through_an_outage())
    assert told(first) == [[("published", 1)], [("published", 1)]]
    assert told(second) == [[("updated", 2)]]
    desk.close()
    loop.close()
