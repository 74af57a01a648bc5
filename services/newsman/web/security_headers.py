"""Headers that every answer has, whatever route or error made it."""

import base64
import hashlib
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOSNIFF = (b"x-content-type-options", b"nosniff")
REFERRER = (b"referrer-policy", b"same-origin")
OPENER = (b"cross-origin-opener-policy", b"same-origin")
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
                message["headers"] = with_security(message.get("headers", ()))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def with_security(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and those that are missing."""
    secured = [*headers]
    given = dict(secured)
    if NOSNIFF[0] not in given:
        secured.append(NOSNIFF)
    if REFERRER[0] not in given:
        secured.append(REFERRER)
    if given.get(b"content-type", b"").startswith(PAGE) and OPENER[0] not in given:
        secured.append(OPENER)
    return secured


def style_only_policy(style: str, *, forms: str = "'none'") -> str:
    """The policy of a page that holds one style sheet and nothing that runs or is loaded: the
    sheet is known by its digest (CSP level 3, section 2.3.1); `forms` is where its forms lead."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors 'none'"
    )
