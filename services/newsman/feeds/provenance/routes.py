"""`/articles/{id}/provenance`, the same under /v1, and the site's public keys."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.pages.trust import trust_signs
from newsman.feeds.provenance.answers import CheckedProvenance, answer, checked
from newsman.outputs.listing import Site
from newsman.provenance.keys import KEYS_PATH
from newsman.provenance.keys_file import KeysFile
from newsman.redis.articles import ArticleReader, Gone, StoredArticle
from newsman.web.problems import problem

FRESH_SECONDS = 60
ROWS = 50
"""Statements that a page lists."""
SET_OF_KEYS = "application/jwk-set+json"
NOT_SIGNED = "This site does not sign what it publishes."
NOT_STATED = "No statement was signed of this article: it is older than the site's first key."
NO_ARTICLE = "There is no such article."


class NoProvenance(Exception):
    """There is nothing to tell; the text says why."""


class ProvenanceRoutes:
    """The routes; without a file of keys they say that nothing is signed."""

    def __init__(
        self,
        articles: ArticleReader,
        pages: Pages,
        site: Site,
        front: PageRoutes,
        keys: KeysFile | None,
    ) -> None:
        self._articles = articles
        self._pages = pages
        self._site = site
        self._front = front
        self._keys = keys

    def routes(self) -> list[Route]:
        """Before those of front pages, which take any name."""
        return [
            Route("/articles/{article_id}/provenance", self.page),
            Route("/v1/articles/{article_id}/provenance", self.document),
            Route(KEYS_PATH, self.key_set),
        ]

    async def page(self, request: Request) -> Response:
        """The result of the check of an article's statements, in words."""
        article_id = request.path_params["article_id"]

        async def make() -> RenderedBody:
            try:
                found = await self._checked(article_id)
            except NoProvenance as reason:
                body = self._pages.message("No statements", str(reason))
                return made(body, HTML, status=404)
            return made(self._page(found), HTML)

        return await self._front.serve(request, make, lasts_seconds=FRESH_SECONDS)

    async def document(self, request: Request) -> Response:
        """The statements, each with what is wrong with it, and the content that they are of."""
        if not await self._articles.is_whole():
            return problem(503, "the article store is being rebuilt", headers={"Retry-After": "5"})
        try:
            found = await self._checked(request.path_params["article_id"])
        except NoProvenance as reason:
            return problem(404, str(reason))
        told = answer(found, self._site)
        return JSONResponse(told.model_dump(mode="json", exclude_none=True))

    async def key_set(self, _: Request) -> Response:
        """The public keys, current and former (RFC 7517 section 5)."""
        if self._keys is None:
            return problem(404, NOT_SIGNED)
        headers = {"Cache-Control": f"public, max-age={FRESH_SECONDS}"}
        return JSONResponse(
            dict(self._keys.content.document), headers=headers, media_type=SET_OF_KEYS
        )

    async def _checked(self, article_id: str) -> CheckedProvenance:
        """Raises NoProvenance."""
        if self._keys is None:
            raise NoProvenance(NOT_SIGNED)
        found, statements = await self._read(article_id)
        if found is None:
            raise NoProvenance(NO_ARTICLE)
        if not statements:
            raise NoProvenance(NOT_STATED)
        return await asyncio.to_thread(checked, found, statements, self._keys.content.keys)

    async def _read(self, article_id: str) -> tuple[StoredArticle | Gone | None, tuple[str, ...]]:
        """An article and its statements, of the same revision."""
        found = await self._articles.find(article_id)
        while True:
            statements = await self._articles.statements(article_id)
            again = await self._articles.find(article_id)
            if found is None or again is None or found.revision == again.revision:
                return again, statements
            found = again

    def _page(self, found: CheckedProvenance) -> bytes:
        stored = found.stored
        newest = found.report.statements[: -ROWS - 1 : -1]
        return self._pages.page(
            "provenance.html",
            title=_title(stored),
            article_id=found.article_id,
            stored=stored,
            holds=found.report.holds,
            verdict=found.words,
            statements=newest,
            earlier=found.earlier + len(found.report.statements) - len(newest),
            signs=trust_signs(stored.article) if stored else (),
            keys_path=KEYS_PATH,
        )


def _title(stored: StoredArticle | None) -> str:
    return f"Provenance of “{stored.article.headline}”" if stored else "Provenance"
