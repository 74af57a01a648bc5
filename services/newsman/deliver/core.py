"""The decision that follows from a receiver's answer. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

RETRY_SECONDS = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, 86_400)
"""Wait before attempt 1, 2, …: as Standard Webhooks 1.0 recommends, and a day more, so that a
receiver may be away for four."""
LONGEST_KILL_WAIT_SECONDS = 1_800
"""Between attempts at telling of a kill, which end only when one is acknowledged."""
KILLED = "article.killed"

JITTER_SHARE = 0.1
LONGEST_RETRY_AFTER_SECONDS = 86_400.0
DISABLE_AFTER_SECONDS = 5 * 86_400
"""Everything has failed for so long: the subscription is disabled."""

HTTP_GONE = 410
HELD_BY = frozenset({429, 503})
"""Answers whose `Retry-After` is heeded for everything that goes to the receiver."""


class AttemptResult(NamedTuple):
    """The outcome of one attempt; `status` is None when no answer came."""

    status: int | None
    retry_after: str | None = None
    detail: str | None = None
    is_refused: bool = False
    """True where the address is refused for good, which somebody may put right."""


@dataclass(frozen=True)
class Delivered:
    """The receiver has it."""


@dataclass(frozen=True)
class Retry:
    """Again after `wait_seconds`; for `hold_seconds` nothing at all goes to this receiver."""

    wait_seconds: float
    hold_seconds: float


@dataclass(frozen=True)
class Disable:
    """The receiver wants nothing any more (410 Gone); what waits goes on waiting."""


@dataclass(frozen=True)
class Pause:
    """The address is refused: nothing goes there until the subscription is resumed."""


@dataclass(frozen=True)
class GiveUp:
    """The last attempt failed too."""


Verdict = Delivered | Retry | Disable | Pause | GiveUp


def decide(
    answer: AttemptResult, *, event: str, attempt: int, jitter: float, now: datetime
) -> Verdict:
    """The decision after attempt number `attempt` (from 1 on) at telling of an event.

    `jitter` from 0 to 1 lengthens the wait by up to a tenth, so that what failed together is
    not sent together again.
    """
    if answer.status is not None and 200 <= answer.status < 300:
        return Delivered()
    if answer.is_refused:
        return Pause()
    if answer.status == HTTP_GONE:
        return Disable()
    is_kill = event == KILLED
    if attempt >= len(RETRY_SECONDS) and not is_kill:
        return GiveUp()
    asked = retry_after_seconds(answer.retry_after, now=now)
    scheduled = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]
    wait = (min(scheduled, LONGEST_KILL_WAIT_SECONDS) if is_kill else scheduled) * (
        1 + JITTER_SHARE * jitter
    )
    hold = asked if answer.status in HELD_BY else 0.0
    return Retry(wait_seconds=max(wait, asked), hold_seconds=hold)


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


def is_failing_too_long(since_ms: int, *, now_ms: int) -> bool:
    """True if everything has failed since that Unix ms (0: nothing fails), for five days."""
    return since_ms > 0 and now_ms - since_ms >= DISABLE_AFTER_SECONDS * 1_000
