"""Requests that a server has no more time to finish when it is told to end."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.web.problems import problem

RETRY_AFTER_SECONDS = 2


class UnfinishedRequests:
    """Answers 503 with Retry-After (RFC 9110, section 15.6.4) to a request that is cancelled.

    The server cancels what is still under way when its time to end has passed; without an answer
    of the application it would say 500, which senders take for a fault of their request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        has_begun = False

        async def noted_send(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted_send)
        except asyncio.CancelledError:
            if has_begun or scope["type"] != "http":
                raise
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            answer = problem(503, "the service ends: send this again", headers=headers)
            await answer(scope, receive, send)
