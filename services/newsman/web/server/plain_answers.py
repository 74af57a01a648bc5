"""Answers that a server gives by itself, before there is a request that a route could answer."""

from email.utils import formatdate
from http import HTTPStatus

HEADERS = (
    ("content-length", "0"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("connection", "close"),
)
RETRY_AFTER = {408: "1", 503: "2"}


def plain_answer(status: int) -> bytes:
    """An answer without content that ends its connection."""
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"date: {formatdate(usegmt=True)}"]
    head += [f"{name}: {value}" for name, value in HEADERS]
    if status in RETRY_AFTER:
        head.append(f"retry-after: {RETRY_AFTER[status]}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("ascii")
