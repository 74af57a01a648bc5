"""Content distribution of the WebSub hub: a topic, whole, to those who subscribed to it."""

import hmac
import math
from collections.abc import Sequence
from datetime import UTC, datetime

from newsman.deliver.channels.channel import Answer, BadSubscription, ChannelContext, Delivery
from newsman.deliver.channels.shown_request import shown_request
from newsman.deliver.hub.feed_reader import (
    Content,
    FeedReader,
    FeedsAway,
    NoTopic,
    ends_of_log,
)
from newsman.deliver.hub.hub import TOPIC, canonical_topic
from newsman.deliver.hub.sent_content import SentContent
from newsman.redis.client import build_async_client
from newsman.web.outbound.reply import NoAnswer
from newsman.web.outbound.session import OutboundSession
from newsman_schemas.subscriptions import HUB, Subscription

TOGETHER = 1_000
EVERY_SECONDS = 2
"""What changes within such a time is told at once."""
MOST_ANSWER_CHARACTERS = 4_096
GONE, UNCHANGED, FEEDS_AWAY = 410, 204, 503


class WebsubChannel:
    """Posts the topic when its bytes are others than those that the receiver took last."""

    kind = "websub"
    payloads = ("thin",)
    together = TOGETHER

    def __init__(
        self,
        strangers: OutboundSession,
        feeds: FeedReader,
        sent: SentContent,
        *,
        method: str,
        timeout_seconds: float,
    ) -> None:
        """`method` is one of WebSub's, by which content is signed."""
        self._strangers = strangers
        self._feeds = feeds
        self._sent = sent
        self._method = method
        self._timeout_seconds = timeout_seconds

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for those that were not made at the hub."""
        if subscription.owner != HUB or not subscription.options.get(TOPIC):
            raise BadSubscription("/kind", "subscriptions of WebSub are made at the hub, POST /hub")

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:  # noqa: ARG002
        """The next of the moments at which all that changed before is sent together."""
        seconds = (math.floor(now.timestamp() / EVERY_SECONDS) + 1) * EVERY_SECONDS
        return datetime.fromtimestamp(seconds, UTC)

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """One answer for all: the topic holds whatever they tell of."""
        answer = await self._answer(subscription)
        return [answer] * len(deliveries)

    async def _answer(self, subscription: Subscription) -> Answer:
        if subscription.expires_at and subscription.expires_at <= datetime.now(UTC):
            return Answer(GONE, detail="the lease is over")
        try:
            content = await self._feeds.content(canonical_topic(subscription))
        except FeedsAway as problem:
            return Answer(FEEDS_AWAY, retry_after="5", detail=str(problem))
        except NoTopic as problem:
            return Answer(GONE, detail=f"the topic has gone: {problem.reason}")
        if await self._sent.has(subscription.id, content.body):
            return Answer(UNCHANGED, detail="the topic has not changed")
        answer = await self._post(subscription, content)
        if answer.status is not None and 200 <= answer.status < 300:
            await self._sent.note(subscription.id, content.body)
        return answer

    async def _post(self, subscription: Subscription, content: Content) -> Answer:
        headers = {"Content-Type": content.media_type, "Link": content.link}
        for secret in subscription.secrets[:1]:
            headers["X-Hub-Signature"] = signature(self._method, secret.value, content.body)
        request = shown_request(headers, b"")
        try:
            reply = await self._strangers.send(
                "POST",
                subscription.target,
                body=content.body,
                headers=headers,
                seconds=self._timeout_seconds,
            )
        except NoAnswer as problem:
            return Answer(None, detail=str(problem), request=request)
        answer = reply.text(MOST_ANSWER_CHARACTERS)
        return Answer(reply.status, reply.headers.get("retry-after"), answer, request=request)


def signature(method: str, secret: str, body: bytes) -> str:
    """`X-Hub-Signature` (WebSub section 7.1): the method, and the HMAC in hexadecimal."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def open_channel(context: ChannelContext) -> WebsubChannel:
    """The channel, in the loop that sends."""
    settings = context.settings
    ends = ends_of_log(settings.kafka_bootstrap, settings.namespace, "newsman-deliver-websub")
    feeds = FeedReader(
        context.own, feeds_url=settings.feeds_url, site_url=settings.public_url, ends=ends
    )
    return WebsubChannel(
        context.strangers,
        feeds,
        SentContent(build_async_client(settings.redis_url), settings.namespace),
        method=settings.hub_signature,
        timeout_seconds=settings.webhook_timeout_seconds,
    )
