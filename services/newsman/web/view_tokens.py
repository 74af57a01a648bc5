"""Signed tokens by which a page's view of an article is told from a script's that never loaded it.

A token is made for an article and a page and holds for some minutes: feeds puts one into each
reader page, ingest gives them to the snippet, and ingest judges them. It is no secret and holds
for everybody who has that page, since pages are kept in caches.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Literal

from newsman_schemas.events import digest

Verdict = Literal["valid", "missing", "expired", "wrong"]

SLOT_SECONDS = 300
"""All tokens of a page are the same for so long, so that the page is."""
FRESH_SLOTS = 7
"""A page may lie in caches, or open before its view is sent, for at least half an hour."""
LEAVING_SLOTS = 289
"""How a page was read may be told for a day."""
MOST_CHARACTERS = 100
_MAC_BYTES = 16


@dataclass(frozen=True)
class ViewTokens:
    """Makes and judges tokens; `secrets` are those that hold, the current one first."""

    secrets: tuple[bytes, ...]

    def issue(self, article: str, page: str, *, now_seconds: float) -> str:
        """The token of a page of an article at a time."""
        slot, name = int(now_seconds) // SLOT_SECONDS, digest("page", page, characters=8)
        return f"{slot:x}.{name}.{_signed(self.secrets[0], article, slot, name)}"

    def judge(self, token: str | None, article: str, *, now_seconds: float, slots: int) -> Verdict:
        """The verdict on a token: one for this article, of the last so many slots, or not."""
        if not token:
            return "missing"
        parts = token.split(".")
        if len(parts) != 3 or len(token) > MOST_CHARACTERS or not token.isascii():
            return "wrong"
        try:
            slot = int(parts[0], 16)
        except ValueError:
            return "wrong"
        wanted = [_signed(secret, article, slot, parts[1]) for secret in self.secrets]
        if not any(hmac.compare_digest(parts[2], signature) for signature in wanted):
            return "wrong"
        age = int(now_seconds) // SLOT_SECONDS - slot
        # The issuer's clock may be a little ahead.
        return "valid" if -1 <= age < slots else "expired"


def _signed(secret: bytes, article: str, slot: int, name: str) -> str:
    text = f"view\n{article}\n{slot}\n{name}".encode()
    mac = hmac.new(secret, text, hashlib.sha256).digest()[:_MAC_BYTES]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
