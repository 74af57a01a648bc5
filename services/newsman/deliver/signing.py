"""Standard Webhooks 1.0: secrets, signatures, and their verification. Pure.

Specification: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache

from newsman_schemas.events import digest

PREFIX = "whsec_"
MIN_SECRET_BYTES = 24
MAX_SECRET_BYTES = 64
TOLERANCE_SECONDS = 300
PIECE_BYTES = 2_047
"""Of more at once hashlib lets other threads run meanwhile; to have its turn again takes a thread
longer than the hash does."""
REMEMBERED_KEYS = 20_000
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


class NotGenuine(Exception):
    """A webhook that was not signed with our secret, or too long ago; the text says which."""


def parse_secret(text: str) -> bytes:
    """The key in `whsec_` and base64 of 24 to 64 bytes; raises ValueError naming what is wrong."""
    if not text.startswith(PREFIX):
        raise ValueError(f"a webhook secret starts with {PREFIX}")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64 stands behind {PREFIX}: {error}") from error
    if not MIN_SECRET_BYTES <= len(key) <= MAX_SECRET_BYTES:
        raise ValueError(
            f"a webhook secret holds {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes, not {len(key)}"
        )
    return key


def delivery_id(subscription_id: str, event_id: str) -> str:
    """The id under which a subscription is told of an event: the same on every attempt, in every
    process, and after Redis was lost."""
    return f"msg_{digest(subscription_id, event_id)}"


def new_secret() -> str:
    """A fresh secret of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """One `v1` signature: HMAC-SHA256 of `id.timestamp.body`."""
    mac = _keyed(key).copy()
    mac.update(f"{message_id}.{timestamp}.".encode())
    for start in range(0, len(body), PIECE_BYTES):
        mac.update(body[start : start + PIECE_BYTES])
    return "v1," + base64.b64encode(mac.digest()).decode()


@lru_cache(maxsize=REMEMBERED_KEYS)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod=hashlib.sha256)


def signed_headers(
    keys: Sequence[bytes], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of a webhook sent at `timestamp` (Unix seconds), signed with each key."""
    signatures = [sign(key, message_id, timestamp, body) for key in keys]
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: " ".join(signatures),
    }


def verify(key: bytes, headers: Mapping[str, str], body: bytes, *, now_seconds: float) -> str:
    """The id of a genuine webhook; raises NotGenuine. Header names in lower case."""
    missing = [
        name for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER) if not headers.get(name)
    ]
    if missing:
        raise NotGenuine(f"the header {missing[0]} is missing")
    timestamp = _timestamp(headers[TIMESTAMP_HEADER], now_seconds)
    expected = sign(key, headers[ID_HEADER], timestamp, body).encode()
    # There are several signatures while a secret is rotated.
    offered = headers[SIGNATURE_HEADER].encode("utf-8", "replace").split(b" ")
    if not any([hmac.compare_digest(signature, expected) for signature in offered]):
        raise NotGenuine("no signature matches")
    return headers[ID_HEADER]


def _timestamp(text: str, now_seconds: float) -> int:
    if not (text.isascii() and text.isdigit()):
        raise NotGenuine("the timestamp is no number of seconds")
    timestamp = int(text[:15])
    if timestamp < now_seconds - TOLERANCE_SECONDS:
        raise NotGenuine(f"the timestamp is older than {TOLERANCE_SECONDS} s")
    if timestamp > now_seconds + TOLERANCE_SECONDS:
        raise NotGenuine(f"the timestamp is more than {TOLERANCE_SECONDS} s ahead")
    return timestamp
