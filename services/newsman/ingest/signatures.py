"""Signed bodies: as Superdesk's HTTP push signs them, and with a time as new senders should."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

SUPERDESK_HEADER = "x-superdesk-signature"
SIGNATURE_HEADER = "x-newsman-signature"
TIMESTAMP_HEADER = "x-newsman-timestamp"
TOLERANCE_SECONDS = 300


@dataclass(frozen=True)
class Signature:
    """An HMAC (RFC 2104) in hexadecimal digits, and the time it covers if it covers one."""

    algorithm: str
    hexdigest: str
    timestamp: str | None

    def is_of(self, secret: str, body: bytes) -> bool:
        """Whether the secret gives this signature of the body; compared in constant time."""
        signed = body if self.timestamp is None else self.timestamp.encode() + b"." + body
        expected = hmac.new(secret.encode(), signed, self.algorithm).hexdigest()
        return hmac.compare_digest(expected.encode(), self.hexdigest.lower().encode())


def read_signature(headers: Mapping[str, str], *, now: float) -> Signature | None:
    """The signature that a request carries; None when it has none that counts at `now` (s).

    `X-Superdesk-Signature: sha1=…` is over the body. `X-Newsman-Signature: sha256=…` is over the
    `X-Newsman-Timestamp` (Unix seconds, at most 5 minutes off), a full stop, and the body.
    """
    if (sent := headers.get(SUPERDESK_HEADER)) is not None:
        return _of("sha1", sent, None)
    sent, timestamp = headers.get(SIGNATURE_HEADER), headers.get(TIMESTAMP_HEADER, "")
    if sent is None or not timestamp.isdecimal() or len(timestamp) > 12:
        return None
    if abs(int(timestamp) - now) > TOLERANCE_SECONDS:
        return None
    return _of("sha256", sent, timestamp)


def _of(algorithm: str, sent: str, timestamp: str | None) -> Signature | None:
    name, _, hexdigest = sent.strip().partition("=")
    digits = hashlib.new(algorithm).digest_size * 2
    if name.lower() != algorithm or len(hexdigest) != digits:
        return None
    return Signature(algorithm, hexdigest, timestamp)
