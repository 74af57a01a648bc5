"""Superdesk's HTTP push: feeds a Newsroom, a Web Publisher, or another Newsman."""

import logging
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from newsman.deliver.channels.article_events import check_articles_alone
from newsman.deliver.channels.channel import (
    Answer,
    BadSubscription,
    ChannelContext,
    Delivery,
)
from newsman.deliver.channels.shown_request import ShownRequest, shown_request
from newsman.deliver.channels.superdesk_item import (
    Binary,
    binaries,
    body_of,
    form_of,
    headers_for,
    superdesk_item,
)
from newsman.web.outbound.reply import NoAnswer, Reply
from newsman.web.outbound.session import OutboundSession
from newsman_schemas.subscriptions import Subscription

log = logging.getLogger(__name__)

ASSETS = "assets_url"
MOST_BINARY_BYTES = 20 * 1024 * 1024
MOST_ANSWER_CHARACTERS = 4_096
JSON = "application/json"
THERE, MISSING = 200, 404
_OWN_ASSET = re.compile(r"/assets/([a-z2-7]{26})(?![a-z2-7])")
_SAFE = "/:@!$&'()*+,;=~"


class SuperdeskChannel:
    """Sends an item's binaries that the receiver lacks, and then the item."""

    kind = "superdesk"
    payloads = ("ninjs-superdesk",)
    together = 1

    def __init__(self, context: ChannelContext) -> None:
        self._context = context

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for addresses that are never called, or unknown options."""
        check_articles_alone(subscription)
        if refusal := self._context.refusal(subscription):
            raise BadSubscription("/url", refusal)
        for name, value in subscription.options.items():
            if name != ASSETS:
                raise BadSubscription(f"/options/{name}", f"there is only {ASSETS}")
            if refusal := self._context.policy.refusal(value):
                raise BadSubscription(f"/options/{name}", refusal)

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """At once."""
        return None

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """One item after the other."""
        return [await self._deliver(subscription, each) for each in deliveries]

    async def _deliver(self, subscription: Subscription, delivery: Delivery) -> Answer:
        item = superdesk_item(delivery.body, delivery.event)
        secret = subscription.secrets[0].value if subscription.secrets else None
        seconds = self._context.settings.webhook_timeout_seconds
        push = _Push(self._context.session(subscription), secret, time.monotonic() + seconds)
        try:
            assets_url = subscription.options.get(ASSETS, "").rstrip("/")
            if assets_url and (refused := await self._send_binaries(push, assets_url, item)):
                return replace(refused, request=push.posted)
            reply = await push.post(subscription.target, body_of(item), JSON)
        except NoAnswer as problem:
            return Answer(None, detail=str(problem), request=push.posted)
        return replace(_answer(reply), request=push.posted)

    async def _send_binaries(
        self, push: "_Push", assets_url: str, item: Mapping[str, object]
    ) -> Answer | None:
        """The first answer that is another than the transmitter goes on after; None: all are
        there. What was sent is not sent again with the next attempt."""
        for binary in dict.fromkeys(binaries(dict(item))):
            asked = await push.ask(f"{assets_url}/{quote(binary.media_id, safe=_SAFE)}")
            if asked.status == THERE:
                continue
            if asked.status != MISSING:
                return _answer(asked)
            content = await self._content(binary, push)
            if content is None:
                log.warning("the binary %s is not here, so the item goes without", binary.media_id)
                continue
            body, content_type = form_of(binary, content, secrets.token_hex(16))
            sent = await push.post(assets_url, body, content_type)
            if sent.status not in (200, 201):
                return _answer(sent)
        return None

    async def _content(self, binary: Binary, push: "_Push") -> bytes | None:
        """The bytes as feeds serves them; None for what is not an asset of this installation."""
        found = _OWN_ASSET.search(binary.href)
        if found is None:
            return None
        url = f"{self._context.settings.feeds_url.rstrip('/')}/assets/{found[1]}"
        reply = await self._context.own.send(
            "GET", url, seconds=push.seconds_left(), most_bytes=MOST_BINARY_BYTES
        )
        if reply.status != THERE:
            return None
        if not reply.is_whole:
            raise NoAnswer("a binary could not be read whole")
        return reply.body


class _Push:
    """The requests of one attempt, which has a time as a whole."""

    def __init__(self, session: OutboundSession, secret: str | None, deadline: float) -> None:
        self._session = session
        self._secret = secret
        self._deadline = deadline
        self.posted: ShownRequest | None = None
        """The last POST, of a binary its headers alone."""

    def seconds_left(self) -> float:
        """Until the attempt is over; raises NoAnswer when it is."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise NoAnswer("no time is left for the item after its binaries")
        return left

    async def ask(self, url: str) -> Reply:
        """A GET, which the transmitter does not sign."""
        return await self._session.send("GET", url, seconds=self.seconds_left())

    async def post(self, url: str, body: bytes, content_type: str) -> Reply:
        """A signed POST."""
        headers = headers_for(body, self._secret, content_type)
        self.posted = shown_request(headers, body if content_type == JSON else b"")
        return await self._session.send(
            "POST", url, body=body, headers=headers, seconds=self.seconds_left()
        )


def _answer(reply: Reply) -> Answer:
    return Answer(
        reply.status, reply.headers.get("retry-after"), reply.text(MOST_ANSWER_CHARACTERS)
    )


def open_channel(context: ChannelContext) -> SuperdeskChannel:
    """The channel, in the loop that sends."""
    return SuperdeskChannel(context)
