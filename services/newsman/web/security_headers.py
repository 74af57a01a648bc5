"""Headers that every answer has, whatever route or error made it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOSNIFF = (b"x-content-type-options", b"nosniff")
REFERRER = (b"referrer-policy", b"same-origin")
OPENER = (b"cross-origin-opener-policy", b"same-origin")
ALWAYS = (NOSNIFF, REFERRER)
PAGE = b"text/html"


class SecurityHeaders:
    """Adds what an answer lacks: no guessing of types (Fetch, section 3.6), no address told to
    other sites (Referrer Policy, section 3), and for pages no handle for those who opened them
    (HTML, section 7.1.3)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": with_security(message.get("headers", ()))}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def with_security(headers: "list[tuple[bytes, bytes]]") -> list[tuple[bytes, bytes]]:
    """The headers, and those that are missing."""
    given = dict(headers)
    wanted = (*ALWAYS, OPENER) if given.get(b"content-type", b"").startswith(PAGE) else ALWAYS
    return [*headers, *(header for header in wanted if header[0] not in given)]
