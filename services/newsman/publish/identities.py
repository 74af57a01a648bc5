"""Under which id an article is stored, where an earlier rule of identity gave it another.

An article stays where it is: what is pushed of it later goes there, and its id by the rule of today
leads there. Where two ids of an article were stored as two before, a version goes to both.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cachetools import LRUCache

from newsman.publish.store.aliases import AliasTable, Places
from newsman_schemas.article_rules import is_kill
from newsman_schemas.articles import Article, ArticleEnriched, article_id, former_ids
from newsman_schemas.identity import canonical_uri, is_uri

PLACES_KEPT = 20_000


@dataclass(frozen=True)
class _Names:
    """The ids that a version may belong under, the first its own, and those of its parent.

    `is_sure` is false where a former id may be that of another story: a guid that is no URI was
    the same in all feeds of a source.
    """

    own: str
    others: tuple[str, ...]
    parent: tuple[str, ...]
    is_sure: bool

    @property
    def may_be_stored_elsewhere(self) -> bool:
        return bool(self.others or len(self.parent) > 1)

    @property
    def all(self) -> tuple[str, ...]:
        return (self.own, *self.others, *self.parent)


class Identities:
    """Finds the places of versions; remembers those that it has found."""

    def __init__(self, table: AliasTable) -> None:
        self._table = table
        self._places: LRUCache[str, str] = LRUCache(PLACES_KEPT)

    async def placed(self, incoming: Sequence[ArticleEnriched]) -> list[list[ArticleEnriched]]:
        """Each version under the ids that it is to be stored under, mostly its own."""
        names = [_names(event) for event in incoming]
        asked = {name for each in names if each.may_be_stored_elsewhere for name in each.all}
        known, aliases = await self._known(asked), Places()
        placed = [
            await self._place(event, each, known, aliases)
            if each.may_be_stored_elsewhere
            else [event]
            for event, each in zip(incoming, names, strict=True)
        ]
        await self._table.add(aliases)
        self._places.update(known)
        return placed

    async def _place(
        self, event: ArticleEnriched, names: _Names, known: Places, aliases: Places
    ) -> list[ArticleEnriched]:
        """Places one version, and adds what is known of its ids from then on."""
        ids = await self._ids(event, names, known)
        # Its id of today, and that of its letters, are to lead to it.
        leading = (names.own, *(names.others[:1] if names.is_sure else ()))
        new = dict.fromkeys([name for name in leading if name not in known], ids[0])
        aliases.update({name: place for name, place in new.items() if name != place})
        known.update({ids[0]: ids[0], **new})
        parent = _parent(names, known)
        return [_under(event, ident, parent) for ident in ids]

    async def _known(self, names: Collection[str]) -> Places:
        """Where each of the ids leads, of those that lead anywhere."""
        known = {name: self._places[name] for name in names if name in self._places}
        known |= await self._table.places([name for name in names if name not in known])
        return known

    async def _ids(self, event: ArticleEnriched, names: _Names, known: Places) -> list[str]:
        places = [known[names.own]] if names.own in known else []
        if names.is_sure:
            places += [known[name] for name in names.others if name in known]
        elif not places:
            places += [
                known[name]
                for name in names.others
                if name in known and await self._is_of(event.article, known[name])
            ]
        # A version of the earlier rule has its own place, whatever stands beside it.
        ids = list(dict.fromkeys(places)) or [names.own]
        return ids if event.former_ids else ids[:1]

    async def _is_of(self, article: Article, place: str) -> bool:
        """True if what is stored there is the same story: one link, else one headline."""
        stored = await self._table.head(place)
        if stored is None or is_kill(article):
            return stored is not None
        links = [stored.canonical_url, article.canonical_url]
        if all(links):
            return len({canonical_uri(link) for link in links if link}) == 1
        return stored.headline == article.headline


def _names(event: ArticleEnriched) -> _Names:
    article = event.article
    is_sure = is_uri(article.uri)
    others = event.former_ids
    if is_sure and not others:
        today = article_id(article.source, article.uri)
        others = (today,) if today != article.id else ()
    return _Names(article.id, others, _parent_names(article), is_sure)


def _parent_names(article: Article) -> tuple[str, ...]:
    uri = article.evolved_from
    if not uri or uri == article.uri:
        return ()
    return (article_id(article.source, uri), *former_ids(article.source, uri))


def _parent(names: _Names, known: Places) -> str | None:
    place = next((known[name] for name in names.parent if name in known), None)
    return place if names.parent and place != names.parent[0] else None


def _under(event: ArticleEnriched, ident: str, parent: str | None) -> ArticleEnriched:
    if ident == event.article.id and parent is None:
        return event
    fields = {"id": ident, "evolved_from_id": parent}
    return event.model_copy(update={"article": event.article.model_copy(update=fields)})
