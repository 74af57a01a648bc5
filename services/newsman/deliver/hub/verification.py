"""Asking a subscriber whether it meant what was asked in its name (WebSub section 5.3)."""

import hmac
import secrets
from enum import StrEnum
from urllib.parse import urlencode

from newsman.deliver.hub.requests import HubRequest
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import OutboundSession

ANSWER_SECONDS = 15.0
CHALLENGE_BYTES = 32


class Confirmation(StrEnum):
    """`unclear` where no answer came, or one that may be another in a moment."""

    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNCLEAR = "unclear"


async def confirm(session: OutboundSession, wish: HubRequest) -> Confirmation:
    """Whether the callback echoes the challenge with a 2xx."""
    challenge = secrets.token_urlsafe(CHALLENGE_BYTES)
    asked = {"hub.mode": wish.mode, "hub.topic": wish.topic, "hub.challenge": challenge}
    if wish.is_subscribing:
        asked["hub.lease_seconds"] = str(wish.lease_seconds)
    try:
        reply = await session.send("GET", _asking(wish.callback, asked), seconds=ANSWER_SECONDS)
    except NoAnswer:
        return Confirmation.UNCLEAR
    if 200 <= reply.status < 300:
        is_echo = hmac.compare_digest(reply.body, challenge.encode())
        return Confirmation.CONFIRMED if is_echo else Confirmation.DECLINED
    return Confirmation.UNCLEAR if reply.status >= 500 else Confirmation.DECLINED


async def deny(session: OutboundSession, wish: HubRequest, reason: str) -> None:
    """Tells the callback why there is no subscription (section 5.2); whatever it answers."""
    asked = {"hub.mode": "denied", "hub.topic": wish.topic, "hub.reason": reason}
    try:
        await session.send("GET", _asking(wish.callback, asked), seconds=ANSWER_SECONDS)
    except NoAnswer:
        return


def _asking(callback: str, asked: dict[str, str]) -> str:
    """The callback with parameters behind those that it has itself."""
    joint = "&" if "?" in callback else "?"
    return f"{callback}{joint}{urlencode(asked)}"
