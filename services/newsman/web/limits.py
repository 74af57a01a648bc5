"""Bounds of an HTTP server: what one request, one connection and one address may cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerLimits:
    """Bounds that every server keeps; what goes beyond them is answered, then closed."""

    header_bytes: int = 16 * 1024
    """Request line, header fields, empty lines, chunk extensions and trailers: 431."""
    header_fields: int = 100
    """Header fields of a request, and fields of its trailer: 431."""
    patience_seconds: float = 20.0
    """For headers (408), and for taking an answer: then the connection is reset."""
    body_bytes_per_second: int = 10_000
    """A body may take the patience and, beyond it, what it would take at this rate: 408."""
    chunks: int = 4_096
    """Chunks of a body (RFC 9112 section 7.1) beyond one per `chunk_bytes`: 400."""
    chunk_bytes: int = 32
    """Least size of chunks in the long run."""
    pipelined: int = 100
    """Requests that wait behind the one that is answered; later ones are not read."""
    connections: int = 4_096
    """Open at once; beyond it those that wait longest for their client give way: 503."""
    connections_per_address: int = 500
    """Of one address, trusted proxies excepted: 503."""


OPS_LIMITS = ServerLimits(
    header_bytes=8 * 1024,
    header_fields=50,
    patience_seconds=10.0,
    pipelined=10,
    connections=32,
    connections_per_address=32,
)
"""For the ports of health and metrics: a few probes and a Prometheus."""
