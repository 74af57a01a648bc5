"""From mentions to entities: each person, place and organisation once, with all its mentions."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from newsman.enrich.gazetteer import Gazetteer
from newsman.enrich.mentions import EntityType, Field, Mention, in_small_letters
from newsman.enrich.people import Person, family_name, known_people, person_of, without_titles
from newsman.slugs import slugify
from newsman_schemas.articles import Entity, Span

CONFIDENCE_KNOWN = 0.95
CONFIDENCE_REPEATED = 0.85
CONFIDENCE_ONCE = 0.65
MAX_ENTITIES = 100
MAX_SPANS = 200
MAX_NAME_CHARACTERS = 100

_SITES = re.compile(
    r"\b(?:Square|Palace|Street|Avenue|Road|Airport|Stadium|Arena|Bridge|Tower|Park|Station|Port|"
    r"Harbou?r|Castle|Plaza|Boulevard|Island|Islands|River|Lake|Mount|Mountain|Bay|Valley|Beach|"
    r"Canal|Gate|Hall)$"
)
_BODIES = re.compile(
    r"\b(?:University|Institute|Hospital|Museum|Ministry|Committee|Commission|Council|Party|Bank|"
    r"Association|Federation|Union|Agency|Authority|Court|College|School|Foundation|Group|Inc\.?|"
    r"Ltd\.?|Corp\.?|GmbH|FC|United FC|Orchestra|Theatre|Library|Church|Police|Army|Navy)$"
)
_LEADING = re.compile(r"^(?:[Tt]he|[Aa]n?|[a-z]|[“\"'‘(])\s+|^[“\"'‘(]+")
_TRAILING = re.compile(r"(?:['’]s?|[\s,.;:!?”\"’)]+)$")
_NOT_ENTITIES = frozenset(
    "west east north south monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december covid-19 "
    "internet god earth english french german spanish chinese russian breaking update live "
    "exclusive watch read photo video".split()
)


def merge(
    mentions: Sequence[Mention], texts: dict[Field, str], gazetteer: Gazetteer
) -> tuple[Entity, ...]:
    """The entities, those with most mentions first; every mention belongs to one of them."""
    cleaned = [clean for mention in mentions if (clean := _clean(mention, gazetteer))]
    chosen = _as_people(_without_overlaps(cleaned), gazetteer)
    people = known_people([m for m in chosen if m.type == "person"])
    chosen += _unseen(people, texts, chosen)
    groups: dict[tuple[EntityType, str], list[Mention]] = defaultdict(list)
    acronyms = _acronyms(chosen)
    types = _settled_types(chosen, people)
    for mention in chosen:
        name, kind = _identity(mention, people, acronyms, types)
        groups[kind, name].append(mention)
    entities = [_entity(name, kind, found) for (kind, name), found in groups.items()]
    entities.sort(key=lambda entity: (-entity.mentions, entity.name))
    return tuple(_one_per_slug(entities)[:MAX_ENTITIES])


def _clean(mention: Mention, gazetteer: Gazetteer) -> Mention | None:
    mention = _stripped(mention)
    if mention.type == "person":
        mention = mention.trimmed(without_titles(mention.text), 0)
    text = mention.text
    if not _could_be_a_name(text) or text in gazetteer.demonyms:
        return None
    if mention.known is None and (known := gazetteer.get(text)):
        return replace(mention, type=known.type, known=known.name, identifier=known.identifier)
    if len(text.split()) > 1 and _SITES.search(text):
        return replace(mention, type="place")
    if mention.type != "place" and len(text.split()) > 1 and _BODIES.search(text):
        return replace(mention, type="organisation")
    return mention


def _could_be_a_name(text: str) -> bool:
    if not 2 <= len(text) <= MAX_NAME_CHARACTERS or "\n" in text:
        return False
    return text.lower() not in _NOT_ENTITIES and (text[0].isupper() or text[0].isdigit())


def _stripped(mention: Mention) -> Mention:
    if " (" in mention.text:  # "World Health Organization (WHO"
        mention = mention.trimmed(0, len(mention.text) - mention.text.index(" ("))
    while match := _LEADING.match(mention.text):
        mention = mention.trimmed(match.end(), 0)
    while match := _TRAILING.search(mention.text):
        if mention.text.endswith(".") and mention.text.count(".") > 1:
            break  # U.S.
        mention = mention.trimmed(0, len(mention.text) - match.start())
    return mention


def _as_people(mentions: Sequence[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Names that the text itself uses as people's: "Eva Berglund", and then "Berglund" alone."""
    alone = {m.text for m in mentions if m.known is None and len(m.text.split()) == 1}
    full = {
        m.text
        for m in mentions
        if m.known is None
        and _looks_like_a_person(m.text, gazetteer)
        and m.text.split()[-1] in alone
    }
    family = {name.split()[-1] for name in full}
    return [replace(m, type="person") if m.text in full | family else m for m in mentions]


def _looks_like_a_person(text: str, gazetteer: Gazetteer) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 3 or _SITES.search(text) or _BODIES.search(text):
        return False
    if any(gazetteer.get(word) or word in gazetteer.demonyms for word in words):
        return False
    return all(word[0].isupper() and not word.isupper() and word.isalpha() for word in words)


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


def _unseen(
    people: Sequence[Person], texts: dict[Field, str], seen: Sequence[Mention]
) -> list[Mention]:
    """Mentions of known people that the finder overlooked."""
    names = {person.name for person in people} | {family_name(p.words) for p in people}
    if not names:
        return []
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])")
    occupied = {(m.field, place) for m in seen for place in range(m.start, m.end)}
    found = []
    for field, text in texts.items():
        shown = in_small_letters(text) if text.isupper() else text
        for match in pattern.finditer(shown):
            if not any((field, place) in occupied for place in range(*match.span())):
                surface = text[match.start() : match.end()]
                found.append(Mention(field, *match.span(), surface, "person", "name repeated"))
    return found


def _acronyms(mentions: Sequence[Mention]) -> dict[str, str]:
    """Acronym -> full name, for organisations that the article itself spells out."""
    full = {m.text for m in mentions if m.type == "organisation" and len(m.text.split()) > 1}
    return {_initials(name): name for name in sorted(full)}


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())


def _settled_types(mentions: Sequence[Mention], people: Sequence[Person]) -> dict[str, EntityType]:
    """One type per spelling: a known person's name first, then what most mentions say."""
    votes: dict[str, Counter[EntityType]] = defaultdict(Counter)
    for mention in mentions:
        votes[mention.text][mention.type] += 100 if mention.known else 1
    settled = {text: kinds.most_common(1)[0][0] for text, kinds in votes.items()}
    for mention in mentions:
        if mention.known is None and mention.type != "place" and person_of(mention.text, people):
            settled[mention.text] = "person"
    return settled


def _identity(
    mention: Mention,
    people: Sequence[Person],
    acronyms: dict[str, str],
    types: dict[str, EntityType],
) -> tuple[str, EntityType]:
    if mention.known:
        return mention.known, mention.type
    kind = types.get(mention.text, mention.type)
    if mention.method == "name repeated":
        shown = in_small_letters(mention.text) if mention.text.isupper() else mention.text
        person = person_of(shown, people)
        return (person.name if person else shown), "person"
    if kind == "person" and (person := person_of(mention.text, people)):
        return person.name, "person"
    if kind == "organisation":
        return acronyms.get(mention.text, mention.text), kind
    return mention.text, kind


def _entity(name: str, kind: EntityType, mentions: list[Mention]) -> Entity:
    known = next((m for m in mentions if m.known), None)
    repeated = CONFIDENCE_REPEATED if len(mentions) > 1 else CONFIDENCE_ONCE
    identifier = known.identifier if known else None
    return Entity(
        name=name,
        slug=slugify(name) or "unnamed",
        type=kind,
        mentions=len(mentions),
        confidence=CONFIDENCE_KNOWN if known else repeated,
        method=(known or mentions[0]).method,
        identifier=identifier.partition(":")[2] if identifier else None,
        scheme=identifier.partition(":")[0] if identifier else None,
        evidence=tuple(
            Span(field=m.field, start=m.start, end=m.end)
            for m in sorted(mentions, key=lambda m: (m.field != "headline", m.start))[:MAX_SPANS]
        ),
    )


def _one_per_slug(entities: list[Entity]) -> list[Entity]:
    kept: dict[str, Entity] = {}
    for entity in entities:
        kept.setdefault(entity.slug, entity)
    return list(kept.values())
