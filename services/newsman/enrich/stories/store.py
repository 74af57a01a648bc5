"""The stories of the last days in Redis: articles by bands of their signature, and by entity."""

import base64
import json
import logging
import zlib
from array import array
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
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

SCRIPTS = ("asking.lua", "meeting.lua", "remembering.lua")
_ORDER = TypeAdapter(VersionOrder)

KEPT_SECONDS = 14 * 86_400
RELATED_SECONDS = 3 * 86_400
"""How far apart two articles may be for the second to be a follow-up."""
NEWEST_PER_PLACE = 30
MOST_CANDIDATES = 40
"""Those that meet the article in most places; any of a story's copies leads to the story."""
WORDS_PER_ARTICLE = 6
"""An article is looked for by so many of its words, those that tell most of it."""
WEEK_SECONDS = 7 * 86_400
COUNTED_WEEKS = 4
"""Uses of words are counted by the week, and forgotten after four."""
KEPT_WEEKS = 3
"""Weeks that fourteen days lie in."""
TEXTS = "*"
BAND_HASHES = 4_096
"""The bands of a week share so many hashes: fields are a fraction of the size of keys."""


class StoryStore:
    """Places articles in stories; every key shares one hash tag."""

    def __init__(self, client: "Redis", namespace: str) -> None:
        self._client = client
        self._prefix = f"{namespace}:{{stories}}"
        folder = files("newsman.enrich.stories")
        self._asking, self._meeting, self._remembering = (
            (folder / name).read_text() for name in SCRIPTS
        )

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
        used = wording(article.headline, article.body_text)
        stored, known, idf = await self._ask(article.id, used, now)
        story = Story.model_validate_json(stored) if stored else None
        order = version_order(article, "")
        if story and known and order < _ORDER.validate_json(known):
            return story  # what came later is remembered
        words = direction(used, idf)
        is_new = story is None
        if story is None:
            described = stories.describe(article, signature, "", words)
            candidates = await self._candidates(described, now)
            story = stories.place(article, signature, candidates, words)
        described = stories.describe(article, signature, story.id, words)
        await self._remember(described, story, order, now, [TEXTS, *used] if is_new else [])
        return story

    async def _ask(
        self, article_id: str, used: Wording, now: datetime
    ) -> tuple[bytes | None, bytes | None, Idf]:
        """The article's story and order as they are remembered, and the weight of each of these
        words, by the articles of the last weeks."""
        names = [TEXTS, *used]
        keys = [self._article(article_id), *self._weekly("counts", now, COUNTED_WEEKS)]
        stored, known, values = await self._run(self._asking, keys, names)
        counts = dict(zip(names, map(int, values), strict=True))
        return stored, known, lambda word: smooth_idf(counts[TEXTS], counts[word])

    async def _candidates(
        self, article: RememberedArticle, now: datetime
    ) -> list[RememberedArticle]:
        """Those that meet the article in most places."""
        places, met = self._places_near(article), bands(article.signature)
        weeks = self._weekly("bands", now, KEPT_WEEKS)
        hashes = [f"{week}:{_hash_of(band)}" for band in met for week in weeks]
        since = now.timestamp() - RELATED_SECONDS
        found = await self._run(
            self._meeting,
            [*places, *hashes],
            [
                len(places),
                article.article_id,
                since,
                NEWEST_PER_PLACE,
                MOST_CANDIDATES,
                self._article(""),
                *met,
            ],
        )
        return [_known(raw) for raw in found]

    async def _remember(
        self,
        described: RememberedArticle,
        story: Story,
        order: VersionOrder,
        now: datetime,
        counted: Sequence[str],
    ) -> None:
        """Remembers the article, and counts these words."""
        met = bands(described.signature)
        week = self._weekly("bands", now, 1)[0]
        keys = [
            self._article(described.article_id),
            *self._weekly("counts", now, 1),
            *(f"{week}:{_hash_of(band)}" for band in met),
            *self._places_near(described),
        ]
        await self._run(
            self._remembering,
            keys,
            [
                described.article_id,
                now.timestamp(),
                NEWEST_PER_PLACE,
                KEPT_SECONDS,
                WEEK_SECONDS * KEPT_WEEKS,
                RELATED_SECONDS,
                WEEK_SECONDS * COUNTED_WEEKS,
                story.model_dump_json(),
                _ORDER.dump_json(order),
                _packed(described),
                len(met),
                *met,
                *counted,
            ],
        )

    async def _run(self, script: str, keys: Sequence[str], values: Sequence[Any]) -> Any:
        return await self._client.eval(script, len(keys), *keys, *values)

    def _weekly(self, kind: str, now: datetime, weeks: int) -> list[str]:
        """Keys of this week and of those before, the newest first."""
        week = int(now.timestamp()) // WEEK_SECONDS
        return [f"{self._prefix}:{kind}:{week - n}" for n in range(weeks)]

    def _places_near(self, article: RememberedArticle) -> list[str]:
        """Buckets in which articles meet that may follow one another within days."""
        headline = stories.headline_place(article)
        named = [f"{self._prefix}:headline:{headline}"] if headline else []
        telling = most_telling(article.words, WORDS_PER_ARTICLE)
        words = [f"{self._prefix}:word:{word}" for word in telling]
        return named + words + [self._entity(slug) for slug in sorted(article.entities)]

    def _article(self, article_id: str) -> str:
        return f"{self._prefix}:article:{article_id}"

    def _entity(self, slug: str) -> str:
        return f"{self._prefix}:entity:{slug}"


def _hash_of(band: str) -> int:
    return zlib.crc32(band.encode()) % BAND_HASHES


def _packed(article: RememberedArticle) -> str:
    values: dict[str, Any] = dict(vars(article))
    values |= {name: sorted(values[name]) for name in ("entities", "headline")}
    values["words"] = dict(article.words)
    values["signature"] = base64.b64encode(array("I", article.signature)).decode()
    return json.dumps(values, separators=(",", ":"))


def _known(raw: bytes) -> RememberedArticle:
    values = json.loads(raw)
    written = values["signature"]
    # Two weeks long there are articles that were remembered as a list of numbers.
    is_packed = isinstance(written, str)
    values["signature"] = tuple(array("I", base64.b64decode(written)) if is_packed else written)
    values |= {name: frozenset(values[name]) for name in ("entities", "headline")}
    return RememberedArticle(**values)
