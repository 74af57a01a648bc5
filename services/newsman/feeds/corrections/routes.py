"""`/articles/{id}/history`, `/corrections` and `/updates`, each as a page and as a feed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.feeds.cache.stored_answers import RenderedBody, made
from newsman.feeds.core import older_url
from newsman.feeds.corrections.corrections import Corrections, Step, is_correction, is_update
from newsman.feeds.corrections.diff import Piece, VersionDifference, summary
from newsman.feeds.listings.catalogue_listings import Page, page_of
from newsman.feeds.pages.answers import rendered
from newsman.feeds.pages.chosen import chosen_format, chosen_version
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.render import HTML, Pages
from newsman.feeds.query.cursors import encode_before
from newsman.feeds.query.listings import ListingQuery
from newsman.outputs import FORMATS, split_extension
from newsman.outputs.feed_format import FeedFormat
from newsman.outputs.listing import Listing, Site
from newsman.redis.articles import ArticleReader, Gone, StoredArticle
from newsman_schemas.article_order import changed_at
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.events import unix_ms

FRESH_SECONDS = 60
LISTED_IN = tuple(FORMATS)
TAGS = {"added": "ins", "removed": "del"}

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class StepKind:
    """A kind of steps that are listed together; `none` says that there are none."""

    title: str
    none: str
    taken: Callable[[Step], bool]


KINDS = {
    "corrections": StepKind(
        "Corrections", "The newsroom has corrected nothing that was published.", is_correction
    ),
    "updates": StepKind("Updates", "No text has been changed since it was published.", is_update),
}


class CorrectionPages:
    """The routes; they answer 410 for what was withdrawn and 503 while there is no whole store."""

    def __init__(
        self,
        articles: ArticleReader,
        pages: Pages,
        site: Site,
        front: PageRoutes,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._articles = articles
        self._pages = pages
        self._site = site
        self._front = front
        self._clock = clock
        self._corrections = Corrections(articles)

    def routes(self) -> list[Route]:
        """Before those of front pages, which take any name."""
        return [
            Route("/articles/{article_id}/history", self.history),
            Route("/articles/{article_id}/history.{extension}", self.history),
            *(
                Route(f"/{kind}{end}", self._newest(kind))
                for kind in KINDS
                for end in ("", *(f".{extension}" for extension in LISTED_IN))
            ),
        ]

    async def history(self, request: Request) -> Response:
        """Changes of an article from version to version."""
        article_id = request.path_params["article_id"]
        extension = request.path_params.get("extension")
        if extension and extension not in LISTED_IN:
            raise HTTPException(404)
        chosen = chosen_format(request, extension) if extension else None

        async def make() -> RenderedBody:
            stored = await self._articles.find(article_id)
            if stored is None:
                raise HTTPException(404)
            if isinstance(stored, Gone):
                raise HTTPException(410)
            steps = await self._corrections.history(article_id, now=self._clock())
            title, path = (
                f"History of “{stored.article.headline}”",
                f"/articles/{article_id}/history",
            )
            if chosen:
                return self._feed(Listing(title, path, path, ()), steps, chosen)
            values = {"stored": stored, "steps": steps, "summary": summary, "path": path}
            return made(self._pages.page("history.html", title=title, **values), HTML)

        variant = chosen_version(request)
        return await self._front.serve(request, make, variant, lasts_seconds=FRESH_SECONDS)

    def _newest(self, kind: str) -> Callable[[Request], Awaitable[Response]]:
        async def newest(request: Request) -> Response:
            return await self._list(request, KINDS[kind])

        return newest

    async def _list(self, request: Request, kind: StepKind) -> Response:
        """The newest steps of a kind, of what the query selects."""
        path, extension = split_extension(request.url.path)
        chosen = chosen_format(request, extension) if extension else None
        asked = ListingQuery.read(request.query_params)
        selection, page = asked.selection, page_of(asked) or Page()

        async def make() -> RenderedBody:
            steps, onward = await self._corrections.newest(
                taken=kind.taken,
                now=self._clock(),
                selection=selection,
                before=page.before,
                limit=page.limit,
            )
            title = " · ".join([kind.title, *(slug for _, slug in selection.filters)])
            query = f"?{selection.query}" if selection.query else ""
            more = ("before", encode_before(onward)) if onward else None
            listing = Listing(title, path, path, (), query=query, more=more, form=page.form)
            if chosen:
                return self._feed(listing, steps, chosen)
            values = {"steps": steps, "summary": summary, "path": path, "query": query}
            values["older"] = older_url(self._site, listing)
            return made(
                self._pages.page("corrections.html", title=kind.title, kind=kind, **values), HTML
            )

        variant = f"{selection.query} {page.before} {page.limit} {chosen_version(request)}"
        return await self._front.serve(request, make, variant, lasts_seconds=FRESH_SECONDS)

    def _feed(self, listing: Listing, steps: Sequence[Step], chosen: FeedFormat) -> RenderedBody:
        # An entry of a feed may be a change; a document of an article is the changed version.
        entry = _version if chosen.render_article else _entry
        items = tuple(entry(step) for step in steps)
        return rendered(replace(listing, articles=items), chosen, self._site)


def markup(pieces: Sequence[Piece]) -> str:
    """The pieces as HTML: `ins` and `del` around what came and went."""
    return " ".join(
        f"<{TAGS[piece.op]}>{escape(piece.text)}</{TAGS[piece.op]}>"
        if piece.op in TAGS
        else escape(piece.text)
        for piece in pieces
    )


def _entry(step: Step) -> StoredArticle:
    """A step as feeds of entries show it: under its own name, with what changed as its text."""
    article, difference = step.article, step.difference
    shown = article.model_copy(
        update={
            "id": f"{article.id}/history#{step.anchor}",
            "ancestors": (),
            "original_id": None,
            "summary": _summary(step),
            "body_html": _body(difference) if difference else article.body_html,
        }
    )
    return _stored(shown)


def _version(step: Step) -> StoredArticle:
    """A step as formats of articles show it: that version, with a note of what changed."""
    note = " ".join(part for part in (_summary(step), step.article.editorial_note) if part)
    return _stored(step.article.model_copy(update={"editorial_note": note}))


def _summary(step: Step) -> str:
    return summary(step.difference) if step.difference else "First published."


def _stored(shown: EnrichedArticle) -> StoredArticle:
    return StoredArticle(shown, 1, unix_ms(changed_at(shown)), ())


def _body(difference: VersionDifference) -> str:
    note = f"<p>{escape(difference.note)}</p>" if difference.note else ""
    return note + "".join(f"<p>{markup(change.pieces)}</p>" for change in difference.changes)
