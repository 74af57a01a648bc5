"""From mentions to entities: each person, place and organisation once, with all its mentions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from newsman.enrich.entities.entity import describe
from newsman.enrich.entities.events import find_occasions
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import EntityType, Field, Mention, in_small_letters
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.repeats import METHOD as REPEATED
from newsman.enrich.entities.repeats import repeats, worth_repeating
from newsman.enrich.entities.same_person import Person, known_people, person_of
from newsman.enrich.entities.spelled_out import find_acronyms, find_spelled_out
from newsman.enrich.entities.trim_spans import names_in
from newsman.enrich.entities.type_votes import settled
from newsman.enrich.entities.works import find_titles
from newsman_schemas.articles import Entity

MAX_ENTITIES = 100


def merge(
    mentions: Sequence[Mention],
    texts: dict[Field, str],
    gazetteer: Gazetteer,
    names: Names,
) -> tuple[Entity, ...]:
    """The entities, those with most mentions first; every mention belongs to one of them."""
    chosen = _mentions(mentions, texts, gazetteer, names)
    people = known_people([m for m in chosen if m.type == "person"])
    chosen += repeats(people, worth_repeating(chosen, texts.values()), texts, chosen)
    groups: dict[tuple[EntityType, str], list[Mention]] = defaultdict(list)
    acronyms = _acronyms(chosen)
    for mention in chosen:
        name, kind = _identity(mention, people, acronyms)
        groups[kind, name].append(mention)
    most = max(map(len, groups.values()), default=1)
    entities = [
        describe(
            name, kind, group, most_mentions=most, known_as=gazetteer.other_names.get(name, ())
        )
        for (kind, name), group in groups.items()
    ]
    entities.sort(key=lambda entity: (-entity.mentions, entity.name))
    return tuple(_one_per_slug(entities)[:MAX_ENTITIES])


def _one_per_slug(entities: list[Entity]) -> list[Entity]:
    by_slug: dict[str, Entity] = {}
    for entity in entities:
        by_slug.setdefault(entity.slug, entity)
    return list(by_slug.values())


def _mentions(
    mentions: Sequence[Mention], texts: dict[Field, str], gazetteer: Gazetteer, names: Names
) -> list[Mention]:
    """Names that do not overlap, each with its type in this article."""
    raw = list(mentions)
    for field, text in texts.items():
        raw += find_spelled_out(field, text, names)
    cleaned = [name for m in raw for name in names_in(m, texts[m.field], gazetteer, names)]
    certain = [*find_occasions(texts, names), *find_titles(texts, names)]
    chosen = _without_overlaps([*(_looked_up(mention, gazetteer) for mention in cleaned), *certain])
    for mention in tuple(chosen):
        if mention.type == "organisation":
            chosen += find_acronyms(mention.field, texts[mention.field], mention)
    return settled(_without_overlaps(chosen), texts, gazetteer, names)


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


def _identity(
    mention: Mention, people: Sequence[Person], acronyms: dict[str, str]
) -> tuple[str, EntityType]:
    if mention.known:
        return mention.known, mention.type
    shown = mention.text
    if mention.method == REPEATED and shown.isupper():
        shown = in_small_letters(shown)
    if mention.type == "person":
        person = person_of(shown, people)
        return (person.name if person else shown), "person"
    if mention.type == "organisation":
        return acronyms.get(mention.text, mention.text), mention.type
    return shown, mention.type
