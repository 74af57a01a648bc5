"""Addresses that end a subscription by e-mail: signed, so that nobody ends another's. Pure."""

import hashlib
import hmac
import re

PATH = "/unsubscribe"
SIGNATURE_CHARACTERS = 32
_ID = re.compile(r"[a-z2-7]{16}")


def unsubscribe_url(base_url: str, secret: str, subscription_id: str, target: str) -> str:
    """The address for one subscription and recipient."""
    signed = _signature(secret, subscription_id, target)
    return f"{base_url.rstrip('/')}{PATH}/{subscription_id}/{signed}"


def is_genuine(secret: str, subscription_id: str, target: str, signature: str) -> bool:
    """Whether an address was made here, for this recipient."""
    expected = _signature(secret, subscription_id, target)
    return bool(_ID.fullmatch(subscription_id)) and hmac.compare_digest(
        signature.encode("utf-8", "replace"), expected.encode()
    )


def _signature(secret: str, subscription_id: str, target: str) -> str:
    signed = f"unsubscribe\n{subscription_id}\n{target}".encode()
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()[:SIGNATURE_CHARACTERS]
