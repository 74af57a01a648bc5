"""Telling subscribers by the tokens of their requests, before anything is answered."""

from collections.abc import Sequence
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.feeds.subscribers.notes import FetchNotes
from newsman.feeds.subscribers.reading import SubscriberReading, read_for
from newsman.feeds.subscribers.told import ToldVersion
from newsman.subscribers.credentials import NoToken, any_token
from newsman.subscribers.registry import Registry
from newsman.subscribers.tokens import looks_like_token
from newsman.web.problems import problem
from newsman_schemas.subscriptions import Subscriber

AUTHORIZATION = b"authorization"
CHALLENGE = 'Bearer realm="Newsman", Basic realm="Newsman: a token is the password"'
AGAIN = {"Retry-After": "2"}
TELLING = (200, 410)
"""Answers that tell of articles."""
PRIVATE = "private, no-cache"


class KnownSubscribers:
    """Has a subscriber's request answered for it alone, and noted; others go straight through.

    A subscriber's token that opens nothing is refused: whoever sends one must learn that nothing is
    noted. Other credentials are those of a proxy in front, or a key for ingest, and none of feeds'.
    """

    def __init__(self, app: ASGIApp, registry: Registry, notes: FetchNotes) -> None:
        self._app = app
        self._registry = registry
        self._notes = notes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what needs no token, or comes with one that is known."""
        token = _token(scope) if scope["type"] == "http" else None
        if token is None:
            await self._app(scope, receive, send)
            return
        if not self._registry.is_whole:
            detail = "the subscribers have not been read yet"
            await problem(503, detail, headers=AGAIN)(scope, receive, send)
            return
        subscriber = self._registry.by_token(token)
        if subscriber is None:
            headers = {"WWW-Authenticate": CHALLENGE}
            await problem(401, "this token opens nothing", headers=headers)(scope, receive, send)
            return
        reading = SubscriberReading(
            subscriber, lambda: _is_same(subscriber, self._registry.by_token(token))
        )
        await self._answer(reading, scope, receive, send)

    async def _answer(
        self, reading: SubscriberReading, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Has it answered. Articles are noted before they are sent, so that nobody has one who is
        not noted; that one was taken away is noted once that was sent."""
        is_telling = False

        async def send_private(message: Message) -> None:
            nonlocal is_telling
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = PRIVATE
                if "Authorization" not in headers.get("Vary", ""):
                    headers.add_vary_header("Authorization")
                is_telling = scope["method"] == "GET" and message["status"] in TELLING
                if is_telling:
                    note([told for told in reading.told if not told.takes_away])
            await send(message)

        def note(told: Sequence[ToldVersion]) -> None:
            self._notes.take(reading.subscriber.name, "feed", scope["path"], told)

        with read_for(reading):
            await self._app(scope, receive, send_private)
        if is_telling:
            note([told for told in reading.told if told.takes_away])


def _token(scope: Scope) -> str | None:
    """The subscriber's token that came along, if one did."""
    for name, value in scope["headers"]:
        if name == AUTHORIZATION:
            with suppress(NoToken):
                token = any_token(str(value, "latin-1"))
                return token if looks_like_token(token) else None
    return None


def _is_same(before: Subscriber, now: Subscriber | None) -> bool:
    """True if a subscriber may see what it did; another token or title changes nothing."""
    return now is not None and (now.name, now.products) == (before.name, before.products)
