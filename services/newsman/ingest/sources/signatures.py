"""Signed pushes: as Superdesk's HTTP push signs them, and as new senders should."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from newsman.web.signed_requests import (
    ID_HEADER,
    REQUEST_ID,
    SCHEME,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    RepeatedHeader,
    RequestHead,
    signature_of,
    signed_text,
)

SUPERDESK_HEADER = "x-superdesk-signature"
TOLERANCE_SECONDS = 300
_SHA1_DIGITS = 40
_SHA256_DIGITS = 64


class UnusableSignature(Exception):
    """The signature can't count, whoever's it is; the text says why."""


class AnySignature(Protocol):
    """An HMAC that a request carries."""

    def text(self, body: bytes) -> bytes:
        """The text that it covers, of a request with this body."""

    def is_of(self, secret: str, text: bytes) -> bool:
        """Compares it with the secret's signature of the text, in constant time."""


@dataclass(frozen=True)
class BodySignature:
    """Superdesk's: HMAC-SHA-1 of the body alone."""

    hexdigest: str

    def text(self, body: bytes) -> bytes:
        """The body itself."""
        return body

    def is_of(self, secret: str, text: bytes) -> bool:
        """Compares it with the secret's signature of the text, in constant time."""
        return _same(hmac.new(secret.encode(), text, hashlib.sha1).hexdigest(), self.hexdigest)


@dataclass(frozen=True)
class RequestSignature:
    """Scheme v2: HMAC-SHA-256 of time, id, method, target, type, coding and body."""

    hexdigest: str
    timestamp: str
    request_id: str
    head: RequestHead

    def text(self, body: bytes) -> bytes:
        """The lines of `newsman.web.signed_requests`."""
        return self._text(body, self.timestamp)

    def fingerprint(self, body: bytes) -> str:
        """A digest that is the same when the sender signs the same request anew, later."""
        return hashlib.sha256(self._text(body, "")).hexdigest()

    def is_of(self, secret: str, text: bytes) -> bool:
        """Compares it with the secret's signature of the text, in constant time."""
        return _same(signature_of(text, secret), self.hexdigest)

    def _text(self, body: bytes, timestamp: str) -> bytes:
        return signed_text(
            self.head,
            timestamp=timestamp,
            request_id=self.request_id,
            body_sha256=hashlib.sha256(body).hexdigest(),
        )


def head_of(request: Request) -> RequestHead:
    """The head as it came in: the target still in its percent-encoding."""
    scope = request.scope
    path = scope.get("raw_path") or request.url.path.encode()
    query = b"?" + scope["query_string"] if scope.get("query_string") else b""
    headers = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"])
    return RequestHead(request.method, (path + query).decode("latin-1"), headers)


def read_signature(head: RequestHead, *, now: float) -> AnySignature | None:
    """The signature that a request carries, None where there is none; raises UnusableSignature.

    `X-Superdesk-Signature: sha1=…` is over the body. `X-Newsman-Signature: v2=…` is over the
    request, its `X-Newsman-Id` and its `X-Newsman-Timestamp`, at most 5 minutes off `now` (s).
    """
    try:
        if (sent := head.only(SIGNATURE_HEADER)) is not None:
            return _of_request(sent, head, now)
        if (sent := head.only(SUPERDESK_HEADER)) is not None:
            return BodySignature(_digits(sent, "sha1", _SHA1_DIGITS))
        return None
    except RepeatedHeader as error:
        raise UnusableSignature(str(error)) from error


def _of_request(sent: str, head: RequestHead, now: float) -> RequestSignature:
    timestamp, request_id = head.only(TIMESTAMP_HEADER) or "", head.only(ID_HEADER) or ""
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        raise UnusableSignature(f"{TIMESTAMP_HEADER} takes Unix seconds")
    if abs(int(timestamp) - now) > TOLERANCE_SECONDS:
        raise UnusableSignature(f"{TIMESTAMP_HEADER} is more than {TOLERANCE_SECONDS} s off")
    if not REQUEST_ID.fullmatch(request_id):
        raise UnusableSignature(f"{ID_HEADER} takes 8 to 128 of A-Z a-z 0-9 . _ ~ -")
    signed = RequestSignature(_digits(sent, SCHEME, _SHA256_DIGITS), timestamp, request_id, head)
    signed.text(b"")  # Raises RepeatedHeader for any header that it covers.
    return signed


def _digits(sent: str, scheme: str, count: int) -> str:
    name, _, hexdigest = sent.partition("=")
    if name.lower() != scheme:
        raise UnusableSignature(f"a signature begins with {scheme}=")
    if len(hexdigest) != count:
        raise UnusableSignature(f"a signature of {scheme} has {count} hexadecimal digits")
    return hexdigest


def _same(expected: str, sent: str) -> bool:
    return hmac.compare_digest(expected.encode(), sent.lower().encode())
