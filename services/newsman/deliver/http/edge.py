"""What the routes of the edge work with, and finding the subscription that a request names."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.deliver.channels.channel import Channel
from newsman.deliver.http.callers import Caller, Callers, token_of
from newsman.deliver.http.queues import QueueDesk
from newsman.deliver.pull.handed import HandedOut
from newsman.deliver.pull.starts import Starts
from newsman.deliver.subscriptions.writer import RegistryUnavailable, RegistryWriter
from newsman.subscribers.registry import Registry
from newsman_schemas.subscriptions import Subscription

ID_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
ID_CHARACTERS = 16


class NoSuchSubscription(Exception):
    """There is none of this id, or it is somebody else's."""


class WrongState(Exception):
    """The subscription is not in a state, or not of a kind, in which this can be done."""


class ForOperators(Exception):
    """Only the operator may ask for it."""


@dataclass(frozen=True)
class Edge:
    """Dependencies that every route receives."""

    registry: Registry
    writer: RegistryWriter
    callers: Callers
    channels: Mapping[str, Channel]
    queues: QueueDesk
    starts: Starts
    handed: HandedOut

    def caller(self, request: Request, token: Callable[[Request], str] = token_of) -> Caller:
        """Who asks; raises UnknownCaller, and RegistryUnavailable before that can be told."""
        if not self.registry.is_whole:
            raise RegistryUnavailable("the subscriptions have not been read yet")
        return self.callers.of_token(token(request))

    def own(self, request: Request) -> tuple[Caller, Subscription]:
        """Who asks, and the subscription that the path names; raises NoSuchSubscription unless
        it is the caller's own."""
        caller = self.caller(request)
        return caller, self.visible(caller, request.path_params["id"])

    def visible(self, caller: Caller, subscription_id: str) -> Subscription:
        """The subscription, if the caller may see it; raises NoSuchSubscription."""
        subscription = self.registry.subscription(subscription_id)
        is_own = subscription is not None and caller.name == subscription.owner
        if subscription is None or not (caller.is_operator or is_own):
            raise NoSuchSubscription("there is no such subscription")
        return subscription


Endpoint = Callable[[Edge, Request], Awaitable[Response]]


def route(edge: Edge, path: str, **endpoints: Endpoint) -> Route:
    """One address; the endpoints are named by their methods."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await endpoints[method](edge, request)

    return Route(path, handle, methods=list(endpoints))


def new_subscription_id() -> str:
    """A fresh id, which nobody can guess."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_CHARACTERS))
