"""Conservation: what must have become of each version that was acknowledged.

The reckoning is the ledger's own and shares no code with the gate: newest wins, a kill takes what
it names and everything before, an embargo holds until its end.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from newsman.tools.simulate.stories import StoryTold

Standing = Literal["shown", "gone", "held"]
Fate = Literal["published", "superseded", "killed", "held", "rejected", "lost"]


@dataclass(frozen=True)
class Expected:
    """Where a story stands at the end, and under which headline."""

    standing: Standing
    headline: str
    killed_up_to: int
    newest: tuple[int, str]


@dataclass
class StoryTraces:
    """Traces of one story in the log: its ids, headlines that were public, and its rejections.

    `published` is the number of times that it became public, `withdrawn` of those that it left.
    """

    ids: set[str] = field(default_factory=set)
    headlines: set[str] = field(default_factory=set)
    published: int = 0
    withdrawn: int = 0
    rejected: bool = False


def stories_of(acknowledged: Iterable[StoryTold]) -> dict[str, list[StoryTold]]:
    """The versions of each story, files left out."""
    found: defaultdict[str, list[StoryTold]] = defaultdict(list)
    for told in acknowledged:
        if told.effect != "asset":
            found[told.uri].append(told)
    return dict(found)


def expected(versions: Iterable[StoryTold], now: datetime) -> Expected:
    """The end of a story by all its versions that were acknowledged."""
    told = list(versions)
    killed_up_to = max((each.version for each in told if each.effect == "kill"), default=0)
    newest = max((each for each in told if each.effect != "kill"), key=order, default=None)
    if newest is None:
        return Expected("gone", "", killed_up_to, (0, ""))
    standing: Standing = "held" if _is_held(newest, now) else "shown"
    if newest.version <= killed_up_to:
        standing = "gone"
    return Expected(standing, newest.headline, killed_up_to, order(newest))


def order(told: StoryTold) -> tuple[int, str]:
    """The place of a version among those of its story."""
    return told.version, told.created


def fate(told: StoryTold, end: Expected, seen: StoryTraces, now: datetime) -> Fate:
    """The one thing that became of a version; `lost` where nothing explains its absence."""
    if told.effect == "kill":
        return "killed"
    if told.headline in seen.headlines:
        return "published"
    if told.version <= end.killed_up_to:
        return "killed"
    if order(told) < end.newest:
        return "superseded"
    if _is_held(told, now):
        return "held"
    return "rejected" if seen.rejected else "lost"


def twice(seen: StoryTraces) -> bool:
    """True if a story became public again without having been taken back."""
    return seen.published > seen.withdrawn + 1


def wrong_counts(
    expected_views: Mapping[str, int], counted: Mapping[str, int], uncertain: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """Articles whose count is not that of the views that were acknowledged, with both numbers."""
    unsure = set(uncertain)
    return {
        article: (views, counted.get(article, 0))
        for article, views in expected_views.items()
        if article not in unsure and counted.get(article, 0) != views
    }


def _is_held(told: StoryTold, now: datetime) -> bool:
    return told.until is not None and datetime.fromisoformat(told.until) > now
