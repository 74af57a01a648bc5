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
        kept = [self._rendered.get(_key(payload, ref)) for payload, ref in wanted]
        read = {
            ref.key
            for (_, ref), one in zip(wanted, kept, strict=True)
            if one is None and ref.needs_text
        }
        # What was rendered is sent while its revision is the one that readers may see.
        asked = {ref.key for _, ref in wanted if ref.needs_text} - read
        stored = {one.article.id: one for one in await self._articles.many(list(read))}
        revisions = {ident: one.revision for ident, one in stored.items()}
        revisions |= await self._articles.revisions(asked)
        return [
            self._body(payload, ref, one, revisions.get(ref.key, 0), stored.get(ref.key))
            for (payload, ref), one in zip(wanted, kept, strict=True)
        ]

    def _body(
        self,
        payload: str,
        reference: Reference,
        kept: _Kept | None,
        revision: int,
        stored: StoredArticle | None,
    ) -> Body | NotNow:
        if reference.body:
            return Body(reference.body.encode(), JSON)
        if not reference.needs_text:
            return self._render(payload, reference, None)
        if revision != reference.revision:
            return NotNow(revision)
        # Many queues have the same article in one turn.
        kept = kept or self._rendered.get(_key(payload, reference))
        if kept is None:
            assert stored is not None
            body = self._render(payload, reference, stored.article)
            kept = _Kept(body, len(body.content) + 4_096)
            if kept.size <= self._rendered.maxsize:
                self._rendered[_key(payload, reference)] = kept
        return kept.body


def _key(payload: str, reference: Reference) -> tuple[str, ...]:
    return payload, reference.event_id, reference.event


def build_texts(articles: ArticleReader, settings: DeliverSettings) -> Texts:
    """The texts with the addresses of the site that the settings name."""
    site = Site(settings.public_url.rstrip("/"), settings.site_name)
    return Texts(articles, renderer(site))
