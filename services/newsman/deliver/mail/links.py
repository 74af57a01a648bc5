"""Addresses of one subscription by e-mail: signed, so that nobody ends or stops another's. Pure."""

import hashlib
import hmac
import re

PATH = "/unsubscribe"
SIGNATURE_CHARACTERS = 32
UNSUBSCRIBE, BOUNCE = "unsubscribe", "bounce"
_ID = re.compile(r"[a-z2-7]{16}")
_RETURNED = re.compile(
    r"(?<![a-z0-9])(?P<id>[a-z2-7]{16})(?P<signature>[0-9a-f]{32})@", re.IGNORECASE | re.ASCII
)


def unsubscribe_url(base_url: str, secret: str, subscription_id: str, target: str) -> str:
    """The address for one subscription and recipient."""
    signed = _signature(UNSUBSCRIBE, secret, subscription_id, target)
    return f"{base_url.rstrip('/')}{PATH}/{subscription_id}/{signed}"


def return_path(bounces: str, secret: str, subscription_id: str, target: str) -> str:
    """The sender on the envelope of e-mails to one recipient (VERP), to which they come back.

    `bounces` is `bounce@host` or `@host`.
    """
    local, _, host = bounces.partition("@")
    token = f"{subscription_id}{_signature(BOUNCE, secret, subscription_id, target)}"
    return f"{local}+{token}@{host}" if local else f"{token}@{host}"


def returned(address: str) -> tuple[str, str] | None:
    """The subscription's id and the signature in a return path, whichever case it came back in."""
    found = _RETURNED.search(address)
    return (found["id"].lower(), found["signature"].lower()) if found else None


def is_genuine(
    secret: str, subscription_id: str, target: str, signature: str, purpose: str = UNSUBSCRIBE
) -> bool:
    """Whether an address was made here, for this recipient and purpose."""
    expected = _signature(purpose, secret, subscription_id, target)
    return bool(_ID.fullmatch(subscription_id)) and hmac.compare_digest(
        signature.encode("utf-8", "replace"), expected.encode()
    )


def _signature(purpose: str, secret: str, subscription_id: str, target: str) -> str:
    signed = f"{purpose}\n{subscription_id}\n{target}".encode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()[:SIGNATURE_CHARACTERS]
