"""Wiring of feeds."""

import argparse
import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import AsyncIterator
from socket import gethostname

import uvloop
from starlette.applications import Starlette

from newsman.assets.store import AssetStore
from newsman.feeds.api.front import front_routes
from newsman.feeds.api.popular import popular_routes
from newsman.feeds.api.routes import api_routes
from newsman.feeds.api.statistics import Statistics
from newsman.feeds.assets.routes import asset_routes
from newsman.feeds.cache.answer_cache import AnswerCache
from newsman.feeds.cache.store_watch import StoreWatch
from newsman.feeds.cache.stored_answers import AnswerStore
from newsman.feeds.catalogue.asset_visibility import AssetVisibility
from newsman.feeds.catalogue.index import Catalogue
from newsman.feeds.catalogue.keeper import Keeper
from newsman.feeds.catalogue.log import LogReader
from newsman.feeds.catalogue.own_file import OwnFile
from newsman.feeds.catalogue.rebuilding import Requests
from newsman.feeds.corrections.routes import CorrectionPages
from newsman.feeds.listings.catalogue_listings import CatalogueListings
from newsman.feeds.listings.listings import Listings
from newsman.feeds.listings.tombstones import TombstoneReader
from newsman.feeds.ops import feeds_ops_routes
from newsman.feeds.pages.archive import ArchiveRoutes
from newsman.feeds.pages.front import PageRoutes
from newsman.feeds.pages.listings import ListingRoutes
from newsman.feeds.pages.pictures import pictures_of
from newsman.feeds.pages.render import Pages
from newsman.feeds.pages.search import SearchRoutes
from newsman.feeds.pages.site import SiteRoutes
from newsman.feeds.programs.counts import ProgramCounts
from newsman.feeds.programs.layer import NotedAnswers
from newsman.feeds.provenance.routes import ProvenanceRoutes
from newsman.feeds.stream.broadcaster import Broadcaster
from newsman.feeds.stream.follower import Follower, published_in
from newsman.feeds.stream.open_streams import OpenStreams
from newsman.feeds.stream.registry import STREAMS, framing
from newsman.feeds.stream.routes import StreamRoutes
from newsman.feeds.stream.searches import Searches
from newsman.feeds.stream.tail import StreamLog
from newsman.feeds.subscribers.articles import VisibleArticles
from newsman.feeds.subscribers.building import KnownReaders
from newsman.feeds.web import build_web, middleware, policy_headers
from newsman.kafka.progress.log_end_watch import EndsOfLog, PartitionWatch
from newsman.kafka.ready import TopicsCheck
from newsman.outputs.listing import Site
from newsman.provenance.keys_file import KeysFile
from newsman.rankings.ranking import Rankings
from newsman.redis.aliases import AliasReader
from newsman.redis.client import build_async_client, build_client
from newsman.redis.ready import redis_check
from newsman.redis.view_secret import ViewSecret
from newsman.runtime.background import BackgroundTasks
from newsman.runtime.gc_tuning import collect_seldom
from newsman.runtime.health import Check, Pulse, first_problem, serve_ops
from newsman.runtime.logs import configure_logging
from newsman.runtime.startup import wait_for
from newsman.runtime.watchdog import LoopWatch, watch_pulse
from newsman.settings import FeedsSettings, read_settings
from newsman.site.site_file import SiteFile
from newsman.web.patient_stream import is_news
from newsman.web.server.serve import build_server, listen
from newsman_schemas.names.zones import zone_of
from newsman_schemas.topics import ARTICLE_PUBLISHED, ARTICLE_VIEWED

SHUTDOWN_SECONDS = 5
TAIL_STILL_SECONDS = 90.0
TOPICS = tuple(stream.topic for stream in STREAMS.values())
COLLECTING = (20_000, 20, 20)
"""Looking through all that was imported, and through every open stream, took a third of a second
every other second; readers waited for it."""


def run(_: argparse.Namespace) -> int:
    """Serves until a signal ends it; open streams are closed first."""
    settings = read_settings(FeedsSettings)
    configure_logging(
        settings.log_level, settings.log_format, service="feeds", access=settings.access_log
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings))
    return 0


async def _serve(settings: FeedsSettings) -> None:
    assets = AssetStore(settings.assets_url)
    site = Site(
        settings.public_url.rstrip("/"),
        settings.site_name,
        settings.hub_url,
        settings.site_language,
        settings.updated_prefix.strip(),
        zone_of(settings.site_timezone),
    )
    client = build_async_client(settings.redis_url)
    listings = Listings(
        VisibleArticles(client, settings.namespace),
        Rankings(client, settings.namespace, ARTICLE_VIEWED.partitions),
        TombstoneReader(client, settings.namespace),
    )
    catalogue_file = OwnFile(settings.catalogue_file)
    catalogue = Catalogue(catalogue_file.path)
    site_file = SiteFile(settings.site_file)
    finder = CatalogueListings(
        catalogue, listings.articles, lambda *named: site_file.plan.source_name(*named)
    )
    topic = ARTICLE_PUBLISHED.full_name(settings.namespace)
    watch = StoreWatch(listings.articles.changes_if_whole)
    process = f"{gethostname()}-{os.getpid()}"
    requests = Requests(build_client(settings.redis_url), settings.namespace, process)
    hub = Broadcaster(buffer_events=settings.stream_buffer_events, heard=watch.forget)
    searches = Searches()
    past = StreamLog(settings.kafka_bootstrap, framing(settings.namespace, site), searches)
    follower = Follower(
        hub,
        past,
        published_in(listings.articles),
        {stream.topic.full_name(settings.namespace): name for name, stream in STREAMS.items()},
        searches=searches,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
    )
    pulse, loop_watch = Pulse(limit_seconds=TAIL_STILL_SECONDS), LoopWatch("feeds")

    needs: dict[str, Check] = {
        "kafka": TopicsCheck(settings.kafka_bootstrap, settings.namespace, TOPICS),
        "redis": redis_check(settings.redis_url),
    }

    programs, refused = ProgramCounts(client, settings.namespace), settings.refused_kinds
    known = KnownReaders(settings, needs)
    tailing, cataloguing = (
        PartitionWatch(EndsOfLog(settings.kafka_bootstrap, name), needs=needs.values())
        for name in ("newsman-feeds-tail-watch", "newsman-feeds-catalogue-watch")
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        stopping = threading.Event()
        arguments = (hub, asyncio.get_running_loop(), stopping, pulse, tailing)

        def follow_log() -> None:
            watch_pulse("the tail of feeds", pulse, limit_seconds=TAIL_STILL_SECONDS)
            past.tail(*arguments)

        tail = threading.Thread(target=follow_log, name="tail", daemon=True)
        reader = LogReader(settings.kafka_bootstrap, topic)
        catalogue_keeper = Keeper(catalogue, reader, requests, stopping, cataloguing)
        keeper = threading.Thread(target=catalogue_keeper.run, name="catalogue", daemon=True)

        threads = [tail, keeper]

        def beat() -> None:
            pulse.beat()
            known.pulse.beat()

        def read_when_there() -> None:
            if wait_for(needs, stopping, beat=beat):
                for thread in threads:
                    thread.start()
                threads.extend(known.start(stopping))
                for each in (tailing, cataloguing):
                    each.start(stopping)

        waiter = threading.Thread(target=read_when_there, name="startup", daemon=True)
        waiter.start()
        collect_seldom(*COLLECTING)
        await loop_watch.begin()
        tasks = BackgroundTasks()
        tasks.start(programs.run(), name="programs")
        yield
        await tasks.cancel()
        await programs.flush()
        stopping.set()
        for thread in (waiter, *threads):
            if thread.is_alive():
                await asyncio.to_thread(thread.join, SHUTDOWN_SECONDS)
        await client.aclose()

    readers: dict[str, Check] = {
        "catalogue": lambda: (
            cataloguing.problem() or (None if catalogue.is_whole else "the catalogue is being made")
        ),
        "stream": lambda: tailing.problem() if hub.positions else "the tail has not begun yet",
    }
    pictures = pictures_of(site, settings.picture_hosts)
    keys = KeysFile(settings.signing_keys_file) if settings.signing_keys_file else None
    pages = Pages(site, settings.views_url, pictures, site_file, signs=keys is not None)
    headers = policy_headers(settings.views_url, pictures.sources)
    streams = OpenStreams(settings.streams_per_address)

    cache = AnswerCache(
        AnswerStore(headers=headers), watch, lambda: finder.generation + site_file.changes
    )
    secret = ViewSecret(client, settings.namespace, settings.view_token_secret)
    tokens = secret if settings.views_url else None
    front = PageRoutes(listings, finder, pages, site, headers, cache, tokens)
    more = [
        *CorrectionPages(listings.articles, pages, site, front).routes(),
        *StreamRoutes(hub, follower, settings.namespace, streams, known.audience).routes(),
        *ProvenanceRoutes(listings.articles, pages, site, front, keys).routes(),
        *api_routes(listings, finder, site, signs=keys is not None),
        *popular_routes(listings, finder, site),
        *front_routes(listings, front.stories, site),
        *Statistics(front, listings, finder, pages, programs, refused).routes(),
        *asset_routes(assets, AssetVisibility(catalogue, listings.articles).visibility),
        *SearchRoutes(front, finder, pages).routes(),
        *ArchiveRoutes(front, listings, finder, site, pages).routes(),
        *SiteRoutes(front, listings, finder, site, pages, refused=refused).routes(),
    ]
    server = build_server(
        build_web(
            front,
            ListingRoutes(front, listings, finder, pages),
            more,
            lifespan=lifespan,
            middleware=middleware(
                settings, cache, AliasReader(client, settings.namespace), known.recognise, programs
            ),
        ),
        host=settings.host,
        port=settings.port,
        limits=settings.server_limits,
        trusted=settings.proxies,
        ready=NotedAnswers(cache, programs),
        before_end=hub.close,
        shutdown_seconds=SHUTDOWN_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(is_news)
    stop_ops = serve_ops(
        feeds_ops_routes(
            settings,
            needs,
            first_problem(loop_watch.problem, pulse.problem, known.pulse.problem),
            readers,
            known.note,
        ),
        host=settings.ops_host,
        port=settings.ops_port,
        variable="NEWSMAN_OPS_PORT",
    )
    await server.serve([listen(settings.host, settings.port, variable="NEWSMAN_PORT")])
    stop_ops()
    catalogue_file.close()
