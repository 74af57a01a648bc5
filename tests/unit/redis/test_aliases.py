"""Ids of views lead to articles, asked for once in a while, and without Redis they are kept."""

import asyncio

from redis.exceptions import ConnectionError as RedisAway

from newsman.redis.aliases import PATIENCE_SECONDS, REMEMBERED_SECONDS, RememberedAliases


class Table:
    def __init__(self, **places):
        self.places_of, self.asked, self.is_away = places, [], False

    async def places(self, article_ids):
        self.asked.append(list(article_ids))
        if self.is_away:
            raise RedisAway
        return {name: self.places_of.get(name, name) for name in article_ids}


def test_an_id_is_asked_for_once_in_a_while():
    table, now = Table(new="old"), [100.0]
    aliases = RememberedAliases(table, lambda: now[0])

    def places(*names):
        return list(asyncio.run(aliases.places(names)).values())

    assert places("new", "other") == ["old", "other"]
    assert places("other", "new", "third") == ["other", "old", "third"]
    assert table.asked == [["new", "other"], ["third"]]
    now[0] += REMEMBERED_SECONDS
    assert places("new") == ["old"]
    assert len(table.asked) == 3


def test_without_redis_ids_are_kept_and_it_is_left_alone_for_a_while():
    table, now = Table(new="old"), [100.0]
    aliases = RememberedAliases(table, lambda: now[0])
    table.is_away = True
    assert [asyncio.run(aliases.places(["new"])) for _ in range(3)] == [{"new": "new"}] * 3
    assert len(table.asked) == 1
    table.is_away = False
    now[0] += PATIENCE_SECONDS
    assert asyncio.run(aliases.places(["new"])) == {"new": "old"}
