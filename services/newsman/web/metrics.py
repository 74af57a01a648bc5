"""Metrics of every server."""

import functools

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

refused_connections = Counter(
    "newsman_http_refused_connections_total",
    "Connections refused because the server (server_full) or their address (address_full) has too "
    "many.",
    ["reason"],
)


def counted(app: ASGIApp, requests: Counter) -> ASGIApp:
    """The application with its answers counted by their status."""
    by_status = functools.cache(requests.labels)

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                by_status(message["status"]).inc()
            await send(message)

        await app(scope, receive, send_counted)

    return count
