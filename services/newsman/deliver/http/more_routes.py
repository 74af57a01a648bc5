"""Routes of other rooms of deliver: the hub, the addresses that end e-mails, bounces."""

from contextlib import AsyncExitStack

from starlette.routing import Route

from newsman.deliver.http.building import MoreRoutes
from newsman.deliver.hub.building import HubNeeds, open_hub
from newsman.deliver.mail.bounce_routes import open_bounces
from newsman.deliver.mail.routes import UnsubscribeRoutes
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry


def more_routes(
    settings: DeliverSettings, registry: Registry, writer: RegistryWriter, inlet: Inlet
) -> MoreRoutes:
    """Opens them in the loop of the edge."""

    async def open_more(stack: AsyncExitStack) -> list[Route]:
        routes = await open_hub(HubNeeds(settings, registry, writer, inlet), stack)
        if settings.unsubscribe_secret:
            mail = UnsubscribeRoutes(registry, writer, settings.unsubscribe_secret)
            routes += mail.routes()
        routes += open_bounces(settings, registry, writer, inlet, stack)
        return routes

    return open_more
