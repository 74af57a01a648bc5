"""The texts of references, as the article store has them at the moment of sending.

A text that was killed a moment ago is not there any more, and one that has been replaced is not
sent: the event that says so is on its way, and takes the reference's place in the queue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from cachetools import LRUCache

from newsman.deliver.queue.references import Reference
from newsman.deliver.sending.bodies import JSON, Body, Render, renderer
from newsman.outputs.listing import Site
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman.settings import DeliverSettings

CACHE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class NotNow:
    """The store has another revision (or none: 0) than the reference."""

    revision: int


@dataclass(frozen=True, slots=True)
class _Kept:
    body: Body
    size: int


class Texts:
    """Renders each event once for all subscriptions of a payload."""

    def __init__(self, articles: ArticleReader, render: Render) -> None:
        self._articles = articles
        self._render = render
        self._rendered: LRUCache[tuple[str, ...], _Kept] = LRUCache(
            CACHE_BYTES, getsizeof=attrgetter("size")
        )

    async def bodies(self, wanted: Sequence[tuple[str, Reference]]) -> list[Body | NotNow]:
        """The body of each payload and reference."""
        ids = list(dict.fromkeys(ref.key for _, ref in wanted if ref.needs_text))
        stored = {one.article.id: one for one in await self._articles.many(ids)} if ids else {}
        return [self._body(payload, ref, stored.get(ref.key)) for payload, ref in wanted]

    def _body(
        self, payload: str, reference: Reference, stored: StoredArticle | None
    ) -> Body | NotNow:
        if reference.body:
            return Body(reference.body.encode(), JSON)
        if not reference.needs_text:
            return self._render(payload, reference, None)
        revision = stored.revision if stored else 0
        if stored is None or revision != reference.revision:
            return NotNow(revision)
        key = (payload, reference.event_id, reference.event)
        kept = self._rendered.get(key)
        if kept is None:
            body = self._render(payload, reference, stored.article)
            kept = _Kept(body, len(body.content) + 4_096)
            if kept.size <= self._rendered.maxsize:
                self._rendered[key] = kept
        return kept.body


def build_texts(articles: ArticleReader, settings: DeliverSettings) -> Texts:
    """The texts with the addresses of the site that the settings name."""
    site = Site(settings.public_url.rstrip("/"), settings.site_name)
    return Texts(articles, renderer(site))
