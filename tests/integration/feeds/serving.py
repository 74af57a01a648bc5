"""Pages, feeds and API in this process, with all that every request goes through."""

import contextlib
import threading
from collections.abc import Iterator, Sequence

import uvloop
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from newsman.feeds.api.front import front_routes
from newsman.feeds.api.popular import popular_routes
from newsman.feeds.api.routes import api_routes
from newsman.feeds.api.statistics import Statistics
from newsman.feeds.cache.answer_cache import AnswerCache
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import AnswerStore
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.corrections.routes import CorrectionPages
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.feeds.listings.tombstones import TombstoneReader
from newsman.feeds.pages.archive import ArchiveRoutes
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.listings import ListingRoutes
from newsman.feeds.pages.pictures import Pictures
from newsman.feeds.pages.render import Pages
from newsman.feeds.pages.search import SearchRoutes
from newsman.feeds.pages.site import SiteRoutes
from newsman.feeds.programs.counts import ProgramCounts
from newsman.feeds.programs.layer import NotedAnswers
from newsman.feeds.provenance.routes import ProvenanceRoutes
from newsman.feeds.subscribers.articles import VisibleArticles
from newsman.feeds.web import Recognise, build_web, middleware, policy_headers
from newsman.outputs.listing import Site
from newsman.provenance.keys_file import KeysFile
from newsman.rankings.ranking import Rankings
from newsman.redis.aliases import AliasReader
from newsman.redis.client import build_async_client
from newsman.runtime.background import BackgroundTasks
from newsman.settings import FeedsSettings
from newsman.site.site_file import SiteFile
from newsman.web.addresses import Networks
from newsman.web.limits import ServerLimits
from newsman.web.security_headers import SecurityHeaders
from newsman.web.server.serve import build_server

SITE = Site("https://news.example", "The Example")
VIEWS_URL = "https://in.example/v1/views"


class Clock:
    """A reader's next look is a minute later."""

    now = 1_772_452_800.0

    def __call__(self) -> float:
        self.now += 60
        return self.now


@contextlib.contextmanager
def built(
    redis_url: str,
    namespace: str,
    *,
    fresh_seconds: float = 0,
    clock=None,
    catalogue: Catalogue | None = None,
    around: Sequence[Middleware] = (),
    known: Recognise = lambda app: app,
    site_file: SiteFile | None = None,
    keys: KeysFile | None = None,
    **settings,
) -> Iterator[tuple[Starlette, AnswerCache]]:
    """Pages, feeds and API with all that every request goes through; `around` the routes,
    `known` before what is kept."""
    client, clock = build_async_client(redis_url), clock or Clock()
    listings = Listings(
        VisibleArticles(client, namespace),
        Rankings(client, namespace, 4),
        TombstoneReader(client, namespace),
    )
    if catalogue is None:
        catalogue = Catalogue()
        catalogue.is_whole = True
    finder, pages = (
        CatalogueListings(catalogue, listings.articles, (site_file or SiteFile()).plan.source_name),
        Pages(SITE, VIEWS_URL, Pictures(SITE), site_file, signs=keys is not None),
    )
    programs = ProgramCounts(client, namespace)
    headers = policy_headers(VIEWS_URL, "'self'")
    watch = StoreWatch(listings.articles.changes_if_whole, fresh_seconds=fresh_seconds)
    shelf = AnswerStore(clock=clock, headers=headers)
    cache = AnswerCache(shelf, watch, lambda: finder.generation, clock)
    front = PageRoutes(listings, finder, pages, SITE, headers, cache)
    routes = [
        *ProvenanceRoutes(listings.articles, pages, SITE, front, keys).routes(),
        *api_routes(listings, finder, SITE, signs=keys is not None),
        *popular_routes(listings, finder, SITE),
        *front_routes(listings, front.stories, SITE),
        *Statistics(front, listings, finder, pages, programs, ("ai-training",)).routes(),
        *SearchRoutes(front, finder, pages).routes(),
        *CorrectionPages(listings.articles, pages, SITE, front).routes(),
        *SiteRoutes(front, listings, finder, SITE, pages, refused=("ai-training",)).routes(),
        *ArchiveRoutes(front, listings, finder, SITE, pages).routes(),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_):
        tasks = BackgroundTasks()
        tasks.start(programs.run(), name="programs")
        yield
        await tasks.cancel()
        await client.aclose()

    named = {"kafka_bootstrap": "127.0.0.1:1", "redis_url": redis_url, **settings}

    app = build_web(
        front,
        ListingRoutes(front, listings, finder, pages),
        routes,
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders),
            *middleware(
                FeedsSettings(**named), cache, AliasReader(client, namespace), known, programs
            ),
            *around,
        ],
    )
    yield app, NotedAnswers(cache, programs)


@contextlib.contextmanager
def serving(redis_url: str, namespace: str, **options) -> Iterator[TestClient]:
    """The same, as a client of it."""
    with built(redis_url, namespace, **options) as (app, _), TestClient(app) as http:
        yield http


@contextlib.contextmanager
def served(redis_url: str, namespace: str, **options) -> Iterator[str]:
    """The same behind the server of feeds, which answers past it what stands ready; its address."""
    with built(redis_url, namespace, **options) as (app, cache):
        server = build_server(
            app,
            host="127.0.0.1",
            port=0,
            limits=ServerLimits(),
            trusted=Networks("127.0.0.1"),
            ready=cache,
        )
        thread = threading.Thread(target=lambda: uvloop.run(server.serve()), daemon=True)
        thread.start()
        try:
            while not server.started:
                thread.join(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(20)
