"""Building the hub in the event loop that serves it."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.routing import Route

from newsman.deliver.hub.feed_reader import FeedReader, ends_of_log
from newsman.deliver.hub.hub import TOPIC, Hub, HubParts
from newsman.deliver.hub.leases import Leases
from newsman.deliver.hub.limits import MinuteLimits
from newsman.deliver.hub.routes import HubRoutes
from newsman.deliver.queue.inlet import Inlet, Put, Row
from newsman.deliver.sending.stopping import notice
from newsman.deliver.sending.thread import EVERYWHERE
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.runtime.background import BackgroundTasks
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry
from newsman.web.outbound.session import build_outbound_session
from newsman_schemas.subscriptions import Subscription

PINGED = "topic.pinged"
LEASES = "leases"


@dataclass(frozen=True)
class HubNeeds:
    """What the hub is built of."""

    settings: DeliverSettings
    registry: Registry
    writer: RegistryWriter
    inlet: Inlet


async def open_hub(needs: HubNeeds, stack: AsyncExitStack) -> list[Route]:
    """The hub's routes, with its leases looked after; the stack closes what it uses."""
    settings = needs.settings
    strangers = await stack.enter_async_context(build_outbound_session(settings.outbound))
    own = await stack.enter_async_context(build_outbound_session(EVERYWHERE))
    ends = ends_of_log(settings.kafka_bootstrap, settings.namespace, "newsman-deliver-hub")
    feeds = FeedReader(own, feeds_url=settings.feeds_url, site_url=settings.public_url, ends=ends)
    limits = MinuteLimits()
    queue = _Pings(needs.inlet)
    parts = HubParts(needs.registry, needs.writer, strangers, feeds, ends, queue.look_at)
    hub = Hub(parts, limits)
    stack.push_async_callback(hub.close)
    tasks = BackgroundTasks()
    tasks.start(Leases(needs.registry, needs.writer).run(), name=LEASES)
    stack.push_async_callback(tasks.cancel)
    return HubRoutes(hub, limits, settings.outbound, site_url=settings.public_url).routes()


class _Pings:
    """Queues a ping as what there is to tell: the channel sends the topic, if it has changed."""

    def __init__(self, inlet: Inlet) -> None:
        self._inlet = inlet

    def look_at(self, told: Sequence[Subscription]) -> None:
        """For each subscription; blocks, raises RedisError."""
        now = datetime.now(UTC)
        pings = [(one.id, notice(PINGED, one.options[TOPIC], now, {})) for one in told]
        self._inlet.put(
            [Put(ident, [Row(ping, offset=0, is_urgent=False)]) for ident, ping in pings]
        )
