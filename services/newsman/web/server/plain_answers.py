"""Answers that a server gives by itself, before there is a request that a route could answer."""

from email.utils import formatdate
from http import HTTPStatus

from newsman.web.security_headers import with_security

HEADERS = with_security([(b"content-length", b"0"), (b"connection", b"close")])
RETRY_AFTER = {408: "1", 503: "2"}


def plain_answer(status: int) -> bytes:
    """An answer without content that ends its connection."""
    head = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"date: {formatdate(usegmt=True)}"]
    head += [f"{name.decode()}: {value.decode()}" for name, value in HEADERS]
    if status in RETRY_AFTER:
        head.append(f"retry-after: {RETRY_AFTER[status]}")
    return ("\r\n".join(head) + "\r\n\r\n").encode("ascii")
