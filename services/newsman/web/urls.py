"""Addresses of HTTP servers."""

from urllib.parse import urlsplit


def is_http_address(url: str) -> bool:
    """True of an http or https address with a host, and a port that there can be."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
