"""Addresses with a slash too many or too few lead to those without, on whatever host that is."""

from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = "/:@!$&'()*+,;=~"


def redirect_slashes(app: Starlette) -> Starlette:
    """Has the application redirect by path alone: Starlette would name the host of the request,
    which is whatever its sender wrote."""
    router = app.router
    router.redirect_slashes = False
    router.default = _redirecting(router, router.default)
    return app


def _redirecting(router: Router, not_found: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = _other_path(scope["path"]) if scope["type"] == "http" else None
        if path is None or not _is_routed(router, scope, path):
            await not_found(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        address = quote(path, safe=SAFE) + (f"?{query}" if query else "")
        await RedirectResponse(address)(scope, receive, send)

    return answer


def _other_path(path: str) -> str | None:
    """The path with or without its last slash; None where it would name a host (RFC 3986, 4.2)."""
    other = path.rstrip("/") if path.endswith("/") else f"{path}/"
    return other if other.startswith("/") and other[1:2] not in ("/", "\\") else None


def _is_routed(router: Router, scope: Scope, path: str) -> bool:
    wanted = {**scope, "path": path}
    return any(route.matches(wanted)[0] is not Match.NONE for route in router.routes)
