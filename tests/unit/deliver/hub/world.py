"""Feeds, a reader that subscribes, and the hub between them, over real HTTP on loopback."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import httpx
from aiohttp import web
from starlette.applications import Starlette
from tests.ports import free_port

from newsman.deliver.channels.channel import Delivery
from newsman.deliver.channels.websub import WebsubChannel
from newsman.deliver.hub.feed_reader import FeedReader
from newsman.deliver.hub.hub import Hub, HubParts
from newsman.deliver.hub.limits import MinuteLimits
from newsman.deliver.hub.routes import HubRoutes
from newsman.subscribers.registry import Registry
from newsman.web.addresses import Networks
from newsman.web.outbound.policy import OutboundPolicy, Ports
from newsman.web.outbound.session import build_outbound_session
from newsman_schemas.subscriptions import HUB, SubscriptionChanged

SITE = "https://news.example"
HUB_URL = "https://hub.example/hub"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass
class Feeds:
    """Serves topics as feeds does: with links, an entity tag, and its place in the log."""

    bodies: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    hub: str | None = HUB_URL
    since: str | None = None
    requests: list[tuple[str, str]] = field(default_factory=list)
    failing: int = 0
    canonical: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    misasked: dict[str, str] = field(default_factory=dict)

    def put(self, path: str, body: bytes, media_type: str = "application/atom+xml") -> str:
        self.bodies[path] = (media_type, body)
        return SITE + path

    def alias(self, path: str, of: str) -> str:
        self.bodies[path], self.canonical[path] = self.bodies[of], of
        return SITE + path

    def refusal(self, request: web.Request) -> web.Response:
        detail = self.misasked.get(request.path_qs)
        status, text = (400, detail) if detail else (404, "There is no such page.")
        if request.headers.get("Accept") == "application/problem+json":
            return web.json_response({"status": status, "detail": text}, status=status)
        return web.Response(status=status, text="<html>", content_type="text/html")

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path_qs))
        if self.failing:
            return web.Response(status=self.failing)
        if moved_to := self.moved.get(request.path_qs):
            return web.Response(status=301, headers={"Location": moved_to})
        found = self.bodies.get(request.path_qs)
        if found is None:
            return self.refusal(request)
        media_type, body = found
        links = {
            "self": SITE + self.canonical.get(request.path_qs, request.path_qs),
            "hub": self.hub,
        }
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        headers = {
            "Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links.items() if url),
            "ETag": etag,
            **({"Newsman-Since": self.since} if self.since else {}),
        }
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=media_type, headers=headers)


@dataclass
class Reader:
    """A subscriber: confirms what it asked for, and keeps what it is sent."""

    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    status: int = 204
    confirming: int = 200
    echo: bool = True

    @property
    def callback(self) -> str:
        return f"http://127.0.0.1:{self.port}/callback?kept=1"

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.append(request.path_qs)
        if request.method == "POST":
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.sent.append((headers, await request.read()))
            return web.Response(status=self.status)
        asked = dict(parse_qsl(request.query_string))
        self.asked.append(asked)
        text = asked.get("hub.challenge", "") if self.echo else "something else"
        return web.Response(status=self.confirming, text=text)


class RegistryLog:
    """Changes of subscriptions, which the registry reads at once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def put(self, subscription, by):
        event = SubscriptionChanged(
            event_id=f"{subscription.id}-{by}",
            occurred_at=NOW,
            subscription_id=subscription.id,
            subscription=subscription,
            by=by,
        )
        self._registry.take_subscription(subscription.id, event)

    def delete(self, subscription_id, by):
        self._registry.take_subscription(subscription_id, None)


class SentInMemory:
    def __init__(self):
        self.bodies: dict[str, bytes] = {}

    async def has(self, subscription_id, body):
        return self.bodies.get(subscription_id) == body

    async def note(self, subscription_id, body):
        self.bodies[subscription_id] = body


@dataclass
class World:
    feeds: Feeds
    reader: Reader
    registry: Registry
    hub: Hub
    channel: WebsubChannel
    client: httpx.AsyncClient
    log_ends: dict[int, int]
    looked_at: list[str] = field(default_factory=list)

    async def post(self, **fields: str) -> httpx.Response:
        """A form to the hub; `topic_=…` is `hub.topic=…`."""
        pairs = [(f"hub.{name.rstrip('_')}", value) for name, value in fields.items()]
        return await self.post_raw(urlencode(pairs))

    async def post_raw(self, body: str | bytes, kind: str = "application/x-www-form-urlencoded"):
        return await self.client.post("/hub", content=body, headers={"content-type": kind})

    async def subscribe(self, topic: str, /, **fields: str) -> httpx.Response:
        """Subscribes the reader, and returns when all that follows from it is done."""
        asked = {"mode": "subscribe", "topic": topic, "callback": self.reader.callback} | fields
        response = await self.post(**asked)
        await self.settled()
        return response

    async def settled(self) -> None:
        while self.hub.is_busy:
            await asyncio.sleep(0.01)

    def subscriptions(self):
        return self.registry.of_owner(HUB)

    async def distribute(self, *article_ids: str):
        """Has the channel tell every subscription of articles, as the queue does."""
        deliveries = [delivery(article_id) for article_id in article_ids or ("a" * 16,)]
        return [
            answer
            for subscription in self.subscriptions()
            for answer in await self.channel.send(subscription, deliveries)
        ]


def delivery(article_id: str) -> Delivery:
    return Delivery(
        f"msg_{article_id}",
        "article.published",
        article_id,
        1,
        1,
        NOW,
        1,
        b"{}",
        "application/json",
        None,
    )


@contextlib.asynccontextmanager
async def world(*, method: str = "sha256", again_seconds=(0.01,)) -> AsyncIterator[World]:
    feeds, reader, registry = Feeds(), Reader(free_port()), Registry()
    feeds_port, ends, looked_at = free_port(), {0: 0}, []
    policy = OutboundPolicy(Networks("127.0.0.0/8"), Ports("1024-65535"))
    async with contextlib.AsyncExitStack() as stack:
        for handler, port in ((feeds.answer, feeds_port), (reader.answer, reader.port)):
            await stack.enter_async_context(_served(handler, port))
        session = await stack.enter_async_context(build_outbound_session(policy))
        fetcher = FeedReader(
            session,
            feeds_url=f"http://127.0.0.1:{feeds_port}",
            site_url=f"{SITE}/",
            ends=lambda: dict(ends),
        )
        limits = MinuteLimits()
        parts = HubParts(
            registry,
            RegistryLog(registry),
            session,
            fetcher,
            lambda: dict(ends),
            lambda told: looked_at.extend(one.id for one in told),
        )
        hub = Hub(parts, limits, again_seconds=again_seconds)
        stack.push_async_callback(hub.close)
        channel = WebsubChannel(
            session, fetcher, SentInMemory(), method=method, timeout_seconds=5.0
        )
        app = Starlette(routes=HubRoutes(hub, limits, policy, site_url=SITE).routes())
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, client=("198.51.100.7", 1)),
                base_url="http://hub.example",
            )
        )
        yield World(feeds, reader, registry, hub, channel, client, ends, looked_at)


@contextlib.asynccontextmanager
async def _served(handler, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()
