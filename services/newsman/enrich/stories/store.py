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
from newsman.enrich.stories.wording import (
    Idf,
    Wording,
    direction,
    most_telling,
    smooth_idf,
    wording,
)
from newsman.runtime.logs import about
from newsman_schemas.article_order import VersionOrder, version_order
from newsman_schemas.articles import EnrichedArticle, Story

log = logging.getLogger(__name__)

_ORDER = TypeAdapter(VersionOrder)

KEPT_SECONDS = 14 * 86_400
RELATED_SECONDS = 3 * 86_400
"""How far apart two articles may be for the second to be a follow-up."""
NEWEST_PER_PLACE = 30
MOST_CANDIDATES = 40
"""Those that meet the article in most places; any of a story's copies leads to the story."""
WORDS_PER_ARTICLE = 6
"""An article is looked for by so many of its words, those that tell most of it."""
PERIOD_SECONDS, KEPT_PERIODS = 7 * 86_400, 4
"""Uses of words are counted by the week, and forgotten after four."""
TEXTS = "*"
_PLACE = """
for n = 1, #KEYS do
  redis.call('ZADD', KEYS[n], ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[n], '-inf', ARGV[2] - ARGV[2 + n])
  redis.call('EXPIRE', KEYS[n], ARGV[2 + n])
end
"""
"""Puts an article (1) with a moment (2) in places; each forgets what is older than it keeps."""
_COUNT = """
for n = 1, #ARGV do redis.call('HINCRBY', KEYS[1], ARGV[n], 1) end
"""


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
            text = "%s goes on without a story: %s"
            log.warning(text, article.id, problem, extra=about(article.id))
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
        used = wording(article.headline, article.body_text)
        words = direction(used, await self._idf(used, now))
        if story is None:
            described = stories.describe(article, signature, "", words)
            candidates = await self._candidates(described, now)
            story = stories.place(article, signature, candidates, words)
            await self._count(used, now)
        await self._remember(
            stories.describe(article, signature, story.id, words), story, order, now
        )
        return story

    async def _idf(self, used: Wording, now: datetime) -> Idf:
        """The weight of each of these words, by the articles of the last weeks."""
        names = [TEXTS, *used]
        pipe = self._client.pipeline(transaction=False)
        for key in self._counts(now):
            pipe.hmget(key, names)
        counts = Counter[str]()
        for values in await pipe.execute():
            counts.update({n: int(v) for n, v in zip(names, values, strict=True) if v})
        return lambda word: smooth_idf(counts[TEXTS], counts[word])

    async def _count(self, used: Wording, now: datetime) -> None:
        """Counts an article that was not seen before."""
        key = self._counts(now)[0]
        pipe = self._client.pipeline(transaction=False)
        pipe.eval(_COUNT, 1, key, TEXTS, *used)
        pipe.expire(key, PERIOD_SECONDS * KEPT_PERIODS)
        await pipe.execute()

    def _counts(self, now: datetime) -> list[str]:
        period = int(now.timestamp()) // PERIOD_SECONDS
        return [f"{self._prefix}:counts:{period - n}" for n in range(KEPT_PERIODS)]

    async def _candidates(
        self, article: RememberedArticle, now: datetime
    ) -> list[RememberedArticle]:
        pipe = self._client.pipeline(transaction=False)
        for band in bands(article.signature):
            pipe.zrevrange(self._band(band), 0, NEWEST_PER_PLACE - 1)
        since = now.timestamp() - RELATED_SECONDS
        for place in self._places_near(article):
            pipe.zrevrangebyscore(place, "+inf", since, 0, NEWEST_PER_PLACE)
        met = Counter(member.decode() for members in await pipe.execute() for member in members)
        del met[article.article_id]
        return await self._known([each for each, _ in met.most_common(MOST_CANDIDATES)])

    async def _known(self, ids: Sequence[str]) -> list[RememberedArticle]:
        pipe = self._client.pipeline(transaction=False)
        for each in ids:
            pipe.hget(self._article(each), "known")
        return [_known(raw) for raw in await pipe.execute() if raw]

    async def _remember(
        self, described: RememberedArticle, story: Story, order: VersionOrder, now: datetime
    ) -> None:
        moment = now.timestamp()
        pipe = self._client.pipeline()
        key = self._article(described.article_id)
        placed: dict[Any, Any] = {"place": story.model_dump_json(), "known": _packed(described)}
        placed["order"] = _ORDER.dump_json(order).decode()
        pipe.hset(key, mapping=placed)
        pipe.expire(key, KEPT_SECONDS)
        lasting = [(self._band(band), KEPT_SECONDS) for band in bands(described.signature)]
        passing = [(place, RELATED_SECONDS) for place in self._places_near(described)]
        places = dict((*lasting, *passing))
        pipe.eval(_PLACE, len(places), *places, described.article_id, moment, *places.values())
        await pipe.execute()

    def _places_near(self, article: RememberedArticle) -> list[str]:
        """Buckets in which articles meet that may follow one another within days."""
        headline = stories.headline_place(article)
        named = [f"{self._prefix}:headline:{headline}"] if headline else []
        telling = most_telling(article.words, WORDS_PER_ARTICLE)
        words = [f"{self._prefix}:word:{word}" for word in telling]
        return named + words + [self._entity(slug) for slug in sorted(article.entities)]

    def _article(self, article_id: str) -> str:
        return f"{self._prefix}:article:{article_id}"

    def _band(self, band: str) -> str:
        return f"{self._prefix}:band:{band}"

    def _entity(self, slug: str) -> str:
        return f"{self._prefix}:entity:{slug}"


def _packed(article: RememberedArticle) -> str:
    values: dict[str, Any] = dict(vars(article))
    values |= {name: sorted(values[name]) for name in ("entities", "headline")}
    values["words"] = dict(article.words)
    return json.dumps(values, separators=(",", ":"))


def _known(raw: bytes) -> RememberedArticle:
    values = json.loads(raw)
    values["signature"] = tuple(values["signature"])
    values |= {name: frozenset(values[name]) for name in ("entities", "headline")}
    return RememberedArticle(**values)
