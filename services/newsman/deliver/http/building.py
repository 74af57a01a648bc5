"""Building the edge in its event loop: the routes, and the thread that reads on for them."""

import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.routing import Route

from newsman.deliver.channels.channel import Channel
from newsman.deliver.http.actions import action_routes
from newsman.deliver.http.callers import Callers, OperatorToken
from newsman.deliver.http.edge import Edge
from newsman.deliver.http.events import EventRoutes
from newsman.deliver.http.queues import QueueDesk
from newsman.deliver.http.subscriptions import subscription_routes
from newsman.deliver.http.web import build_web
from newsman.deliver.ledger.book import Ledger
from newsman.deliver.ledger.current import CurrentReader
from newsman.deliver.ledger.reader import LedgerReader
from newsman.deliver.ledger.routes import LedgerRoutes
from newsman.deliver.pull.fetching import Fetching
from newsman.deliver.pull.following import Following
from newsman.deliver.pull.handed import HandedOut
from newsman.deliver.pull.log import BoundedReads, FetchLog
from newsman.deliver.pull.open_fetches import OpenFetches
from newsman.deliver.pull.starts import Starts
from newsman.deliver.pull.window import EventWindow, LogEntry
from newsman.deliver.pull.window_filling import WindowFilling
from newsman.deliver.sending.notes import Notes
from newsman.deliver.sending.rates import Rates
from newsman.deliver.sending.requests import QueueRequests
from newsman.deliver.sending.texts import build_texts
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.kafka.progress.log_end_watch import PartitionWatch
from newsman.redis.articles import ArticleReader
from newsman.redis.client import build_pooled_async_client
from newsman.runtime.background import BackgroundTasks
from newsman.runtime.health import Pulse
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry

WAKING = "waking"
REDIS_CONNECTIONS = 50


MoreRoutes = Callable[[AsyncExitStack], Awaitable[Sequence[Route]]]


@dataclass(frozen=True)
class EdgeNeeds:
    """What the edge is built of; `watch` and `pulse` are those of the thread that reads on."""

    settings: DeliverSettings
    registry: Registry
    writer: RegistryWriter
    channels: Mapping[str, Channel]
    requests: QueueRequests
    notes: Notes
    rates: Rates
    past: FetchLog
    pulse: Pulse
    watch: PartitionWatch
    more: MoreRoutes
    """Opens what other rooms serve beside the API."""
    ledger: Ledger


async def open_edge(
    needs: EdgeNeeds, window: EventWindow, stopping: threading.Event, stack: AsyncExitStack
) -> Starlette:
    """The application, with its thread begun; the stack closes what it uses."""
    settings = needs.settings
    client = build_pooled_async_client(settings.redis_url, connections=REDIS_CONNECTIONS)
    stack.push_async_callback(client.aclose)
    handed = HandedOut(client, settings.namespace)
    reads = BoundedReads(needs.past)
    filling = WindowFilling(needs.past, needs.registry, window)
    articles = ArticleReader(client, settings.namespace)
    texts = build_texts(articles, settings)
    fetching = Fetching(
        window, filling, reads, needs.registry, texts, articles, handed, needs.notes
    )
    edge = Edge(
        needs.registry,
        needs.writer,
        Callers(needs.registry, OperatorToken(settings.operator_token_file)),
        needs.channels,
        QueueDesk(client, settings.namespace, needs.requests),
        Starts(window, reads, settings.namespace),
        handed,
    )
    heartbeat_seconds = settings.stream_heartbeat_seconds
    following = Following(fetching, window, needs.rates, heartbeat_seconds=heartbeat_seconds)
    limit = OpenFetches(settings.fetches_per_subscriber)
    events = EventRoutes(edge, fetching, following, limit)
    tasks = BackgroundTasks()
    stack.push_async_callback(tasks.cancel)

    def heard(entries: list[LogEntry]) -> None:
        about = {entry.about for entry in entries if entry.may_take_away and entry.about}
        if about and window.waiting:
            tasks.start(_wake_told(window, handed, about), name=WAKING)

    arguments = (heard, stopping, needs.pulse, needs.watch)
    threading.Thread(target=filling.run, args=arguments, name="fetch", daemon=True).start()
    needs.watch.start(stopping)
    current = CurrentReader(client, settings.namespace)
    ledger = LedgerReader(needs.ledger, current, handed.revisions_told)
    own = [
        *events.routes(),
        *subscription_routes(edge),
        *action_routes(edge),
        *LedgerRoutes(edge, ledger).routes(),
    ]
    return build_web([*own, *await needs.more(stack)])


async def _wake_told(window: EventWindow, handed: HandedOut, about: set[str]) -> None:
    """Wakes those who wait and had one of these articles before."""
    waiting = window.waiting
    try:
        for article_id in about:
            window.wake(await handed.told_any(article_id, waiting))
    except RedisError:
        window.wake(waiting)
