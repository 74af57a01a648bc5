"""The client of a request as the application sees it, and nothing else that a proxy says."""

from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from newsman.web.addresses import Networks, client_address, parse_address

FORWARDED = (b"x-forwarded-for", b"forwarded")


class KnownClients:
    """Puts the client's address where the server had the trusted proxy's.

    Scheme and host stay the connection's: links are made of settings.
    """

    def __init__(self, app: ASGIApp, trusted: Networks) -> None:
        self._app = app
        self._trusted = trusted
        self._is_proxy = lru_cache(maxsize=10_000)(self._lies_in_trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its client's address."""
        peer = scope.get("client")
        if scope["type"] == "http" and peer and self._is_proxy(peer[0]):
            forwarded = [header for header in scope["headers"] if header[0] in FORWARDED]
            if forwarded:
                scope["client"] = (client_address(peer[0], forwarded, self._trusted), peer[1])
        await self._app(scope, receive, send)

    def _lies_in_trusted(self, peer: str) -> bool:
        address = parse_address(peer)
        return address is not None and address in self._trusted
