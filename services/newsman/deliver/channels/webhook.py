"""Webhooks after Standard Webhooks 1.0: signed JSON, posted."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from newsman.deliver.channels.channel import (
    Answer,
    BadSubscription,
    ChannelContext,
    Delivery,
)
from newsman.deliver.channels.shown_request import shown_request
from newsman.deliver.signing import REMEMBERED_KEYS, parse_secret, signed_headers
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import OutboundSession
from newsman_schemas.subscriptions import PAYLOADS, Subscription

MOST_ANSWER_CHARACTERS = 4_096


class WebhookChannel:
    """Posts each delivery, signed with every secret that has not ended, the newest first."""

    kind = "webhook"
    payloads = PAYLOADS
    together = 1

    def __init__(self, context: ChannelContext) -> None:
        self._context = context
        self._key = lru_cache(maxsize=REMEMBERED_KEYS)(parse_secret)

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for an address that is never called, or a secret that is none."""
        refusal = self._context.refusal(subscription)
        if refusal:
            raise BadSubscription("/url", refusal)
        try:
            self._keys(subscription, time.time())
        except ValueError as error:
            raise BadSubscription("/secret", str(error)) from error

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """At once."""
        return None

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """Posts the deliveries one by one."""
        session = self._context.session(subscription)
        return [await self._post(session, subscription, each) for each in deliveries]

    async def _post(
        self, session: OutboundSession, subscription: Subscription, delivery: Delivery
    ) -> Answer:
        now = time.time()
        keys = self._keys(subscription, now)
        headers = {
            "Content-Type": delivery.media_type,
            **signed_headers(keys, delivery.id, int(now), delivery.body),
        }
        request = shown_request(headers, delivery.body)
        try:
            reply = await session.send(
                "POST",
                subscription.target,
                body=delivery.body,
                headers=headers,
                seconds=self._context.settings.webhook_timeout_seconds,
            )
        except NoAnswer as problem:
            return Answer(None, detail=str(problem), request=request)
        return Answer(
            reply.status,
            reply.headers.get("Retry-After"),
            reply.text(MOST_ANSWER_CHARACTERS) if reply.body else "",
            request=request,
        )

    def _keys(self, subscription: Subscription, now: float) -> list[bytes]:
        """The keys of the secrets that have not ended at a Unix time; raises ValueError."""
        return [
            self._key(secret.value)
            for secret in subscription.secrets
            if secret.until is None or secret.until.timestamp() > now
        ]


def open_channel(context: ChannelContext) -> WebhookChannel:
    """The webhook channel."""
    return WebhookChannel(context)
