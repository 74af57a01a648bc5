"""The stories of the last days in Redis: articles by bands of their signature, and by entity."""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from newsman.enrich.stories import placing as stories
from newsman.enrich.stories.minhash import bands
from newsman.enrich.stories.placing import RememberedArticle
from newsman_schemas.article_order import VersionOrder, version_order
from newsman_schemas.articles import EnrichedArticle, Story

log = logging.getLogger(__name__)

_ORDER = TypeAdapter(VersionOrder)

KEPT_SECONDS = 14 * 86_400
RELATED_SECONDS = 3 * 86_400
"""How far apart two articles may be for the second to be a follow-up."""
NEWEST_PER_PLACE = 30
MOST_CANDIDATES = 100
"""Those that meet the article in most places; any of a story's copies leads to the story."""


class StoryStore:
    """Places articles in stories; every key shares one hash tag."""

    def __init__(self, client: "Redis", namespace: str) -> None:
        self._client = client
        self._prefix = f"{namespace}:{{stories}}"

    async def place(
        self,
        article: EnrichedArticle,
        signature: tuple[int, ...],
        now: datetime,
        former_ids: Sequence[str] = (),
    ) -> Story | None:
        """The article's story, the same again for every later version of it; None without Redis."""
        try:
            known_as = await self._known_as(article.id, former_ids)
            known = article.model_copy(update={"id": known_as})
            return await self._place(known, signature, now)
        except RedisError as problem:
            log.warning("%s goes on without a story: %s", article.id, problem)
            return None

    async def _known_as(self, article_id: str, former_ids: Sequence[str]) -> str:
        """The id by which the article is remembered: a former one, if it came under that."""
        ids = (article_id, *former_ids) if former_ids else ()
        pipe = self._client.pipeline(transaction=False)
        for each in ids:
            pipe.exists(self._article(each))
        known = zip(ids, await pipe.execute() if ids else (), strict=True)
        return next((each for each, is_known in known if is_known), article_id)

    async def _place(
        self, article: EnrichedArticle, signature: tuple[int, ...], now: datetime
    ) -> Story:
        fields = ("place", "order")
        stored, known = await self._client.hmget(self._article(article.id), fields)
        story = Story.model_validate_json(stored) if stored else None
        order = version_order(article, "")
        if story and known and order < _ORDER.validate_json(known):
            return story  # what came later is remembered
        if story is None:
            candidates = await self._candidates(article, signature, now)
            story = stories.place(article, signature, candidates)
        await self._remember(article, signature, story, order, now)
        return story

    async def _candidates(
        self, article: EnrichedArticle, signature: tuple[int, ...], now: datetime
    ) -> list[RememberedArticle]:
        pipe = self._client.pipeline(transaction=False)
        for band in bands(signature):
            pipe.zrevrange(self._band(band), 0, NEWEST_PER_PLACE - 1)
        since = now.timestamp() - RELATED_SECONDS
        for place in self._places_near(stories.describe(article, signature, "")):
            pipe.zrevrangebyscore(place, "+inf", since, 0, NEWEST_PER_PLACE)
        met = Counter(member.decode() for members in await pipe.execute() for member in members)
        del met[article.id]
        return await self._known([each for each, _ in met.most_common(MOST_CANDIDATES)])

    async def _known(self, ids: Sequence[str]) -> list[RememberedArticle]:
        pipe = self._client.pipeline(transaction=False)
        for each in ids:
            pipe.hget(self._article(each), "known")
        return [_known(raw) for raw in await pipe.execute() if raw]

    async def _remember(
        self,
        article: EnrichedArticle,
        signature: tuple[int, ...],
        story: Story,
        order: VersionOrder,
        now: datetime,
    ) -> None:
        moment = now.timestamp()
        described = stories.describe(article, signature, story.id)
        pipe = self._client.pipeline()
        key = self._article(article.id)
        placed: dict[Any, Any] = {"place": story.model_dump_json(), "known": _packed(described)}
        placed["order"] = _ORDER.dump_json(order).decode()
        pipe.hset(key, mapping=placed)
        pipe.expire(key, KEPT_SECONDS)
        places = [self._band(band) for band in bands(signature)]
        for place in (*places, *self._places_near(described)):
            pipe.zadd(place, {article.id: moment})
            pipe.zremrangebyscore(place, "-inf", moment - KEPT_SECONDS)
            pipe.expire(place, KEPT_SECONDS)
        await pipe.execute()

    def _places_near(self, article: RememberedArticle) -> list[str]:
        """Buckets in which articles meet that may follow one another within days."""
        headline = stories.headline_place(article)
        named = [f"{self._prefix}:headline:{headline}"] if headline else []
        return named + [self._entity(slug) for slug in sorted(article.entities)]

    def _article(self, article_id: str) -> str:
        return f"{self._prefix}:article:{article_id}"

    def _band(self, band: str) -> str:
        return f"{self._prefix}:band:{band}"

    def _entity(self, slug: str) -> str:
        return f"{self._prefix}:entity:{slug}"


def _packed(article: RememberedArticle) -> str:
    values: dict[str, Any] = dict(vars(article))
    values |= {name: sorted(values[name]) for name in ("entities", "headline")}
    return json.dumps(values)


def _known(raw: bytes) -> RememberedArticle:
    values = json.loads(raw)
    values["signature"] = tuple(values["signature"])
    values |= {name: frozenset(values[name]) for name in ("entities", "headline")}
    return RememberedArticle(**values)
