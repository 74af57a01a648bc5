"""The own names of one article among what models, lists and rules find: theirs is the last word."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsman.enrich.entities import cues
from newsman.enrich.entities.mentions import OWN_NAMES, EntityType, Field, Mention
from newsman.enrich.own_names.index import FoundNames

Forbidden = Mapping[str, frozenset[EntityType]]
"""Types that a name never is of, by the letters in which the article has it."""

_KINDS_LAST = (cues.BODIES_END, cues.SITES_END, cues.EVENTS_END)


@dataclass(frozen=True)
class OwnMentions:
    """Mentions of own names: `named` are entities, `hidden` stand for what is never any (their
    type says nothing)."""

    named: tuple[Mention, ...] = ()
    hidden: tuple[Mention, ...] = ()
    forbidden: Forbidden = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the name that an entity is published under."""

    def allows(self, mention: Mention) -> bool:
        """True unless the name is never of the mention's type."""
        return mention.type not in self.forbidden.get(mention.text, ())

    def never(self, kind: EntityType) -> set[str]:
        """The names that are never of a type."""
        return {text for text, kinds in self.forbidden.items() if kind in kinds}

    def applied(self, mentions: Iterable[Mention]) -> list[Mention]:
        """The mentions beside the own names, and those.

        Nothing else stands where an own name does, but for a longer name around it (`_gives_way`).
        """
        if not (self.named or self.hidden or self.forbidden):
            return list(mentions)
        at = _by_place((*self.named, *self.hidden))
        hidden = frozenset(self.hidden)
        under = [(m, _under(m, at)) for m in map(self._unlisted, mentions)]
        given_way = set[Mention]()
        for mention, owns in under:
            if all(_gives_way(own, mention, is_hidden=own in hidden) for own in owns):
                given_way |= owns
        rest = [mention for mention, owns in under if owns <= given_way]
        return [*(own for own in self.named if own not in given_way), *rest]

    def _unlisted(self, mention: Mention) -> Mention:
        """The mention, no longer known for what it never is."""
        if self.allows(mention):
            return mention
        return replace(mention, known=None, identifier=None)


NO_OWN_MENTIONS = OwnMentions()


def own_mentions(found: FoundNames, texts: Mapping[Field, str]) -> OwnMentions:
    """The mentions of what was found, in the article's texts."""
    if not found.names:
        return NO_OWN_MENTIONS
    named, hidden = [], []
    forbidden: dict[str, frozenset[EntityType]] = defaultdict(frozenset)
    for number, where, start, end in found.places:
        own, text = found.names[number], texts[where][start:end]
        mention = Mention(
            where, start, end, text, own.type or "work", OWN_NAMES, own.name, own.identifier
        )
        if own.type is not None:
            named.append(mention)
        elif "anything" in own.never:
            hidden.append(mention)
        else:
            forbidden[text] |= {kind for kind in own.never if kind != "anything"}
    aliases = {own.name: own.aliases for own in found.names if own.type is not None}
    return OwnMentions(tuple(named), tuple(hidden), dict(forbidden), aliases)


def as_called(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions with the own names in place of their aliases, by which people are told apart."""
    return [replace(m, text=m.known) if m.is_own and m.known else m for m in mentions]


def without_hidden(names: Collection[str], own: OwnMentions) -> set[str]:
    """Those of the names that are not hidden, whatever their case."""
    hidden = {mention.text.casefold() for mention in own.hidden}
    return {name for name in names if name.casefold() not in hidden}


def _by_place(mentions: Iterable[Mention]) -> dict[tuple[Field, int], Mention]:
    return {place: mention for mention in mentions for place in _places(mention)}


def _under(mention: Mention, at: Mapping[tuple[Field, int], Mention]) -> set[Mention]:
    """The own names that a mention overlaps."""
    return {at[place] for place in _places(mention) if place in at}


def _places(mention: Mention) -> Iterable[tuple[Field, int]]:
    return ((mention.field, place) for place in range(mention.start, mention.end))


def _gives_way(own: Mention, mention: Mention, *, is_hidden: bool) -> bool:
    """True of a longer name around it that is known, and around a single word of a person's full
    name and of one that says itself what it is: "Halden University". What is hidden gives way to
    any."""
    is_around = mention.start <= own.start and own.end <= mention.end
    if not is_around or len(mention.text) <= len(own.text):
        return False
    if is_hidden or mention.known is not None:
        return True
    says_its_kind = any(kinds.search(mention.text) for kinds in _KINDS_LAST)
    return " " not in own.text and (mention.type == "person" or says_its_kind)
