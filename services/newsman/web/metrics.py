"""Metrics of every server."""

from prometheus_client import Counter

refused_connections = Counter(
    "newsman_http_refused_connections_total",
    "Connections refused because the server (server_full) or their address (address_full) has too "
    "many.",
    ["reason"],
)
