"""The ledger of one article as the API, the page and the command line show it. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from newsman.deliver.ledger.state import Current, Holder
from newsman_schemas.articles import ArticleId
from newsman_schemas.events import UtcDatetime, Value
from newsman_schemas.subscriptions import DeliveryNoted


class LedgerEntry(Value):
    """One thing that was noted: what was told, by which channel, and what came of it."""

    at: UtcDatetime
    event: str
    revision: int
    version: int
    outcome: str
    attempts: int
    status: int | None = None
    delivery: str
    subscriber: str
    subscription: str | None = None
    channel: str
    target: str


class LedgerHolder(Value):
    """One who was sent the article, and what they have of it; `standing` is explained in the
    documentation."""

    subscriber: str
    subscription: str | None = None
    channel: str
    target: str
    standing: Literal["current", "unconfirmed", "waiting", "outdated", "failed", "nothing"]
    version: int | None = None
    revision: int | None = None
    event: str | None = None
    at: UtcDatetime | None = None
    last: LedgerEntry | None = None
    kill_seconds: float | None = None
    """From the kill until it was acknowledged, or until now while it is not."""
    kill_open: bool = False


class ArticleLedger(Value):
    """Who has which version of an article; `counts` says how many there are of each standing."""

    id: ArticleId
    status: str
    revision: int
    version: int | None = None
    headline: str | None = None
    changed_at: UtcDatetime | None = None
    as_of: UtcDatetime
    counts: dict[str, int]
    still_wrong: int
    """The number of those who have a version that is not the newest."""
    holders: tuple[LedgerHolder, ...]
    entries: tuple[LedgerEntry, ...]


def article_ledger(
    current: Current,
    found: Sequence[Holder],
    entries: Sequence[DeliveryNoted],
    now: datetime,
) -> ArticleLedger:
    """The whole of it."""
    counts = Counter(holder.standing for holder in found)
    return ArticleLedger(
        id=current.article_id,
        status=current.status,
        revision=current.revision,
        version=current.version,
        headline=current.headline,
        changed_at=current.changed_at,
        as_of=now,
        counts=dict(sorted(counts.items())),
        still_wrong=sum(holder.is_wrong for holder in found),
        holders=tuple(map(_holder, found)),
        entries=tuple(map(_entry, entries)),
    )


def kill_clock(holder: LedgerHolder) -> str:
    """The time of a kill in words: `12 s`, `open for 3 min`."""
    if holder.kill_seconds is None:
        return ""
    time = _duration(holder.kill_seconds)
    return f"open for {time}" if holder.kill_open else time


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s"


def _holder(holder: Holder) -> LedgerHolder:
    has = holder.has
    return LedgerHolder(
        subscriber=holder.subscriber,
        subscription=holder.subscription or None,
        channel=holder.channel,
        target=holder.target,
        standing=holder.standing,
        version=has.version if has else None,
        revision=has.revision if has else None,
        event=has.event if has else None,
        at=has.occurred_at if has else None,
        last=_entry(holder.last) if holder.last else None,
        kill_seconds=None if holder.kill_seconds is None else round(holder.kill_seconds, 1),
        kill_open=holder.is_kill_open,
    )


def _entry(entry: DeliveryNoted) -> LedgerEntry:
    return LedgerEntry(
        at=entry.occurred_at,
        delivery=entry.delivery_id,
        subscription=entry.subscription_id,
        **_shared(entry),
    )


def _shared(entry: DeliveryNoted) -> dict[str, Any]:
    names = ("event", "revision", "version", "outcome", "attempts", "status")
    return {name: getattr(entry, name) for name in (*names, "subscriber", "channel", "target")}
