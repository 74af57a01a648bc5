"""Signed requests, scheme v2: which text a signature covers, and the headers that carry it.

The text is lines, joined by line feeds:

    v2
    the timestamp, Unix seconds
    the id of the request, chosen by the sender and never used twice
    the method
    the path and query as in the request line
    the content type as it is sent, or nothing
    the content coding as it is sent, or nothing
    the SHA-256 of the body as it is sent, in hexadecimal digits

and behind them, for each further header that changes the meaning of the request, in the order of
their names, a line of its name in small letters, a colon and its value. These are Idempotency-Key
and all that begin with `ce-` (CloudEvents). No line can be taken for another: the first eight are
always there, and neither an id nor a header's value holds a line feed.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

SCHEME = "v2"
SIGNATURE_HEADER = "x-newsman-signature"
TIMESTAMP_HEADER = "x-newsman-timestamp"
ID_HEADER = "x-newsman-id"
CLOUD_EVENT_PREFIX = "ce-"
IDEMPOTENCY_HEADER = "idempotency-key"
REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{8,128}")

Headers = Sequence[tuple[str, str]]
"""Names and values; a name may come twice."""


class RepeatedHeader(ValueError):
    """A header that a signature covers came more than once."""


@dataclass(frozen=True)
class RequestHead:
    """A request without its body; `target` is its path and query, names are in small letters."""

    method: str
    target: str
    headers: Headers

    def only(self, name: str) -> str | None:
        """The value of a header, None where it is missing; raises RepeatedHeader."""
        values = [value for header, value in self.headers if header == name]
        if len(values) > 1:
            raise RepeatedHeader(f"{name} came more than once")
        # Blanks and tabs are no part of a value (RFC 9110 section 5.5); any other sign is.
        return values[0].strip(" \t") if values else None

    @property
    def meaningful(self) -> list[str]:
        """The names of the further headers that a signature covers, in order."""
        return sorted({name for name, _ in self.headers if _is_meaningful(name)})


def signed_text(head: RequestHead, *, timestamp: str, request_id: str, body_sha256: str) -> bytes:
    """The text that is signed; raises RepeatedHeader."""
    lines = [
        SCHEME,
        timestamp,
        request_id,
        head.method,
        head.target,
        head.only("content-type") or "",
        head.only("content-encoding") or "",
        body_sha256,
    ]
    lines += [f"{name}:{head.only(name)}" for name in head.meaningful]
    # Header values are bytes, which servers read as Latin-1 (RFC 9110 section 5.5).
    return "\n".join(lines).encode("latin-1")


def signature_of(text: bytes, secret: str) -> str:
    """The HMAC-SHA-256 (RFC 2104) in hexadecimal digits."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def signature_headers(
    head: RequestHead, body: bytes, secret: str, *, now: float, request_id: str
) -> dict[str, str]:
    """The headers that a sender adds to a request; `now` in Unix seconds."""
    timestamp = str(int(now))
    digest = hashlib.sha256(body).hexdigest()
    text = signed_text(head, timestamp=timestamp, request_id=request_id, body_sha256=digest)
    return {
        TIMESTAMP_HEADER: timestamp,
        ID_HEADER: request_id,
        SIGNATURE_HEADER: f"{SCHEME}={signature_of(text, secret)}",
    }


def _is_meaningful(name: str) -> bool:
    return name == IDEMPOTENCY_HEADER or name.startswith(CLOUD_EVENT_PREFIX)
