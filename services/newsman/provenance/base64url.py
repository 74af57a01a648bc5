"""base64url without padding (RFC 7515 appendix C). Pure."""

import base64
import re

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")


def encoded(raw: bytes) -> str:
    """Bytes as text."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of a text; raises ValueError for any other spelling than `encoded` has of them."""
    if _ALPHABET.fullmatch(text) is None or len(text) % 4 == 1:
        raise ValueError("no base64url")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(raw) != text:
        raise ValueError("base64url with bits that say nothing")
    return raw
