"""Under which id an article is stored, where an earlier rule of identity gave it another.

An article stays where it is: what is pushed of it later goes there, and its id by the rule of today
leads there. Where two ids of an article were stored as two before, a version goes to both. A push
that names its article by no URI goes to the one that a feed brought under that name.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from newsman.kafka.records import Unprocessable
from newsman.publish.identity.bare_names import (
    AMBIGUOUS,
    NEVER,
    Ambiguous,
    Bearer,
    bare_name,
    bearer_of,
    has_text,
)
from newsman.publish.store.aliases import AliasTable, Places
from newsman.publish.store.bearers import BareNames, BearerTable
from newsman_schemas.article_order import changed_at
from newsman_schemas.article_rules import is_kill
from newsman_schemas.articles import Article, ArticleEnriched, article_id, former_ids
from newsman_schemas.names.identity import canonical_uri, is_uri

PLACES_KEPT = 20_000
_WHICH = (
    "{0} names several articles of the source, from several feeds ({1}); "
    "name the link of the one that is meant as its canonical_url"
)


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


@dataclass
class _Lookup:
    """Knowledge of the ids and names of some versions, which grows with each that is placed;
    `aliases` are the ids that are to lead elsewhere from now on, `bearers` who has which name."""

    places: Places
    bare: BareNames
    aliases: Places = field(default_factory=dict)
    bearers: dict[str, list[Bearer]] = field(default_factory=dict)

    def bear(self, name: str, bearer: Bearer) -> None:
        """Notes that an article has the name from a moment on, unless it had it before."""
        bare = self.bare[name]
        if bare.since(bearer.article_id) <= bearer.since:
            return
        self.bare[name] = bare.with_bearer(bearer)
        self.bearers.setdefault(name, []).append(bearer)


class Identities:
    """Finds the places of versions; remembers those that it has found."""

    def __init__(self, table: AliasTable, bearers: BearerTable) -> None:
        self._table = table
        self._bearers = bearers
        self._places: LRUCache[str, str] = LRUCache(PLACES_KEPT)

    async def placed(
        self, incoming: Sequence[ArticleEnriched]
    ) -> list[list[ArticleEnriched] | Unprocessable]:
        """Each version under the ids that it is to be stored under, mostly its own, after the
        kills and holds that waited for it; or why it is not known where it belongs."""
        names = [_names(event) for event in incoming]
        bare = await self._bearers.note(incoming)
        asked = {name for each in names if each.may_be_stored_elsewhere for name in each.all}
        asked |= {name for each in bare.values() if each.bearers for name in each.ids}
        known = _Lookup(await self._known(asked), bare)
        placed = [
            await self._placed(event, each, known)
            for event, each in zip(incoming, names, strict=True)
        ]
        await self._bearers.add(known.bearers)
        await self._table.add(known.aliases)
        self._places.update(known.places)
        return placed

    async def _placed(
        self, event: ArticleEnriched, names: _Names, known: _Lookup
    ) -> list[ArticleEnriched] | Unprocessable:
        name = bare_name(event.article)
        if name == event.article.id:
            try:
                return await self._meant(event, names, known)
            except Ambiguous as error:
                return Unprocessable(AMBIGUOUS, _WHICH.format(event.article.uri, error))
        if not names.may_be_stored_elsewhere:
            return [event]
        versions = await self._place(event, names, known)
        waited = known.bare[name].holds_on(event.article.id) if name else []
        places = [version.article.id for version in versions]
        return [_under(hold, place, None) for hold in waited for place in places] + versions

    async def _meant(
        self, event: ArticleEnriched, names: _Names, known: _Lookup
    ) -> list[ArticleEnriched]:
        """A push under a name that is no URI, under the ids of what it means."""
        await self._note_what_stands(names.own, known)
        ids: Sequence[str] = known.bare[names.own].meant_by(event)
        if names.own not in ids:
            ids = list(dict.fromkeys(known.places.get(one, one) for one in ids))
            if names.own not in known.places:
                known.aliases[names.own] = known.places[names.own] = ids[0]
        elif has_text(event.article):
            known.bear(names.own, bearer_of(event))
        parent = _parent(names, known.places)
        return [_under(event, ident, parent) for ident in ids]

    async def _note_what_stands(self, name: str, known: _Lookup) -> None:
        """Adds an article that was stored under a name before bearers were noted to its bearers."""
        bare = known.bare[name]
        if not bare.bearers or bare.since(name) < NEVER or known.places.get(name) != name:
            return
        head = await self._table.head(name)
        if head is not None and has_text(head):
            known.bear(name, Bearer(name, changed_at(head)))

    async def _place(
        self, event: ArticleEnriched, names: _Names, known: _Lookup
    ) -> list[ArticleEnriched]:
        """Places one version, and adds what is known of its ids from then on."""
        ids = await self._ids(event, names, known)
        # Its id of today, and that of its letters, are to lead to it.
        leading = (names.own, *(names.others[:1] if names.is_sure else ()))
        new = dict.fromkeys([name for name in leading if name not in known.places], ids[0])
        known.aliases.update({name: place for name, place in new.items() if name != place})
        known.places.update({ids[0]: ids[0], **new})
        parent = _parent(names, known.places)
        return [_under(event, ident, parent) for ident in ids]

    async def _known(self, names: Collection[str]) -> Places:
        """Where each of the ids leads, of those that lead anywhere."""
        known = {name: self._places[name] for name in names if name in self._places}
        known |= await self._table.places([name for name in names if name not in known])
        return known

    async def _ids(self, event: ArticleEnriched, names: _Names, known: _Lookup) -> list[str]:
        places = [known.places[names.own]] if names.own in known.places else []
        if names.is_sure:
            places += [known.places[name] for name in names.others if name in known.places]
        elif not places:
            # A name that leads to another article was pushed under; nothing is stored there.
            stored = [name for name in names.others if known.places.get(name) == name]
            places += [name for name in stored if await self._is_of(event.article, name, known)]
        # A version of the earlier rule has its own place, whatever stands beside it.
        ids = list(dict.fromkeys(places)) or [names.own]
        return ids if event.former_ids else ids[:1]

    async def _is_of(self, article: Article, place: str, known: _Lookup) -> bool:
        """True if what is stored there is the same story: one link, else one headline; or if it
        was pushed later than this, and so meant it."""
        if known.bare[place].came_after(article.id):
            return True
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
