"""Copies of articles inside of others: what holds them, and who has to be looked at again.

An article is registered with all that it has copies of before their holds are read. So one that
is held afterwards finds it.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from newsman.publish.state import State
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.records import StoredState
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.copies import copied_ids

AT_ONCE = 200


class CopyReviews:
    """Works on the store of one process."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store

    async def with_holds(
        self, loaded: Mapping[str, StoredState], incoming: Mapping[str, EnrichedArticle | None]
    ) -> dict[str, State]:
        """The states of articles, with the holds on what they and their incoming versions copy."""
        states = {article_id: stored.state for article_id, stored in loaded.items()}
        copied = _all_copied(states, incoming)
        if not copied:
            return states
        await asyncio.gather(*(self._store.add_copier(*pair) for pair in copied.items()))
        holds = await self._store.holds_on({one for ids in copied.values() for one in ids})
        return states | {
            article_id: replace(
                states[article_id], holds={one: holds[one] for one in ids if one in holds}
            )
            for article_id, ids in copied.items()
        }

    async def to_review(self, settled: Mapping[str, StoredState]) -> Iterator[tuple[str, ...]]:
        """The articles that have copies of what was held or released, in parts."""
        changed = [article_id for article_id, stored in settled.items() if _may_change(stored)]
        copiers = await self._store.copiers_of(changed) if changed else []
        return (tuple(copiers[at : at + AT_ONCE]) for at in range(0, len(copiers), AT_ONCE))


def _all_copied(
    states: Mapping[str, State], incoming: Mapping[str, EnrichedArticle | None]
) -> dict[str, set[str]]:
    """The ids that each article or its incoming version copies, of those that copy any."""
    copied = {
        article_id: _copied(state, incoming.get(article_id)) for article_id, state in states.items()
    }
    return {article_id: ids for article_id, ids in copied.items() if ids}


def _copied(state: State, incoming: EnrichedArticle | None) -> set[str]:
    versions: Iterable[EnrichedArticle | None] = (
        incoming,
        *(version.article for version in state.line),
    )
    return {one for article in versions if article is not None for one in copied_ids(article)}


def _may_change(stored: StoredState) -> bool:
    """True if copies of the article may have to go or to come back.

    Also where that was done: whoever wrote the article may have died before.
    """
    if stored.hold is not None:
        return True
    state = stored.state
    is_let_out = state.last_action == "published" or state.head_keeps_earlier
    return bool(stored.pending) and is_let_out and state.token > 1
