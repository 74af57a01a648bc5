"""Update chains: what an article takes the place of, and what it descends from.

A link is an article's own word: its newest version's `evolved_from`. All else follows from the
links, whatever the order in which they came.
"""

from dataclasses import dataclass

from newsman.publish.state import State
from newsman_schemas.article_rules import Status, parent_of
from newsman_schemas.articles import EnrichedArticle, PubStatus

MOST_ANCESTORS = 500
"""A chain is known whole up to here; of a longer one the first and the nearest are."""


@dataclass(frozen=True)
class Chain:
    """The uris that an article descends from, the oldest first, and the first of all."""

    ancestors: tuple[str, ...] = ()
    original_id: str | None = None


def takes_place(state: State) -> bool:
    """True if readers have this article in the place of the one it evolved from.

    Once it was released it stays in that place, also when it was killed or has expired: what it
    replaced was out of date. One that is withheld or under embargo does not, and one that was
    killed before its embargo was over never did.
    """
    head = state.head
    if head is None or head.pubstatus is PubStatus.WITHHELD:
        return False
    if state.status is not Status.KILLED:
        return state.status in (Status.PUBLISHED, Status.EXPIRED)
    assert state.kill is not None, "what is killed has a kill"
    return not head.embargoed_until or head.embargoed_until <= state.kill.version_created


def descended(article: EnrichedArticle, parent: Chain | None) -> Chain:
    """The chain of an article below its parent's; by its own word where that is not known."""
    original = article.original_id if article.original_id != article.uri else None
    if parent_of(article) is None:
        return _bounded(article.ancestors, original)
    assert article.evolved_from is not None, "who has a parent evolved from it"
    if parent is None:
        ancestors = tuple(uri for uri in article.ancestors if uri != article.evolved_from)
        return _bounded((*ancestors, article.evolved_from), original)
    return _bounded((*parent.ancestors, article.evolved_from), parent.original_id)


def first_of(circle: tuple[str, ...]) -> str:
    """The article that counts as the first where links go round in a circle."""
    return min(circle)


def _bounded(ancestors: tuple[str, ...], original: str | None) -> Chain:
    first = original or (ancestors[0] if ancestors else None)
    return Chain(ancestors[-MOST_ANCESTORS:], first)
