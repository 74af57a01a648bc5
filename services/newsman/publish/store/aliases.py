"""Ids that lead to an article which is stored under another one."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from newsman.publish.store.article_store import ArticleStore
from newsman.redis.keys import ArticleKeys
from newsman.redis.servers.waves import Command
from newsman_schemas.articles import EnrichedArticle

AT_ONCE = 500

Places = dict[str, str]
"""Id -> the id under which its article is stored."""


class AliasTable:
    """The aliases in one generation of the store."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store

    async def places(self, names: Sequence[str]) -> Places:
        """Where each id leads, of those that lead anywhere; raises like `ArticleStore.load`."""
        if not names:
            return {}
        aliases, *standing = await self._store.ask(
            lambda keys: [
                ("HMGET", keys.aliases, *names),
                *(("EXISTS", keys.article(name)) for name in names),
            ]
        )
        rows = zip(names, aliases, standing, strict=True)
        return {
            name: alias.decode() if alias else name
            for name, alias, stands in rows
            if alias or stands
        }

    async def head(self, place: str) -> EnrichedArticle | None:
        """The newest version of what is stored there."""
        return (await self._store.load(place)).state.head

    async def add(self, aliases: Mapping[str, str]) -> None:
        """Lets ids lead to the articles under others, beside those that do already."""
        places = sorted(set(aliases.values()))
        if not places:
            return
        told = await self._store.ask(
            lambda keys: [("HGET", keys.article(place), "aliases") for place in places]
        )
        before = {
            name: place
            for place, raw in zip(places, told, strict=True)
            for name in json.loads(raw or b"[]")
        }
        await self.set({**before, **aliases})

    async def set(self, places: Mapping[str, str]) -> None:
        """Lets ids lead to articles, and no others; an id that leads to itself keeps an article
        apart that was stored beside another."""
        by_place: dict[str, list[str]] = defaultdict(list)
        for name, place in sorted(places.items()):
            if name != place:
                by_place[place].append(name)
        fields = [part for pair in places.items() for part in pair]
        lists = list(by_place.items())
        for start in range(0, len(fields), 2 * AT_ONCE):
            await self._store.ask(partial(_leading, fields[start : start + 2 * AT_ONCE]))
        for start in range(0, len(lists), AT_ONCE):
            await self._store.ask(partial(_listing, lists[start : start + AT_ONCE]))


def _leading(fields: Sequence[str], keys: ArticleKeys) -> list[Command]:
    return [("HSET", keys.aliases, *fields)]


def _listing(lists: Sequence[tuple[str, list[str]]], keys: ArticleKeys) -> list[Command]:
    return [("HSET", keys.article(place), "aliases", json.dumps(names)) for place, names in lists]
