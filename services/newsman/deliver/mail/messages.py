"""E-mails about articles, as plain text and HTML. Pure.

Whatever stands in a header is one line of printable text: nothing of an article can add one.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from newsman.deliver.channels.channel import Delivery
from newsman_schemas.articles import EnrichedArticle

MOST_SUBJECT_CHARACTERS = 200
MOST_SUMMARY_CHARACTERS = 500
WITHDRAWN = frozenset({"article.killed", "article.withdrawn"})
PREFIXES = {
    "article.updated": "Updated: ",
    "article.corrected": "Correction: ",
    "article.killed": "KILLED: ",
    "article.withdrawn": "Withdrawn: ",
}
KILL_TEXT = "Its newsroom has killed this article. Do not use it; delete it wherever you have it."
WITHDRAWN_TEXT = "This article is withdrawn, or is not among those that you subscribed to any more."
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}", re.ASCII
)


@dataclass(frozen=True)
class Sender:
    """Whom e-mails are from, what the site is called, and where its articles are."""

    address: Address
    site_name: str
    site_url: str


@dataclass(frozen=True)
class Recipient:
    """Who gets an e-mail, and how they end it."""

    address: str
    subscription_id: str
    unsubscribe_url: str


@dataclass(frozen=True)
class _Entry:
    title: str
    link: str | None
    lines: tuple[str, ...]


def is_address(text: str) -> bool:
    """Whether a text is an address that every mail server takes."""
    local, _, _ = text.partition("@")
    is_dotted_well = ".." not in local and not local.startswith(".") and not local.endswith(".")
    return len(text) <= 254 and is_dotted_well and bool(_ADDRESS.fullmatch(text))


def one_line(text: str, most: int = MOST_SUBJECT_CHARACTERS) -> str:
    """A text as a header can hold it.

    An encoded word (RFC 2047) in it would be decoded, line ends and all, before it is written.
    """
    return " ".join(_UNPRINTABLE.sub(" ", text).split()).replace("=?", "= ?")[:most]


def article_message(
    sender: Sender, recipient: Recipient, delivery: Delivery, now: datetime
) -> EmailMessage:
    """The e-mail about one article."""
    entry = _entry(sender, delivery)
    thread = f"<{delivery.article_id}.{recipient.subscription_id}@{sender.address.domain}>"
    message = _message(sender, recipient, entry.title, [entry], now)
    message["Message-ID"] = f"<{_safe_id(delivery.id)}@{sender.address.domain}>"
    # What is told of an article later stands with what was told of it before.
    message["References"] = thread
    if delivery.event in WITHDRAWN:
        message["In-Reply-To"] = thread
        message["Importance"] = "high"
    return message


def digest_message(
    sender: Sender, recipient: Recipient, deliveries: Sequence[Delivery], now: datetime
) -> EmailMessage:
    """The e-mail about several articles, the newest first."""
    newest_first = sorted(deliveries, key=lambda one: one.occurred_at, reverse=True)
    entries = [_entry(sender, delivery) for delivery in newest_first]
    count = "1 article" if len(entries) == 1 else f"{len(entries)} articles"
    message = _message(sender, recipient, f"{sender.site_name}: {count}", entries, now)
    message["Message-ID"] = f"<{_safe_id(newest_first[0].id)}.digest@{sender.address.domain}>"
    return message


def _entry(sender: Sender, delivery: Delivery) -> _Entry:
    article = delivery.article
    if delivery.event in WITHDRAWN or article is None:
        named = f"article {delivery.article_id}, version {delivery.version}"
        text = KILL_TEXT if delivery.event == "article.killed" else WITHDRAWN_TEXT
        return _Entry(f"{PREFIXES[_gone(delivery)]}{named}", None, (text,))
    title = PREFIXES.get(delivery.event, "") + one_line(article.headline)
    return _Entry(title, _link(sender, article), tuple(line for line in _about(article) if line))


def _link(sender: Sender, article: EnrichedArticle) -> str:
    elsewhere = article.canonical_url or ""
    is_page = elsewhere.startswith(("http://", "https://"))
    return elsewhere if is_page else f"{sender.site_url.rstrip('/')}/articles/{article.id}"


def _gone(delivery: Delivery) -> str:
    return delivery.event if delivery.event in WITHDRAWN else "article.withdrawn"


def _about(article: EnrichedArticle) -> tuple[str, ...]:
    return (
        one_line(article.editorial_note or "", MOST_SUMMARY_CHARACTERS),
        one_line(article.byline or ""),
        one_line(article.summary or "", MOST_SUMMARY_CHARACTERS),
    )


def _message(
    sender: Sender, recipient: Recipient, subject: str, entries: Sequence[_Entry], now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.address
    message["To"] = recipient.address
    message["Subject"] = one_line(subject)
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["List-Id"] = f"<{recipient.subscription_id}.{sender.address.domain}>"
    message["List-Unsubscribe"] = f"<{recipient.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_plain(sender, recipient, entries))
    message.add_alternative(_html(sender, recipient, entries), subtype="html")
    return message


def _plain(sender: Sender, recipient: Recipient, entries: Sequence[_Entry]) -> str:
    parts = [
        "\n".join([entry.title, *entry.lines, *filter(None, [entry.link])]) for entry in entries
    ]
    foot = f"-- \n{sender.site_name}\nUnsubscribe: {recipient.unsubscribe_url}"
    return "\n\n".join([*parts, foot]) + "\n"


def _html(sender: Sender, recipient: Recipient, entries: Sequence[_Entry]) -> str:
    parts = []
    for entry in entries:
        title = html.escape(entry.title)
        if entry.link:
            title = f'<a href="{html.escape(entry.link)}">{title}</a>'
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in entry.lines)
        parts.append(f"<h2>{title}</h2>{lines}")
    foot = (
        f"<p><small>{html.escape(sender.site_name)} · "
        f'<a href="{html.escape(recipient.unsubscribe_url)}">Unsubscribe</a></small></p>'
    )
    head = '<!doctype html><html><head><meta charset="utf-8"></head><body>'
    return f"{head}{''.join(parts)}<hr>{foot}</body></html>\n"


def _safe_id(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)
