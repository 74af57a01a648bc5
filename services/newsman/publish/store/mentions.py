"""Who was the first to name an entity: a hash in Redis, which the public log can fill again.

`docs/decisions/0089-filters-that-wait-for-articles.md` says why events tell of it.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import islice

import redis.asyncio

from newsman.kafka.log import open_log
from newsman.kafka.missing_records import warn_gone
from newsman.kafka.records import Unprocessable, decode
from newsman.publish.store.article_store import StoreLost
from newsman.redis.command_batcher import CommandBatcher, call, script
from newsman.redis.keys import ArticleKeys
from newsman.redis.servers.waves import Command
from newsman.settings import ServiceSettings
from newsman_schemas.articles import ArticlePublished
from newsman_schemas.topics import ARTICLE_PUBLISHED

CLIENT_ID = "newsman-publish-mentions"
SILENCE_SECONDS = 120.0
AT_ONCE = 1_000
FILLED = ""
_ENTITY = "entity:"


class MentionTable:
    """The hash of one installation."""

    def __init__(self, client: "redis.asyncio.Redis", namespace: str) -> None:
        self._key = ArticleKeys(namespace).mentions
        self._claim = script(
            (files("newsman.publish.store") / "mentions.lua").read_text(encoding="utf-8")
        )
        self._redis = CommandBatcher(client, (self._claim,))

    async def firsts(self, events: Sequence[ArticlePublished]) -> list[tuple[str, ...]]:
        """Of each event the entities that its article was the first to name, which from now on
        no other is; the same however often it is asked. Raises StoreLost after a flush."""
        asked = [_names(event) for event in events]
        answers = await self._redis.run(
            *(
                self._claiming(event.article_id, *names)
                for event, names in zip(events, asked, strict=True)
                if any(names)
            )
        )
        if None in answers:
            raise StoreLost("the first mentions of entities are lost; they are read at the start")
        found = iter(answers)
        return [
            tuple(slug.decode() for slug in next(found)) if any(names) else () for names in asked
        ]

    async def is_filled(self) -> bool:
        """True unless the hash was lost, or never filled."""
        (is_there,) = await self._redis.run(("HEXISTS", self._key, FILLED))
        return bool(is_there)

    async def fill(self, firsts: Mapping[str, str]) -> None:
        """Takes in who was the first to name each entity; who is known already stays."""
        slugs = iter(firsts)
        while some := list(islice(slugs, AT_ONCE)):
            await self._redis.run(*(("HSETNX", self._key, slug, firsts[slug]) for slug in some))
        await self._redis.run(("HSET", self._key, FILLED, "1"))

    def _claiming(self, article_id: str, named: Sequence[str], left: Sequence[str]) -> Command:
        return call(self._claim, [self._key], article_id, len(named), *named, *left)


async def ensure_mentions(client: "redis.asyncio.Redis", settings: ServiceSettings) -> None:
    """Fills the hash from the public log if it is not filled."""
    table = MentionTable(client, settings.namespace)
    if not await table.is_filled():
        topic = ARTICLE_PUBLISHED.full_name(settings.namespace)
        firsts = await asyncio.to_thread(
            lambda: told_firsts(_published(settings.kafka_bootstrap, topic))
        )
        await table.fill(firsts)


def told_firsts(events: Iterable[ArticlePublished]) -> dict[str, str]:
    """Of each entity the article that was the first to name it: that of which an event says so,
    else the one that was published first."""
    told: dict[str, str] = {}
    earliest: dict[str, tuple[str, str]] = {}
    for event in events:
        told.update(dict.fromkeys(event.first_mentions, event.article_id))
        mention = event.occurred_at.isoformat(), event.article_id
        for slug in (slug for names in _names(event) for slug in names):
            earliest[slug] = min(earliest.get(slug, mention), mention)
    return {slug: article_id for slug, (_, article_id) in earliest.items()} | told


def _names(event: ArticlePublished) -> tuple[list[str], list[str]]:
    """The entities that an article names, and those that it named before."""
    if event.article is None:
        return [], []
    left = [term.removeprefix(_ENTITY) for term in event.left_terms if term.startswith(_ENTITY)]
    return [entity.slug for entity in event.article.entities], left


def _published(bootstrap: str, topic: str) -> Iterator[ArticlePublished]:
    with open_log(
        bootstrap, client_id=CLIENT_ID, gone=warn_gone, silence_seconds=SILENCE_SECONDS
    ) as topics:
        for record in topics.read_all(topic):
            try:
                yield decode(ArticlePublished, record.value)
            except Unprocessable:
                continue  # a tombstone
