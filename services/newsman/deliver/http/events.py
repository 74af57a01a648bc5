"""Fetching the events of a subscription: long polling and server-sent events."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsman.deliver.http.callers import Caller, UnknownCaller, token_of
from newsman.deliver.http.edge import Edge, NoSuchSubscription, WrongState
from newsman.deliver.http.json_answers import PRIVATE, bad_position
from newsman.deliver.http.queries import EventsQuery, StreamQuery
from newsman.deliver.pull.fetching import Fetching
from newsman.deliver.pull.following import Current, Following
from newsman.deliver.pull.open_fetches import OpenFetches
from newsman.deliver.subscriptions.validation import FETCHED
from newsman.deliver.subscriptions.writer import RegistryUnavailable
from newsman.kafka.positions import BadPosition, Positions, encode_cursor
from newsman.web.patient_stream import PatientStream
from newsman_schemas.subscriptions import Subscription, SubscriptionState

STALLED_SECONDS = 30.0
STREAM_HEADERS = {**PRIVATE, "X-Accel-Buffering": "no"}
ENDS = (NoSuchSubscription, WrongState, UnknownCaller, RegistryUnavailable)
"""Reasons for which whoever follows a subscription is let go."""


class EventRoutes:
    """The addresses of a subscription whose subscriber fetches."""

    def __init__(
        self,
        edge: Edge,
        fetching: Fetching,
        following: Following,
        open_fetches: OpenFetches,
    ) -> None:
        self._edge = edge
        self._fetching = fetching
        self._following = following
        self._open = open_fetches

    def routes(self) -> list[Route]:
        """Their addresses."""
        here = "/v1/subscriptions/{id}"
        return [
            Route(f"{here}/events", self.events, methods=["GET"]),
            Route(f"{here}/stream", self.stream, methods=["GET"]),
        ]

    async def events(self, request: Request) -> Response:
        """GET …/events: what comes next; the cursor acknowledges all before it."""
        caller, subscription = self._own(request)
        query = EventsQuery.read(request.query_params)
        with self._open.counted(caller.name):
            positions = await self._start(subscription, query.cursor, "/cursor")
            batch = await self._following.next(
                self._current(request, caller, subscription),
                positions,
                limit=query.limit,
                wait_seconds=query.wait,
            )
        following = encode_cursor(batch.positions).encode()
        content = b'{"items":[%s],"next":"%s","live":%s}' % (
            b",".join(item.content for item in batch.items),
            following,
            b"true" if batch.is_live else b"false",
        )
        return Response(content, headers=PRIVATE, media_type="application/json")

    async def stream(self, request: Request) -> Response:
        """GET …/stream: the same as server-sent events, with exact resumption."""
        caller, subscription = self._own(request)
        query = StreamQuery.read(request.query_params)
        last_id = request.headers.get("last-event-id") or query.last_event_id
        counted = self._open.counted(caller.name)
        positions = await self._start(subscription, last_id, "/lastEventId")
        current = self._current(request, caller, subscription)
        return PatientStream(
            self._following.stream(current, positions, ENDS),
            what=f"subscription {subscription.id}",
            patience_seconds=STALLED_SECONDS,
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
            while_open=counted,
        )

    def _own(self, request: Request) -> tuple[Caller, Subscription]:
        caller, subscription = self._edge.own(request)
        _check_fetched(subscription)
        return caller, subscription

    def _current(self, request: Request, caller: Caller, subscription: Subscription) -> Current:
        """The subscription while its reader's token opens it and it is active."""
        token = token_of(request)

        def current() -> Subscription:
            asking = self._edge.callers.of_token(token)
            if asking.name != caller.name:
                raise NoSuchSubscription("there is no such subscription")
            found = self._edge.visible(asking, subscription.id)
            _check_fetched(found)
            return found

        return current

    async def _start(self, subscription: Subscription, text: str | None, pointer: str) -> Positions:
        """Where to go on; a cursor acknowledges all before it."""
        starts = self._edge.starts
        parts = starts.parts(subscription)
        if not text:
            handed = await self._edge.handed.read(subscription.id)
            if handed.at is None:
                return await starts.of_subscription(subscription)
            return await starts.named(handed.at, parts)
        try:
            positions = await starts.named(text, parts)
        except BadPosition as error:
            raise bad_position(pointer, error) from error
        await self._fetching.acknowledge(subscription, positions, encode_cursor(positions))
        return positions


def _check_fetched(subscription: Subscription) -> None:
    if subscription.kind not in FETCHED:
        raise WrongState(f"a {subscription.kind} is sent to its address, not fetched")
    if subscription.state is not SubscriptionState.ACTIVE:
        raise WrongState(f"it is {subscription.state.value}; resume it first")
