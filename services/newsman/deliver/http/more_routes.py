"""What other rooms of deliver serve on the edge: the hub, and the addresses that end e-mails."""

from contextlib import AsyncExitStack

from starlette.routing import Route

from newsman.deliver.http.building import MoreRoutes
from newsman.deliver.hub.building import HubNeeds, open_hub
from newsman.deliver.mail.routes import UnsubscribeRoutes
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.subscriptions.registry import Registry
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.settings import DeliverSettings


def more_routes(
    settings: DeliverSettings, registry: Registry, writer: RegistryWriter, inlet: Inlet
) -> MoreRoutes:
    """Opens them in the loop of the edge."""

    async def open_more(stack: AsyncExitStack) -> list[Route]:
        routes = await open_hub(HubNeeds(settings, registry, writer, inlet), stack)
        if settings.unsubscribe_secret:
            mail = UnsubscribeRoutes(registry, writer, settings.unsubscribe_secret)
            routes += mail.routes()
        return routes

    return open_more
