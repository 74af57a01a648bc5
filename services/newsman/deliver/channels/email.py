"""E-mail: one message an article, or a digest by the hour or day; kills go at once."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage

from newsman.deliver.channels.article_events import check_articles_alone
from newsman.deliver.channels.channel import (
    Answer,
    BadSubscription,
    ChannelContext,
    Delivery,
)
from newsman.deliver.channels.shown_request import ShownRequest, shown_request
from newsman.deliver.mail.links import return_path, unsubscribe_url
from newsman.deliver.mail.messages import (
    WITHDRAWN,
    Recipient,
    Sender,
    article_message,
    digest_message,
    is_address,
    one_line,
)
from newsman.deliver.mail.schedule import BadOption, read_schedule
from newsman.deliver.mail.server import MailAnswer, MailServer, read_mail_server, send_all
from newsman.settings import DeliverSettings
from newsman_schemas.subscriptions import Subscription

TOGETHER = 500
CONVERSATIONS = 8
"""With the mail server at once, from one process."""
TAKEN, LATER, REFUSED = 200, 503, 500
BUSY = 421
"""SMTP's own word for it."""


@dataclass(frozen=True)
class MailOffice:
    """All that sending needs; there is none where a setting is missing."""

    server: MailServer
    sender: Sender
    links_url: str
    links_secret: str
    bounces: str | None = None
    """Where e-mails that come back arrive."""


class EmailChannel:
    """Hands messages to the mail server that the settings name."""

    kind = "email"
    payloads = ("thin",)
    together = TOGETHER

    def __init__(self, office: MailOffice | str, *, timeout_seconds: float) -> None:
        """A text in place of the office says what is missing for one."""
        self._office = office
        self._timeout_seconds = timeout_seconds
        self._tls = ssl.create_default_context()
        self._turns = asyncio.Semaphore(CONVERSATIONS)

    def check(self, subscription: Subscription) -> None:
        """Raises BadSubscription for no address, or for options that make no sense."""
        if isinstance(self._office, str):
            raise BadSubscription("/kind", f"no e-mails are sent here: {self._office}")
        check_articles_alone(subscription)
        if not is_address(subscription.target):
            raise BadSubscription("/url", "is no e-mail address, such as desk@example.org")
        try:
            read_schedule(subscription.options)
        except BadOption as problem:
            raise BadSubscription(f"/options/{problem.name}", problem.detail) from problem

    def due_at(self, subscription: Subscription, now: datetime) -> datetime | None:
        """The next digest; None: at once."""
        return read_schedule(subscription.options).next_after(now)

    async def send(
        self, subscription: Subscription, deliveries: Sequence[Delivery]
    ) -> Sequence[Answer]:
        """Messages in one conversation with the server; those of a digest have one answer."""
        if isinstance(self._office, str):
            return [Answer(None, detail=self._office)] * len(deliveries)
        is_digest = read_schedule(subscription.options).is_digest
        groups = _groups(deliveries, is_digest=is_digest)
        now = datetime.now(UTC)
        recipient = _recipient(self._office, subscription)
        messages = [
            _message(self._office.sender, recipient, group, now, is_digest=is_digest)
            for group in groups
        ]
        answers = await self._hand_over(self._office, subscription, messages)
        by_id = {
            delivery.id: replace(_answer(answer), request=_shown(message, recipient, group))
            for group, message, answer in zip(groups, messages, answers, strict=True)
            for delivery in group
        }
        return [by_id[delivery.id] for delivery in deliveries]

    async def _hand_over(
        self, office: MailOffice, subscription: Subscription, messages: Sequence[EmailMessage]
    ) -> list[MailAnswer]:
        sender = office.sender.address.addr_spec
        if office.bounces:
            of = (subscription.id, subscription.target)
            sender = return_path(office.bounces, office.links_secret, *of)
        try:
            async with asyncio.timeout(self._timeout_seconds / 2):
                await self._turns.acquire()
        except TimeoutError:
            return [MailAnswer(BUSY, "too many e-mails are under way")] * len(messages)
        try:
            return await send_all(
                office.server, sender, messages, self._tls, seconds=self._timeout_seconds
            )
        finally:
            self._turns.release()


def _message(
    sender: Sender,
    recipient: Recipient,
    group: Sequence[Delivery],
    now: datetime,
    *,
    is_digest: bool,
) -> EmailMessage:
    if is_digest and group[0].event not in WITHDRAWN:
        return digest_message(sender, recipient, group, now)
    return article_message(sender, recipient, group[0], now)


def _recipient(office: MailOffice, subscription: Subscription) -> Recipient:
    address, ident = subscription.target, subscription.id
    return Recipient(
        address, ident, unsubscribe_url(office.links_url, office.links_secret, ident, address)
    )


def _shown(
    message: EmailMessage, recipient: Recipient, group: Sequence[Delivery]
) -> ShownRequest | None:
    """The plain text without the link that unsubscribes; None of a message about several."""
    plain = message.get_body(("plain",))
    if len(group) > 1 or plain is None:
        return None
    text: str = plain.get_content().replace(recipient.unsubscribe_url, "…")
    return shown_request(dict(message.items()), text.encode())


def _groups(deliveries: Sequence[Delivery], *, is_digest: bool) -> list[list[Delivery]]:
    """The deliveries by message: what is taken away has its own, first."""
    alone = [[one] for one in deliveries if one.event in WITHDRAWN or not is_digest]
    digest = [one for one in deliveries if one.event not in WITHDRAWN and is_digest]
    return [*alone, digest] if digest else alone


def _answer(answer: MailAnswer) -> Answer:
    if answer.is_refused:
        detail = f"the mail server refuses the address: {answer.code} {answer.text}"
        return Answer(REFUSED, body=answer.text, detail=detail, is_refused=True)
    if answer.code == 250:
        return Answer(TAKEN, body=answer.text)
    if answer.code is None:
        return Answer(None, detail=answer.text)
    status = LATER if answer.code < 500 else REFUSED
    return Answer(status, body=answer.text, detail=f"{answer.code} {answer.text}")


def office_of(settings: DeliverSettings) -> MailOffice | str:
    """The office of the settings, or what is missing for one."""
    needed = {
        "NEWSMAN_SMTP_URL": settings.smtp_url,
        "NEWSMAN_MAIL_FROM": settings.mail_from,
        "NEWSMAN_DELIVER_URL": settings.deliver_url,
        "NEWSMAN_UNSUBSCRIBE_SECRET": settings.unsubscribe_secret,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        return f"{missing[0]} is not set"
    sender = Sender(
        Address(one_line(settings.site_name), addr_spec=settings.mail_from or ""),
        settings.site_name,
        settings.public_url,
    )
    return MailOffice(
        read_mail_server(settings.smtp_url or ""),
        sender,
        settings.deliver_url or "",
        settings.unsubscribe_secret or "",
        settings.mail_bounces,
    )


def open_channel(context: ChannelContext) -> EmailChannel:
    """The channel, in the loop that sends."""
    office = office_of(context.settings)
    return EmailChannel(office, timeout_seconds=context.settings.webhook_timeout_seconds)
