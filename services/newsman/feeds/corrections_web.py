"""`/articles/{id}/history` and `/corrections`, each as a page and as a feed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.answer_cache import AnswerCache
from newsman.feeds.caching import Made, made
from newsman.feeds.changes import Difference, Piece, told
from newsman.feeds.core import Listing, Site, split_extension
from newsman.feeds.corrections import Corrections, Step
from newsman.feeds.formats import FORMATS, atom, jsonfeed, rss
from newsman.feeds.pages import HTML, Pages
from newsman.redis.articles import ArticleReader, Gone, StoredArticle

FRESH_SECONDS = 60
LISTED_IN = {"rss": rss.render, "atom": atom.render, "json": jsonfeed.render}
"""Formats of entries; those of articles have no place for a change."""
TAGS = {"added": "ins", "removed": "del"}

Clock = Callable[[], datetime]


class CorrectionPages:
    """The routes; they answer 410 for what was withdrawn and 503 while there is no whole store."""

    def __init__(
        self,
        articles: ArticleReader,
        pages: Pages,
        site: Site,
        cache: AnswerCache,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._articles = articles
        self._pages = pages
        self._site = site
        self._cache = cache
        self._clock = clock
        self._corrections = Corrections(articles)

    def routes(self) -> list[Route]:
        """Before those of front pages, which take any name."""
        return [
            Route("/articles/{article_id}/history", self.history),
            Route("/articles/{article_id}/history.{extension}", self.history),
            Route("/corrections", self.newest),
            *(Route(f"/corrections.{extension}", self.newest) for extension in LISTED_IN),
        ]

    async def history(self, request: Request) -> Response:
        """What changed in an article from version to version."""
        article_id = request.path_params["article_id"]
        extension = request.path_params.get("extension")
        if extension and extension not in LISTED_IN:
            raise HTTPException(404)

        async def make() -> Made:
            found = await self._articles.find(article_id)
            if found is None:
                raise HTTPException(404)
            if isinstance(found, Gone):
                raise HTTPException(410)
            steps = await self._corrections.history(article_id, now=self._clock())
            title, path = (
                f"History of “{found.article.headline}”",
                f"/articles/{article_id}/history",
            )
            if extension:
                return self._feed(title, path, steps, extension)
            values = {"article": found.article, "steps": steps, "told": told, "path": path}
            return made(self._pages.page("history.html", title=title, **values), HTML)

        return await self._cache.serve(request, make, lasts_seconds=FRESH_SECONDS)

    async def newest(self, request: Request) -> Response:
        """What was corrected last."""
        path, extension = split_extension(request.url.path)

        async def make() -> Made:
            steps = await self._corrections.newest(now=self._clock())
            if extension:
                return self._feed("Corrections", path, steps, extension)
            values = {"steps": steps, "told": told, "path": path}
            return made(self._pages.page("corrections.html", title="Corrections", **values), HTML)

        return await self._cache.serve(request, make, lasts_seconds=FRESH_SECONDS)

    def _feed(self, title: str, path: str, steps: Sequence[Step], extension: str) -> Made:
        items = tuple(_item(step) for step in steps)
        chosen, render = FORMATS[extension], LISTED_IN[extension]
        return made(render(Listing(title, path, path, items), self._site), chosen.media_type)


def markup(pieces: Sequence[Piece]) -> str:
    """The pieces as HTML: `ins` and `del` around what came and went."""
    return " ".join(
        f"<{TAGS[piece.op]}>{escape(piece.text)}</{TAGS[piece.op]}>"
        if piece.op in TAGS
        else escape(piece.text)
        for piece in pieces
    )


def _item(step: Step) -> StoredArticle:
    """A step as feeds show it: under the version's own name, with what changed as its text."""
    article, found = step.article, step.difference
    shown = article.model_copy(
        update={
            "id": f"{article.id}/history#{step.anchor}",
            "ancestors": (),
            "original_id": None,
            "summary": told(found) if found else "First published.",
            "body_html": _body(found) if found else article.body_html,
        }
    )
    return StoredArticle(shown, 1, int(article.version_created.timestamp() * 1000), ())


def _body(found: Difference) -> str:
    note = f"<p>{escape(found.note)}</p>" if found.note else ""
    return note + "".join(f"<p>{markup(change.pieces)}</p>" for change in found.changes)
