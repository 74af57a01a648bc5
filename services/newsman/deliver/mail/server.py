"""The mail server that e-mails are handed to (RFC 5321)."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiosmtplib

CONNECT_SECONDS = 10.0
PORTS = {"smtp": 587, "smtps": 465}


class BadMailServer(ValueError):
    """An address of a mail server that makes no sense; the text says what is wrong."""


@dataclass(frozen=True)
class MailServer:
    """Where a mail server is and who we are to it."""

    host: str
    port: int
    is_tls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def needs_starttls(self) -> bool:
        """True where a password would otherwise go over a network as it is."""
        return not self.is_tls and self.password is not None and not _is_loopback(self.host)


@dataclass(frozen=True)
class MailAnswer:
    """What the server said of one message; `is_refused` where the recipient is refused for good."""

    code: int | None
    text: str
    is_refused: bool = False


def read_mail_server(url: str) -> MailServer:
    """`smtp://user:password@host:587`, or `smtps://`; raises BadMailServer."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise BadMailServer(f"its port or host is none: {error}") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise BadMailServer("it begins with smtp:// or smtps:// and a host")
    return MailServer(
        parts.hostname,
        port or PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


async def send_all(
    server: MailServer,
    sender: str,
    messages: Sequence[EmailMessage],
    tls: ssl.SSLContext,
    *,
    seconds: float,
) -> list[MailAnswer]:
    """Hands the messages over in one conversation of so many seconds; an answer for each.

    `sender` stands on their envelopes.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.is_tls,
        start_tls=True if server.needs_starttls else None,
        tls_context=tls,
        timeout=min(seconds, CONNECT_SECONDS),
    )
    answers: list[MailAnswer] = []
    try:
        async with asyncio.timeout(seconds), client:
            if server.user is not None:
                await client.login(server.user, server.password or "")
            for message in messages:
                answer = await _send(client, sender, message)
                answers.append(answer)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        # The others have been taken; these go with the next attempt.
        unsent = MailAnswer(getattr(error, "code", None), _in_words(error))
        answers += [unsent] * (len(messages) - len(answers))
    return answers


async def _send(client: aiosmtplib.SMTP, sender: str, message: EmailMessage) -> MailAnswer:
    try:
        _, text = await client.send_message(message, sender=sender)
    except aiosmtplib.SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        return MailAnswer(refusal.code, _short(refusal.message), refusal.code >= 500)
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
        return MailAnswer(error.code, _short(error.message))
    return MailAnswer(250, _short(text))


def _in_words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return "the mail server does not take our name and password"
    if isinstance(error, (aiosmtplib.SMTPTimeoutError, TimeoutError)):
        return "the mail server does not answer in time"
    return f"the mail server can't be used: {type(error).__name__}"


def _short(text: str) -> str:
    return " ".join(text.split())[:300]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
