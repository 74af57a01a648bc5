"""Votes on the type of a name, by all that the article and our lists say: one type per spelling."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from newsman.enrich.entities import cues
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import EntityType, Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.same_person import family_name
from newsman.enrich.text.sentences import begins_after

MODEL_WEIGHT = 2.0
NEIGHBOURS_AT_MOST = 4.0
NEIGHBOURHOOD = 80
CERTAIN = 100.0
SURNAME = 6.0
_SHIRE = re.compile(r"[A-Z][a-z]{2,}(?:shire|side)")
"""Counties and riversides: Lancashire, Merseyside."""
CITY, CITY_OR_PERSON = 2.0, 1.0
PLACE_ALL_THE_SAME = 1.0
"""Votes of neighbours that make a mention of a known place one, though a person is called so."""
UNKNOWN_ALL_THE_SAME = 2.0
"""As above, for a name that is on no list."""
_PERSON_WEIGHTS = {1: 1.0, 2: 2.5, 3: 2.5, 4: 2.5}
"""Weights of a first name by the number of words in the name."""

Votes = defaultdict[EntityType, float]


def settled(
    mentions: Sequence[Mention],
    texts: Mapping[Field, str],
    gazetteer: Gazetteer,
    names: Names,
    titled: Collection[str] = frozenset(),
    forbidden: Mapping[str, Collection[EntityType]] = MappingProxyType({}),
) -> list[Mention]:
    """The mentions with the type that most speaks for, the same for each spelling but for the names
    by which people are called; `titled` are those behind a title, `forbidden` the types that a
    spelling never has. One for which nothing but such a type speaks is left out."""
    by_spelling: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_spelling[mention.text].append(mention)
    votes = {
        text: ballot
        for text, group in by_spelling.items()
        if (ballot := _allowed(_votes(text, group, texts, gazetteer, names), forbidden.get(text)))
    }
    never = _never_people(forbidden)
    for text in _surnames_of_places(votes, titled):
        votes[text]["person"] += SURNAME
    listed = _listed(mentions, names)
    families = _families(votes, titled) - never
    called = families | (_first_names(votes) - listed - never)
    several = _several_of(_family_names(votes, titled), votes.keys() - listed)
    kept = votes.keys() - (_doubtful(by_spelling, texts, votes) - families) - several
    typed = map(_typed(votes), (m for m in mentions if m.text in kept))
    return [_as_namesake(m, texts[m.field], gazetteer, called) for m in typed]


def _surnames_of_places(votes: Collection[str], titled: Collection[str]) -> list[str]:
    """The names that end like places in a word that the text has behind a title: Austin Field,
    where it has Mr Field."""
    return [t for t in votes if t.split()[-1] in titled and cues.SITES_END.search(t)]


def _never_people(forbidden: Mapping[str, Collection[EntityType]]) -> set[str]:
    return {text for text, kinds in forbidden.items() if "person" in kinds}


def _listed(mentions: Sequence[Mention], names: Names) -> set[str]:
    return {m.text for m in mentions if m.known or m.text in names.cities}


def _doubtful(
    by_spelling: Mapping[str, Sequence[Mention]],
    texts: Mapping[Field, str],
    votes: Mapping[str, Votes],
) -> set[str]:
    return {t for t in votes if _only_begins_sentences(by_spelling[t], texts, votes[t])}


def _several_of(families: Collection[str], spellings: Collection[str]) -> set[str]:
    """The spellings that are a family's name in plural: the Dvoraks."""
    return {t for t in spellings if t not in families and t.removesuffix("s") in families}


def _allowed(votes: Votes, forbidden: Collection[EntityType] | None) -> Votes:
    """The votes; of a name that has forbidden types those that speak for another."""
    if not forbidden:
        return votes
    left = {kind: weight for kind, weight in votes.items() if kind not in forbidden and weight > 0}
    return defaultdict(float, left)


def _typed(votes: Mapping[str, Votes]) -> Callable[[Mention], Mention]:
    """Gives a mention the type of most votes, unless a list knows it."""
    return lambda m: m if m.known else replace(m, type=_winner(votes[m.text]))


def _as_namesake(
    mention: Mention, text: str, gazetteer: Gazetteer, families: Collection[str]
) -> Mention:
    """The mention; one of a word by which a person is called as that person's, unless its
    neighbours or the newsroom say otherwise."""
    if mention.text not in families or mention.is_own:
        return mention
    votes = by_neighbours(mention, text, gazetteer)
    others = max(votes[kind] for kind in ("place", "organisation", "event", "work"))
    least = PLACE_ALL_THE_SAME if mention.known else UNKNOWN_ALL_THE_SAME
    if others >= least and others > votes["person"]:
        return mention
    return replace(mention, type="person", known=None, identifier=None)


def _families(votes: Mapping[str, Votes], titled: Collection[str]) -> set[str]:
    """The words by which the text calls people with full names."""
    return votes.keys() & _family_names(votes, titled).union(titled)


def _family_names(votes: Mapping[str, Votes], titled: Collection[str]) -> set[str]:
    """The words by which the people with full names would be called."""
    alone = {text for text in votes if " " not in text}
    return {family_name(text.split(), alone, titled) for text in _full_names(votes)}


def _full_names(votes: Mapping[str, Votes]) -> list[str]:
    return [text for text, ballot in votes.items() if " " in text and _winner(ballot) == "person"]


def _first_names(votes: Mapping[str, Votes]) -> set[str]:
    """The first names that one person with a full name bears, and that the text has alone."""
    bearers = Counter(text.split()[0] for text in _full_names(votes))
    return {name for name, count in bearers.items() if count == 1 and name in votes}


def _only_begins_sentences(
    mentions: Sequence[Mention], texts: Mapping[Field, str], votes: Votes
) -> bool:
    """One word with a capital that any word would have there, and nothing else speaks for it."""
    if " " in mentions[0].text or mentions[0].text.isupper() or any(m.known for m in mentions):
        return False
    if max(votes.values()) > MODEL_WEIGHT:
        return False
    return all(
        begins_after(texts[m.field][max(0, m.start - 3) : m.start], cues.SENTENCE_BEFORE)
        for m in mentions
    )


def _winner(votes: Votes) -> EntityType:
    return max(votes, key=lambda kind: (votes[kind], kind))


def _votes(
    text: str,
    mentions: Sequence[Mention],
    texts: Mapping[Field, str],
    gazetteer: Gazetteer,
    names: Names,
) -> Votes:
    votes = by_words(text, gazetteer, names)
    for mention in mentions:
        votes[mention.type] += MODEL_WEIGHT / len(mentions)
        if mention.known:
            votes[mention.type] += CERTAIN
    neighbours: Votes = defaultdict(float)
    for mention in mentions:
        for kind, weight in by_neighbours(mention, texts[mention.field], gazetteer).items():
            neighbours[kind] += weight
    for kind, weight in neighbours.items():
        votes[kind] += min(weight, NEIGHBOURS_AT_MOST)
    return votes


def by_words(text: str, gazetteer: Gazetteer, names: Names) -> Votes:
    """Votes by the name's own words."""
    votes: Votes = defaultdict(float)
    if cues.EVENTS_END.search(text) or cues.STORM.match(text):
        votes["event"] += 4.0
    if cue := _by_cue(text, gazetteer, names):
        kind_by_cue, weight_by_cue = cue
        votes[kind_by_cue] += weight_by_cue
    if _SHIRE.fullmatch(text):
        votes["place"] += CITY
    if city := names.cities.get(text):
        is_sure = city.thousands >= 100 and city.is_certain
        is_a_name_too = text in names.first_names or " " in text
        votes["place"] += CITY if is_sure or not is_a_name_too else CITY_OR_PERSON
    for kind, weight in _by_letters(text).items():
        votes[kind] += weight
    return votes


def _by_cue(text: str, gazetteer: Gazetteer, names: Names) -> tuple[EntityType, float] | None:
    """The type that the first cue in the words votes for, and its weight; None without a cue."""
    words = text.removeprefix("The ").split()
    if cues.BODIES_END.search(text) or cues.BODIES_START.search(text) or "&" in text:
        return "organisation", 4.0
    if cues.SITES_END.search(text):
        return "place", 4.0
    if cues.SITES_START.search(text):
        return "place", 1.5
    if _is_a_team(words, gazetteer, names):
        return "organisation", 4.0
    if _is_a_person(words, names):
        return "person", _PERSON_WEIGHTS.get(len(words), 0.0)
    return None


def _is_a_person(words: Sequence[str], names: Names) -> bool:
    """A first name, and a last word with a capital."""
    return bool(words) and words[0] in names.first_names and words[-1][0].isupper()


def _by_letters(text: str) -> dict[EntityType, float]:
    if text.isupper() and text.isalpha() and len(text) <= 6:
        return {"organisation": 1.5, "person": -3.0}
    return {"person": -2.0} if any(character.isdigit() for character in text) else {}


def _is_a_team(words: Sequence[str], gazetteer: Gazetteer, names: Names) -> bool:
    """A city and a plural: Boston Bruins, Los Angeles Lakers."""
    town = " ".join(words[:-1])
    if len(words) < 2 or town in names.first_names:
        return False
    is_known = town in names.cities or gazetteer.get(town) is not None
    return is_known and words[-1].endswith("s") and words[-1][0].isupper()


def by_neighbours(mention: Mention, text: str, gazetteer: Gazetteer) -> dict[EntityType, float]:
    """Votes of the words around one mention."""
    before = text[max(0, mention.start - NEIGHBOURHOOD) : mention.start]
    after = text[mention.end : mention.end + NEIGHBOURHOOD]
    votes: Votes = defaultdict(float)
    for pattern, side, kind, weight in _NEIGHBOURS:
        if pattern.search(before if side == "before" else after):
            votes[kind] += weight
    if cues.THE_BEFORE.search(before):
        votes["person"] -= 1.5
    if _QUOTE.search(before) and _UNQUOTE.match(after):
        votes["work"] += 3.0
    if after.startswith(",") and cues.SAID_BODY_BEFORE.search(before):
        votes["organisation"] += 3.0
    if _place_follows(after, gazetteer):
        votes["place"] += 1.5
    return votes


_QUOTE = re.compile(r"(?:[“‘]|(?:^|\s)\"\s?)$")
_UNQUOTE = re.compile(r"\s?[,.]?[”’\"]")

_NEIGHBOURS: tuple[tuple[re.Pattern[str], str, EntityType, float], ...] = (
    (cues.TITLE_BEFORE, "before", "person", 3.0),
    (cues.PERSON_AFTER, "after", "person", 1.5),
    (cues.AGE_AFTER, "after", "person", 4.0),
    (cues.IS_A_PERSON, "after", "person", 4.0),
    (cues.PLACE_BEFORE, "before", "place", 2.5),
    (cues.IN_BEFORE, "before", "place", 1.2),
    (cues.TOWARDS_BEFORE, "before", "place", 0.4),
    (cues.MOTION_BEFORE, "before", "place", 1.0),
    (cues.PLACE_AFTER, "after", "place", 2.0),
    (cues.IS_A_PLACE, "after", "place", 4.0),
    (cues.BODY_BEFORE, "before", "organisation", 2.0),
    (cues.IS_A_BODY, "after", "organisation", 4.0),
    (cues.THE_BEFORE, "before", "organisation", 0.7),
)


def _place_follows(after: str, gazetteer: Gazetteer) -> bool:
    """True if a comma and a known place come next: "Windsor, Vermont"."""
    match = cues.COMMA_NAME.match(after)
    if not match:
        return False
    words = match.group(1).split()
    heads = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    entries = (gazetteer.get(head) for head in heads)
    return any(entry is not None and entry.type == "place" for entry in entries)
