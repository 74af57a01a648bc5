"""The versions of an article with what changed, and the corrections of all articles."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, pairwise

from cachetools import LRUCache

from newsman.feeds.core import PAGE_ROWS
from newsman.feeds.corrections.diff import VersionDifference, difference
from newsman.feeds.query.cursors import ListingPosition
from newsman.feeds.query.selection import Selection
from newsman.feeds.subscribers.reading import looking, narrowing, tell_articles
from newsman.redis.articles import ArticleReader, StoredArticle
from newsman_schemas.article_order import changed_at
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.events import unix_ms

REVISED = "revised"
AT_ONCE = 200
LOOKED_AT = 1_000
"""Of so many articles with several versions, those that changed last, corrections are listed."""
REMEMBERED = 1_000
FEWEST_REVISIONS = 2
EVERYTHING = Selection()


@dataclass(frozen=True)
class Step:
    """A version and what changed in it; nothing is said of the first."""

    article: EnrichedArticle
    difference: VersionDifference | None

    @property
    def is_correction(self) -> bool:
        """True if the newsroom says that it corrects what readers had."""
        return self.difference is not None and self.difference.is_correction

    @property
    def is_update(self) -> bool:
        """True if words changed, and the newsroom calls it no correction."""
        seen = self.difference
        return seen is not None and bool(seen.changes) and not seen.is_correction

    @property
    def place(self) -> ListingPosition:
        """The position among the corrections of all articles."""
        return ListingPosition(unix_ms(changed_at(self.article)), self.article.id)

    @property
    def anchor(self) -> str:
        """The fragment that names the version on the history page."""
        return f"v{self.article.version}-{int(changed_at(self.article).timestamp())}"


def is_correction(step: Step) -> bool:
    """True for corrections."""
    return step.is_correction


def is_update(step: Step) -> bool:
    """True for updates."""
    return step.is_update


def steps(versions: Sequence[EnrichedArticle]) -> tuple[Step, ...]:
    """The versions in which something changed, the newest first."""
    if not versions:
        return ()
    history = [Step(versions[0], None)]
    for before, after in pairwise(versions):
        seen = difference(before, after)
        if seen.changes or seen.note:
            history.append(Step(after, seen))
    return tuple(reversed(history))


class Corrections:
    """Reads histories; remembers what it has compared for as long as the articles stay."""

    def __init__(self, articles: ArticleReader) -> None:
        self._articles = articles
        self._known: LRUCache[str, tuple[Hashable, tuple[Step, ...]]] = LRUCache(REMEMBERED)

    async def history(self, article_id: str, *, now: datetime) -> tuple[Step, ...]:
        """The steps of a published article, the newest first; none if it is not published."""
        return steps(await self._articles.versions(article_id, now=now))

    async def of(self, stored: StoredArticle, *, now: datetime) -> tuple[Step, ...]:
        """The changes of one article, the newest first."""
        if stored.revision < FEWEST_REVISIONS:
            return ()
        return tuple(step for step in await self._of(stored, now) if step.difference)

    async def newest(
        self,
        *,
        taken: Callable[[Step], bool] = is_correction,
        now: datetime,
        selection: Selection = EVERYTHING,
        before: ListingPosition | None = None,
        limit: int = PAGE_ROWS,
    ) -> tuple[tuple[Step, ...], ListingPosition | None]:
        """The corrections of all articles, or other steps that are `taken`, of those that pass a
        selection, the newest first; and the place before which the next page begins, None after
        the last one."""
        corrections: list[Step] = []
        stored: dict[str, StoredArticle] = {}
        for offset in range(0, LOOKED_AT, AT_ONCE):
            with looking():
                revised = await self._articles.listed(REVISED, offset=offset, limit=AT_ONCE)
            stored.update({each.article.id: each for each in revised})
            histories = await asyncio.gather(*(self._of(stored, now) for stored in revised))
            corrections += [
                step
                for step in chain.from_iterable(histories)
                if taken(step) and _is_listed(step, selection, before)
            ]
            corrections.sort(key=lambda step: (step.place, step.article.version), reverse=True)
            is_last = len(revised) < AT_ONCE and not narrowing()
            if is_last or _is_complete(corrections, revised, limit):
                break
        page, onward = _first_page(corrections, limit)
        tell_articles(stored[article_id] for article_id in {step.article.id for step in page})
        return page, onward

    async def _of(self, stored: StoredArticle, now: datetime) -> tuple[Step, ...]:
        # An old version appears or disappears within a minute of its embargo's end or its expiry.
        stamp = (stored.revision, changed_at(stored.article), int(now.timestamp() / 60))
        name = stored.article.id
        cached = self._known.get(name)
        if cached is None or cached[0] != stamp:
            cached = (stamp, await self.history(name, now=now))
            self._known[name] = cached
        return cached[1]


def _is_listed(step: Step, selection: Selection, before: ListingPosition | None) -> bool:
    """Tells if a selection takes the step's article, and if it is before the position if any."""
    if not selection.takes(step.article):
        return False
    return before is None or step.place < before


def _is_complete(corrections: Sequence[Step], revised: Sequence[StoredArticle], limit: int) -> bool:
    """Tells if no correction of articles after the revised ones belongs on the page."""
    # Nothing that follows is newer than the newest version of the last of these.
    if len(corrections) <= limit or not revised:
        return False
    return corrections[limit].place.at_ms > _newest_ms(revised)


def _first_page(
    entries: Sequence[Step], limit: int
) -> tuple[tuple[Step, ...], ListingPosition | None]:
    end = min(limit, len(entries))
    # A cursor can't separate corrections of one article within one millisecond.
    while 0 < end < len(entries) and entries[end].place == entries[end - 1].place:
        end += 1
    return tuple(entries[:end]), entries[end - 1].place if end < len(entries) else None


def _newest_ms(revised: Sequence[StoredArticle]) -> int:
    return unix_ms(changed_at(revised[-1].article))
