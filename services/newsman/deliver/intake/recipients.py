"""The decision whom an event is for, from the filters and from who was told before. Pure."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass

from newsman_schemas.articles import ArticlePublished

KILLED = "article.killed"
WITHDRAWN = "article.withdrawn"
MOVED = "moved"

Wants = Callable[[str, str], bool]
"""True if a subscription (by its id) asks for events of a name."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event for one subscription."""

    subscription_id: str
    event: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """The last that a subscription was told of an article."""

    revision: int
    is_gone: bool
    """True where that took the article away."""


def read_told(text: str) -> Told:
    """What stands behind a subscription in the hash of an article."""
    return Told(int(text.removesuffix("-")), text.endswith("-"))


def write_told(revision: int, event: str) -> str:
    """What stands there after an event."""
    return f"{revision}-" if event in (KILLED, WITHDRAWN) else str(revision)


def copied_from(event: ArticlePublished) -> tuple[str, ...]:
    """The articles that stand for the story of a copy: the first of it, and the one copied."""
    story = event.article.story if event.article else None
    if story is None or story.role != "copy":
        return ()
    others = dict.fromkeys(one for one in (story.id, story.of) if one)
    return tuple(one for one in others if one != event.article_id)


def recipients(
    event: ArticlePublished,
    name: str,
    matched: Set[str],
    told: Mapping[str, Told],
    wants: Wants,
) -> Iterator[Telling]:
    """Whom to tell of an event, each once.

    Whoever was told of the article hears that it was killed or withdrawn, and `article.withdrawn`
    (moved) when an update takes it out of its filter; a kill is told even to those. What was told
    in this revision or a later one is not told again.
    """
    if event.article is None:
        reached = {ident for ident, last in told.items() if name == KILLED or not last.is_gone}
        yield from _not_told(reached, name, "", event.revision, told, wants)
        return
    yield from _not_told(matched, name, "", event.revision, told, wants)
    left = {ident for ident, last in told.items() if not last.is_gone and ident not in matched}
    yield from _not_told(left, WITHDRAWN, MOVED, event.revision, told, wants)


def _not_told(
    subscription_ids: Set[str],
    name: str,
    reason: str,
    revision: int,
    told: Mapping[str, Told],
    wants: Wants,
) -> Iterator[Telling]:
    for ident in subscription_ids:
        last = told.get(ident)
        if (last is None or last.revision < revision) and wants(ident, name):
            yield Telling(ident, name, reason)
