"""From mentions to entities: each person, place and organisation once, with all its mentions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from newsman.enrich.entities.entity import describe
from newsman.enrich.entities.events import find_occasions
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import (
    OWN_NAMES,
    EntityType,
    Field,
    Mention,
    in_small_letters,
)
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.repeats import METHOD as REPEATED
from newsman.enrich.entities.repeats import repeats, worth_repeating
from newsman.enrich.entities.same_person import People, Person, known_people, with_particles
from newsman.enrich.entities.spelled_out import find_acronyms, find_spelled_out
from newsman.enrich.entities.titled import find_titled, titled_words
from newsman.enrich.entities.trim_spans import names_in
from newsman.enrich.entities.type_votes import settled
from newsman.enrich.entities.works import find_titles
from newsman.enrich.identity.place_identifiers import with_certain_identifiers
from newsman.enrich.identity.same_body import same_bodies
from newsman.enrich.identity.score_lines import find_teams
from newsman.enrich.identity.short_bodies import as_bodies, short_bodies
from newsman.enrich.identity.states import find_states
from newsman.enrich.own_names.in_text import NO_OWN_MENTIONS, OwnMentions, as_called
from newsman.enrich.text.datelines import find_dateline
from newsman_schemas.articles import Entity

MAX_ENTITIES = 100
DATELINE = "dateline 1"


def merge(
    mentions: Sequence[Mention],
    texts: dict[Field, str],
    gazetteer: Gazetteer,
    names: Names,
    own: OwnMentions = NO_OWN_MENTIONS,
) -> tuple[Entity, ...]:
    """The entities, those with most mentions first; every mention belongs to one of them."""
    titled = frozenset().union(*map(titled_words, texts.values()))
    chosen = _mentions(mentions, texts, gazetteer, names, titled, own)
    people = known_people([m for m in as_called(chosen) if m.type == "person"], titled)
    chosen = _without_overlaps(with_particles(chosen, people, texts))
    called = {word for person in people for word in person.name.split()}
    shorts = short_bodies(chosen, gazetteer, names, called | own.never("organisation"))
    wanted = worth_repeating(chosen, texts.values()) | dict.fromkeys(shorts, "organisation")
    again = repeats(people, wanted, texts, [*chosen, *own.hidden])
    chosen = as_bodies([*chosen, *filter(own.allows, again)], shorts, texts, gazetteer)
    chosen = with_certain_identifiers(chosen, texts, gazetteer, names)
    groups = _groups(chosen, people, gazetteer)
    most = max(map(len, groups.values()), default=1)
    entities = [
        describe(
            name,
            kind,
            group,
            most_mentions=most,
            known_as=own.aliases.get(name) or gazetteer.other_names.get(name, ()),
        )
        for (kind, name), group in groups.items()
    ]
    entities.sort(key=lambda entity: (entity.method != OWN_NAMES, -(entity.salience or 0.0)))
    kept = _one_per_slug(entities)[:MAX_ENTITIES]
    kept.sort(key=lambda entity: -entity.mentions)
    return tuple(kept)


def _groups(
    mentions: Sequence[Mention], people: Sequence[Person], gazetteer: Gazetteer
) -> dict[tuple[EntityType, str], list[Mention]]:
    """The mentions of each entity, by its type and name."""
    acronyms = _acronyms(as_called(mentions))
    known = People(people)
    identities = [_identity(mention, known, acronyms) for mention in mentions]
    bodies = {name for name, kind in identities if kind == "organisation"}
    longer = same_bodies(bodies, gazetteer.demonyms)
    for mention in mentions:
        if mention.is_own:
            longer.pop(mention.known or "", None)
    groups: dict[tuple[EntityType, str], list[Mention]] = defaultdict(list)
    for mention, (name, kind) in zip(mentions, identities, strict=True):
        groups[kind, longer.get(name, name) if kind == "organisation" else name].append(mention)
    return groups


def _one_per_slug(entities: list[Entity]) -> list[Entity]:
    by_slug: dict[str, Entity] = {}
    for entity in entities:
        by_slug.setdefault(entity.slug, entity)
    return list(by_slug.values())


def _mentions(
    mentions: Sequence[Mention],
    texts: dict[Field, str],
    gazetteer: Gazetteer,
    names: Names,
    titled: frozenset[str],
    own: OwnMentions,
) -> list[Mention]:
    """Names that do not overlap, each with its type in this article."""
    raw = list(mentions)
    for field, text in texts.items():
        raw += [*find_spelled_out(field, text, names), *find_titled(field, text)]
    cleaned = [name for m in raw for name in names_in(m, texts, gazetteer, names)]
    certain = [*find_occasions(texts, names), *find_titles(texts, names)]
    teams = [m for f, text in texts.items() for m in find_teams(f, text, gazetteer, names)]
    for field, text in texts.items():
        certain += find_states(field, text)
    # What a score line holds is a team, though a city is called so.
    found = [*teams, *(_looked_up(mention, gazetteer) for mention in cleaned), *certain]
    found = _with_dateline(found, texts["body_text"], gazetteer)
    chosen = _without_overlaps(own.applied(found))
    for mention in tuple(chosen):
        if mention.type == "organisation":
            chosen += find_acronyms(mention.field, texts[mention.field], mention)
    return settled(_without_overlaps(chosen), texts, gazetteer, names, titled, own.forbidden)


def _with_dateline(mentions: Sequence[Mention], text: str, gazetteer: Gazetteer) -> list[Mention]:
    """The mentions, of those in a dateline only its place and known places behind that."""
    dateline = find_dateline(text)
    if dateline is None:
        return list(mentions)
    start, end = dateline.place
    written = text[start:end]
    name = in_small_letters(written) if written.isupper() else written
    entry = gazetteer.get(name)
    is_place = entry is not None and entry.type == "place"
    known, identifier = (entry.name, entry.identifier) if entry and is_place else (name, None)
    place = Mention(
        "body_text", start, end, written, "place", DATELINE, known, identifier, is_listed=is_place
    )
    rest = range(*dateline.rest)
    return [place] * bool(written) + [
        m
        for m in mentions
        if m.field != "body_text"
        or m.start >= dateline.end
        or m.end <= dateline.start
        or (m.known and m.type == "place" and m.start in rest)
    ]


def _looked_up(mention: Mention, gazetteer: Gazetteer) -> Mention:
    text = mention.text
    if text.isupper() and len(text) > 3 and text.isalpha():  # a dateline: OSLO
        text = text.title()
    if mention.known is None and (entry := gazetteer.get(text)):
        return replace(mention, type=entry.type, known=entry.name, identifier=entry.identifier)
    return mention


def _without_overlaps(mentions: Sequence[Mention]) -> list[Mention]:
    """Of mentions that overlap the longest stays; of equally long ones the known one."""
    taken: list[Mention] = []
    occupied: dict[Field, set[int]] = {"headline": set(), "body_text": set()}
    ranked = sorted(mentions, key=lambda m: (-(m.end - m.start), m.known is None, m.start))
    for mention in ranked:
        places = range(mention.start, mention.end)
        if not occupied[mention.field].intersection(places):
            occupied[mention.field].update(places)
            taken.append(mention)
    # The headline first, and then as the text goes.
    return sorted(taken, key=lambda m: (m.field != "headline", m.start))


def _acronyms(mentions: Sequence[Mention]) -> dict[str, str]:
    """Acronym -> full name, for organisations that the article itself spells out."""
    full = {m.text for m in mentions if m.type == "organisation" and len(m.text.split()) > 1}
    return {_initials(name): name for name in sorted(full)}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _identity(mention: Mention, people: People, acronyms: dict[str, str]) -> tuple[str, EntityType]:
    if mention.known:
        return mention.known, mention.type
    shown = mention.text
    if mention.method == REPEATED and shown.isupper():
        shown = in_small_letters(shown)
    if mention.type == "person":
        person = people.find(shown)
        return (person.name if person else shown), "person"
    if mention.type == "organisation":
        return acronyms.get(mention.text, mention.text), mention.type
    return shown, mention.type
