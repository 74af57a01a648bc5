"""The access log: a line for each request that was answered, where a setting asks for it.

A line has the client's address, which is personal data, and the path without its query, which may
hold tokens.
"""

import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsman.runtime.logs import ACCESS
from newsman.web.addresses import Networks, client_address
from newsman.web.client import FORWARDED
from newsman.web.server.ready_answers import Fields

log = logging.getLogger(ACCESS)

UNANSWERED = 499
"""The client went before it was answered; nginx's number for it."""

NoteReady = Callable[[str, Fields, bytes, int], None]
"""Notes an answer that stood ready: peer, fields and target of the request, status."""


class AccessLog:
    """Logs each request with its status and the milliseconds to the end of the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and logs it at its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), UNANSWERED

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            client = (scope.get("client") or ("-",))[0]
            _write(client, scope["method"], scope["path"], status, time.perf_counter() - began)


def logged(app: ASGIApp) -> ASGIApp:
    """The application with its access log, where that is on."""
    return AccessLog(app) if log.isEnabledFor(logging.INFO) else app


def ready_log(trusted: Networks) -> NoteReady | None:
    """The log of answers that never reach the application, where it is on."""
    if not log.isEnabledFor(logging.INFO):
        return None

    def note(peer: str, fields: Fields, target: bytes, status: int) -> None:
        forwarded = [field for field in fields if field[0] in FORWARDED]
        client = client_address(peer, forwarded, trusted) if forwarded else peer
        path = target.partition(b"?")[0].decode("ascii", "backslashreplace")
        _write(client, "GET", path, status, 0.0)

    return note


def _write(client: str, method: str, path: str, status: int, seconds: float) -> None:
    printable = path if path.isprintable() else path.encode("unicode_escape").decode()
    log.info("%s %s %s %s %.1f ms", client, method, printable, status, seconds * 1_000)
