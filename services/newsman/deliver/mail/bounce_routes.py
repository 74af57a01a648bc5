"""`POST /bounces`: the e-mails that come back, from the mail server that they came back to."""

import asyncio
from contextlib import AsyncExitStack

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsman.deliver.http.bodies import read_body
from newsman.deliver.mail.bounces import Bounces, PassingFailures, UnknownBounce
from newsman.deliver.queue.inlet import Inlet
from newsman.deliver.sending.stopping import Stopping
from newsman.deliver.subscriptions.writer import RegistryWriter
from newsman.redis.client import build_client
from newsman.settings import DeliverSettings
from newsman.subscribers.registry import Registry

PATH = "/bounces"


class BounceRoutes:
    """Whoever got an e-mail can say that it came back, of this one subscription and no other."""

    def __init__(self, bounces: Bounces) -> None:
        self._bounces = bounces

    def routes(self) -> list[Route]:
        """The one address."""
        return [Route(PATH, self.take, methods=["POST"])]

    async def take(self, request: Request) -> Response:
        """The outcome; 403 where nothing that was sent from here came back."""
        message = await read_body(request)
        try:
            outcome = await asyncio.to_thread(self._bounces.take, message)
        except UnknownBounce as problem:
            raise HTTPException(403, str(problem)) from problem
        return JSONResponse({"outcome": outcome.value}, headers={"Cache-Control": "no-store"})


def open_bounces(
    settings: DeliverSettings,
    registry: Registry,
    writer: RegistryWriter,
    inlet: Inlet,
    stack: AsyncExitStack,
) -> list[Route]:
    """The routes; none where no address is set that e-mails come back to."""
    if not (settings.mail_bounces and settings.unsubscribe_secret):
        return []
    client = build_client(settings.redis_url)
    stack.callback(client.close)
    passing = PassingFailures(client, settings.namespace)
    stopping = Stopping(registry, writer, inlet)
    bounces = Bounces(registry, stopping.stop, passing, settings.unsubscribe_secret)
    return BounceRoutes(bounces).routes()
