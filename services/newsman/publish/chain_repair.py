"""Bringing chains in line: what follows from an article's link, in itself and in its relations.

Articles of a chain may be worked on by different processes at once. So every step writes what
follows from what it has read, reads that again, and goes on until it is the same: whoever was
last to change something also sees to what follows from it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from newsman.publish.chains import Chain, descended, first_of, takes_place
from newsman.publish.store.article_store import ArticleStore
from newsman.publish.store.records import StoredState
from newsman_schemas.article_rules import parent_of
from newsman_schemas.articles import EnrichedArticle
from newsman_schemas.names.identity import canonical_uri


@dataclass(frozen=True)
class _Link:
    """The relations of an article whose place follows from it, and its children."""

    relations: frozenset[str]
    children: tuple[str, ...]


class ChainLinker:
    """Works on the store of one process."""

    def __init__(self, store: ArticleStore) -> None:
        self._store = store

    async def settle(self, seen: Mapping[str, StoredState]) -> dict[str, StoredState]:
        """Makes all that follows from several articles true, and answers how they then stand."""
        placed = await self._place(seen)
        linked = [ident for ident, loaded in placed.items() if not _stands_alone(loaded)]
        settled = await asyncio.gather(*(self._settle(ident, placed[ident]) for ident in linked))
        return {**placed, **dict(zip(linked, settled, strict=True))}

    async def _settle(self, article_id: str, seen: StoredState) -> StoredState:
        if not _is_linked(seen):
            await self._store.set_chain(article_id, _own(seen))
            return await self._store.load(article_id)
        line, done = [article_id], set()
        while line:
            member = line.pop()
            if member not in done:
                done.add(member)
                line += await self._link(member)
        return await self._store.load(article_id)

    async def _place(self, seen: Mapping[str, StoredState]) -> dict[str, StoredState]:
        placed = dict(seen)
        left: Mapping[str, StoredState] = seen
        while moved := await self._store.place_all(left):
            left = await self._store.load_all(moved)
            placed |= left
        return placed

    async def _link(self, article_id: str) -> list[str]:
        """Registers an article with its parent and derives its chain; answers its children."""
        while (link := await self._link_once(article_id)) is None:
            pass
        for relation in link.relations:
            await self._place({relation: await self._store.load(relation)})
        return list(link.children)

    async def _link_once(self, article_id: str) -> _Link | None:
        """Registers and derives once; None where the article or its parent changed meanwhile."""
        seen = await self._store.load(article_id)
        parent = parent_of(seen.spoken)
        # Registered before the parent is read, so that a parent that changes afterwards
        # finds its child.
        others, flag = seen.parents - {parent}, takes_place(seen.state)
        await self._store.set_parent(article_id, parent, others, takes_place=flag)
        above = await self._store.chain_of(parent) if parent else None
        chain, is_cut = await self._chain(seen, above)
        if is_cut:
            await self._store.set_parent(article_id, parent, others, takes_place=False)
        if chain != seen.chain:
            await self._store.set_chain(article_id, chain)
        again = await self._store.load(article_id)
        if (again.state.token, again.chain) != (seen.state.token, chain):
            return None
        if parent is not None and await self._store.chain_of(parent) != above:
            return None
        return _Link(others | ({parent} if parent else set()), tuple(again.children or ()))

    async def _chain(self, seen: StoredState, above: Chain | None) -> tuple[Chain, bool]:
        """The chain above an article, and true if its own link is cut since links that go round
        in a circle begin with it."""
        head = seen.spoken
        if head is None:
            return Chain(), False
        chain = descended(head, above)
        if canonical_uri(head.uri) not in map(canonical_uri, chain.ancestors):
            return chain, False
        circle = await self._circle(head)
        if circle and first_of(tuple(member.id for member in circle)) == head.id:
            return Chain(), True
        up = circle[1:]
        ids = [member.id for member in up]
        first = ids.index(min(ids)) if ids else 0
        uris = tuple(member.uri for member in reversed(up[: first + 1]))
        return Chain(uris, uris[0] if uris else None), False

    async def _circle(self, head: EnrichedArticle) -> list[EnrichedArticle]:
        """The articles through which the links lead back to this one, upwards from it."""
        above = [head]
        while parent := parent_of(above[-1]):
            ancestor = (await self._store.load(parent)).spoken
            if ancestor is None or (ancestor.id != head.id and ancestor in above):
                break
            if ancestor.id == head.id:
                return above
            above.append(ancestor)
        return []


def _stands_alone(seen: StoredState) -> bool:
    return not _is_linked(seen) and seen.chain == _own(seen)


def _is_linked(seen: StoredState) -> bool:
    return bool(seen.parents or seen.children or parent_of(seen.spoken))


def _own(seen: StoredState) -> Chain:
    return descended(seen.spoken, None) if seen.spoken else Chain()
