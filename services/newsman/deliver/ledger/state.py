"""Who has which version of an article, by what the ledger says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from newsman_schemas.subscriptions import DeliveryNoted

HAVING = frozenset({"acknowledged", "fetched"})
"""Outcomes after which the receiver has what it was sent."""
LATE_SECONDS = 60.0
"""A kill that is open for longer is called overdue."""

Standing: TypeAlias = Literal["current", "unconfirmed", "waiting", "outdated", "failed", "nothing"]
Receiver = tuple[str, str, str]
"""Subscriber, subscription (empty for a feed) and channel."""


@dataclass(frozen=True)
class Current:
    """An article as readers may see it now, or that they may not.

    `status`: published, killed, withdrawn; `unknown` where the store never had it.
    `changed_at` is when readers were first told of this revision.
    """

    article_id: str
    status: str
    revision: int
    version: int | None
    changed_at: datetime | None
    headline: str | None = None

    @property
    def is_gone(self) -> bool:
        """True if readers may not see it any more."""
        return self.status in ("killed", "withdrawn")


@dataclass(frozen=True)
class Holder:
    """One who was sent the article, and what they have of it.

    `standing`: `current` (has the newest and said so), `unconfirmed` (the newest was handed out,
    nothing came back), `waiting` (the newest is in the queue), `outdated` (has another version, and
    nothing is under way), `failed` (every attempt at the newest did), `nothing` (never had any).
    `kill_seconds` is the time from the kill to its acknowledgement (of a feed, until the feed told
    of it), or until now while it is open.
    """

    subscriber: str
    subscription: str
    channel: str
    target: str
    standing: Standing
    has: DeliveryNoted | None
    last: DeliveryNoted | None
    kill_seconds: float | None
    is_kill_open: bool

    @property
    def is_wrong(self) -> bool:
        """True if it has a version that is not the newest, or may have."""
        return self.standing in ("waiting", "outdated", "failed")

    @property
    def is_overdue(self) -> bool:
        """True if it still has what was killed a while ago."""
        return self.is_kill_open and (self.kill_seconds or 0) > LATE_SECONDS


def holders(
    current: Current,
    entries: Iterable[DeliveryNoted],
    queued: Mapping[str, int],
    now: datetime,
) -> tuple[Holder, ...]:
    """Everybody who was sent the article or is to be, those who have a wrong version first.

    `queued` has the last revision that waits or waited for each subscription.
    """
    noted: dict[Receiver, list[DeliveryNoted]] = {}
    for entry in entries:
        receiver = (entry.subscriber, entry.subscription_id or "", entry.channel)
        noted.setdefault(receiver, []).append(entry)
    known = {subscription for _, subscription, _ in noted}
    found = [
        _holder(current, receiver, told, queued.get(receiver[1], 0), now)
        for receiver, told in noted.items()
    ]
    found += [
        _holder(current, ("", subscription, ""), (), revision, now)
        for subscription, revision in queued.items()
        if subscription not in known
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_overdue, not one.is_wrong, one.target)))


def _holder(
    current: Current,
    receiver: Receiver,
    told: Sequence[DeliveryNoted],
    queued: int,
    now: datetime,
) -> Holder:
    subscriber, subscription, channel = receiver
    had = [entry for entry in told if entry.outcome in HAVING]
    has = max(had, key=lambda e: (e.revision, e.outcome == "acknowledged"), default=None)
    last = max(told, key=lambda entry: (entry.occurred_at, entry.revision), default=None)
    seconds, is_open = _kill_clock(current, had, now)
    return Holder(
        subscriber=subscriber,
        subscription=subscription,
        channel=channel,
        target=last.target if last else "",
        standing=_standing(current, has, last, queued),
        has=has,
        last=last,
        kill_seconds=seconds,
        is_kill_open=is_open,
    )


def _standing(
    current: Current, has: DeliveryNoted | None, last: DeliveryNoted | None, queued: int
) -> Standing:
    reached = has.revision if has else 0
    if has and reached >= current.revision:
        return "current" if has.outcome == "acknowledged" else "unconfirmed"
    if last and last.outcome == "failed" and last.revision >= max(queued, reached + 1):
        return "failed"
    if queued > reached:
        return "waiting"
    return "outdated" if has else "nothing"


def _kill_clock(
    current: Current, had: Sequence[DeliveryNoted], now: datetime
) -> tuple[float | None, bool]:
    """Seconds from the kill until it was acknowledged, or until now, and whether it still runs.

    Whoever reads feeds has no way to acknowledge: having been told is all that can be known.
    """
    if not current.is_gone or current.changed_at is None or not had:
        return None, False
    ends = [
        entry.occurred_at
        for entry in had
        if entry.revision >= current.revision
        and (entry.outcome == "acknowledged" or entry.subscription_id is None)
    ]
    end = min(ends, default=now)
    return max(0.0, (end - current.changed_at).total_seconds()), not ends
