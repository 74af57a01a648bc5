"""Contents of a webhook, and the decision that follows from a subscriber's answer. Pure."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from newsman.deliver.signing import webhook_id
from newsman_schemas.articles import ArticlePublished, to_public
from newsman_schemas.events import unix_ms

RETRY_SECONDS = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Wait before attempt 1, 2, …: the schedule that Standard Webhooks 1.0 recommends."""

JITTER_SHARE = 0.1
LONGEST_RETRY_AFTER_SECONDS = 86_400.0
MAX_BODY_BYTES = 20_000
"""Standard Webhooks 1.0 advises to stay under 20 kB; a larger article is sent thin."""

LEFT_OUT_WHEN_THIN = tuple("body_html body_text associations extra item_fields images tags".split())
KEPT_WHEN_THINNEST = ("id", "source", "version", "version_created", "published_at", "headline")

HTTP_GONE = 410


@dataclass(frozen=True)
class Webhook:
    """One thing to tell a subscriber: its id and body are the same on every attempt."""

    id: str
    article_id: str
    revision: int
    occurred_at_ms: int
    body: str


@dataclass(frozen=True)
class AttemptResult:
    """The outcome of one attempt; `status` is None when no answer came."""

    status: int | None
    retry_after: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Delivered:
    """The subscriber has it."""


@dataclass(frozen=True)
class Retry:
    """Again after `wait_seconds`; for `hold_seconds` nothing at all goes to this subscriber."""

    wait_seconds: float
    hold_seconds: float


@dataclass(frozen=True)
class Disable:
    """The subscriber wants nothing any more (410 Gone); what waits goes on waiting."""


@dataclass(frozen=True)
class Park:
    """The last attempt failed too."""


Verdict = Delivered | Retry | Disable | Park


def webhook_about(event: ArticlePublished) -> Webhook:
    """The webhook that tells what happened to an article, whole if it is small, else thin."""
    return Webhook(
        id=webhook_id(event.event_id),
        article_id=event.article_id,
        revision=event.revision,
        occurred_at_ms=unix_ms(event.occurred_at),
        body=_body(event),
    )


def decide(answer: AttemptResult, *, attempt: int, jitter: float, now: datetime) -> Verdict:
    """The decision after attempt number `attempt` (from 1 on).

    `jitter` from 0 to 1 lengthens the wait by up to a tenth, so that what failed together is
    not sent together again.
    """
    if answer.status is not None and 200 <= answer.status < 300:
        return Delivered()
    if answer.status == HTTP_GONE:
        return Disable()
    if attempt >= len(RETRY_SECONDS):
        return Park()
    asked = retry_after_seconds(answer.retry_after, now=now)
    scheduled = RETRY_SECONDS[attempt] * (1 + JITTER_SHARE * jitter)
    return Retry(wait_seconds=max(scheduled, asked), hold_seconds=asked)


def retry_after_seconds(value: str | None, *, now: datetime) -> float:
    """Seconds in a `Retry-After` header (RFC 9110 section 10.2.3), at most a day; else 0."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), LONGEST_RETRY_AFTER_SECONDS)


def _body(event: ArticlePublished) -> str:
    article = to_public(event.article) if event.article else None
    whole = _render(event, article, complete=True)
    if article is None or len(whole.encode()) <= MAX_BODY_BYTES:
        return whole
    thin = {name: value for name, value in article.items() if name not in LEFT_OUT_WHEN_THIN}
    text = _render(event, thin, complete=False)
    if len(text.encode()) <= MAX_BODY_BYTES:
        return text
    thinnest = {name: article[name] for name in KEPT_WHEN_THINNEST if name in article}
    return _render(event, thinnest, complete=False)


def _render(event: ArticlePublished, article: dict[str, object] | None, *, complete: bool) -> str:
    data: dict[str, object] = {
        "id": event.article_id,
        "revision": event.revision,
        "version": event.version,
        "source": event.source,
        "uri": event.uri,
    }
    if article is not None:
        data |= {"complete": complete, "article": article}
    message = {
        "type": f"article.{event.action}",
        "timestamp": event.occurred_at.isoformat(),
        "data": data,
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
