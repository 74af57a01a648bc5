"""Tokens of subscribers: shown once, kept as their SHA-256."""

import hashlib
import secrets
from datetime import datetime

from newsman_schemas.subscriptions import Token

PREFIX = "nmsub_"
TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh token, `nmsub_` and 43 characters that are safe in URLs and headers."""
    return PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def looks_like_token(text: str) -> bool:
    """True for a subscriber's token, whether it opens anything or not."""
    return text.startswith(PREFIX)


def token_digest(token: str) -> str:
    """The SHA-256 of a token in hexadecimal, which is all that is kept of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def kept(token: str, now: datetime) -> Token:
    """A token as its subscriber's entry keeps it."""
    return Token(digest=token_digest(token), added_at=now)
