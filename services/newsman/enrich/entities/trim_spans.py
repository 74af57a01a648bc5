"""Trimming of a finder's span to the name in it: no titles, articles, commas or half sentences."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from newsman.enrich.entities.cues import BODIES_END, DESIGNATION, EVENTS_END, KIND_ALONE, SITES_END
from newsman.enrich.entities.gazetteer import Gazetteer
from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names
from newsman.enrich.entities.same_person import without_titles
from newsman.enrich.entities.titled import METHOD as TITLED
from newsman.enrich.identity.states import ABBREVIATIONS

MAX_NAME_CHARACTERS = 100

_LEADING = re.compile(
    r"^(?:(?:[Tt]he|[Aa]n?|[a-z][\w’']*|In|At|On|For|From|By|But|And|If|When|While|As|After|"
    r"Before|Since|This|That|"
    r"Its|His|Her|Their|Our|Former|Original|Ex|Today|Yesterday|Meanwhile)\s+|[^\w]+)"
)
_ADDRESS = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sen|Rep|Gov|Sgt|Capt|Lt|Col)\.?\s")
_TRAILING = re.compile(
    r"(?:['’]s?|\s['’]s|\s(?:of|in|at|for|and|to|the|on|by|from|with|or|is|as|In|No|The|a)|"
    r"\s(?!plc$)[a-zà-ÿ][a-zà-ÿ-]+|[^\w.!]+|(?<![A-Z])\.)$"
)
# A run of spaces is tried from its beginning only.
_SPACES = r"(?:(?<!\s)\s+)"
_HEADLINE_VERBS = (
    "Appoints|Announces|Names|Launches|Wins|Says|Joins|Acquires|Reports|Opens|Signs|Unveils|Hires|"
    "Sues|Buys|Sells|Beats|Leads|Faces|Plans|Dies|Returns|Meets|Visits|Expands|Completes|Receives|"
    "Secures|Raises|Welcomes|Introduces|Promotes|Partners With|Calls|Urges|Warns|Vows|Rejects"
)
_BREAKS = re.compile(
    rf"{_SPACES}[-–—/|]+\s+|{_SPACES}?[;:\n]\s*|{_SPACES}?,\s+(?!Inc|Ltd|LLC|Jr|Sr)|"
    r"[’']s\s+[“\"]|"
    rf"{_SPACES}(?:{_HEADLINE_VERBS})\s+|"
    rf"{_SPACES}\d{{1,3}}\s?[-–:]\s?\d{{1,3}}(?:\s+|$)"
)
_AND, _TWO = re.compile(r"\sand\s"), re.compile(r"\s(?:and|&)\s")
_GLUED = re.compile(r"([A-ZÀ-Þ]\w*[a-zà-ÿ])([A-ZÀ-Þ][a-zà-ÿ]+)")
_INITIALS = re.compile(r"(?:[A-Z]\.?[\s-]?){1,3}\.?")
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|June|July|"
    r"August|September|October|November|December)"
)
_DAY_BEFORE = re.compile(rf"{_WEEKDAY},?\s|{_MONTH}\.?\s\d{{1,2}}(?:,\s|\s|$)")
_DAY_AFTER = re.compile(rf"\s(?:{_WEEKDAY}|{_MONTH}\.?(?:\s\d{{1,2}})?)$")
_DRUG = re.compile(
    r"[A-Z]?[a-z]{2,}(?:mab|tinib|ciclib|vir|cillin|mycin|floxacin|statin|prazole|sartan|olol|"
    r"glutide|gliptin|gliflozin|azepam|profen|codone|oxetine|quine|caine)"
)
_ABBREVIATED = re.compile(r"\b(?:Jr|Sr|Inc|Ltd|Corp|Co|Bros)$|\s[A-Z]$")
LONGEST_TICKER = 24
_TICKER = re.compile(r"\([A-Z][A-Za-z ]{1,10}: ?[A-Z0-9.]{1,8}\)")
_NUMBER_AFTER = re.compile(r",?\s\d{1,3}$")
_DOT = re.compile(r"\s?\.")
_NOT_ENTITIES = frozenset(
    "west east north south monday tuesday wednesday thursday friday saturday sunday january "
    "february march april may june july august september october november december covid-19 "
    "internet god earth english french german spanish chinese russian breaking update live "
    "exclusive watch read photo video latin western eastern northern southern nationally westward "
    "easter christmas ramadan diwali hanukkah passover thanksgiving halloween "
    "eastward best original i ii iii iv vi vii xxx llc no mr mrs ms dr prof det sgt insp "
    "capt supt".split()
)


def names_in(
    mention: Mention, texts: Mapping[Field, str], gazetteer: Gazetteer, names: Names
) -> Iterator[Mention]:
    """The names that a span of the text holds: usually one, none, or the parts of a list."""
    text = texts[mention.field]
    for part in _parts(mention, texts, gazetteer, names):
        name = _without_titles(_with_abbreviation(_stripped(part), text), names)
        for each in _apart(name, gazetteer, names):
            each = _without_number(each, gazetteer, names)
            is_titled = each.method == TITLED
            could_be = could_be_a_name(each.text, is_titled=is_titled)
            if _is_a_ticker(each, text):
                continue
            if each.known or (could_be and not _is_label(each.text, gazetteer)):
                keeps = each.type == "person" or each.known
                yield each if keeps else _with_article(each, text)


def _is_a_ticker(mention: Mention, text: str) -> bool:
    """True of a stock exchange or its symbol in brackets: "(OSE: SOLV)"."""
    start = text.rfind("(", max(0, mention.start - LONGEST_TICKER), mention.start)
    end = text.find(")", mention.end, mention.end + LONGEST_TICKER) if start >= 0 else -1
    return end >= 0 and _TICKER.fullmatch(text, start, end + 1) is not None


def _without_number(mention: Mention, gazetteer: Gazetteer, names: Names) -> Mention:
    """The name without the points, the minute or the age that a finder took with it."""
    match = _NUMBER_AFTER.search(mention.text)
    if match is None or mention.known:
        return mention
    bare = mention.text[: match.start()]
    if mention.type == "person" or bare in names.cities or gazetteer.get(bare) is not None:
        return mention.trimmed(0, len(match.group()))
    return mention


def _is_label(text: str, gazetteer: Gazetteer) -> bool:
    """True of peoples, languages, faiths and medicines, which are no entities."""
    singular = text.removesuffix("s")
    if {text, singular} & gazetteer.labels or text in gazetteer.demonyms:
        return True
    return singular in gazetteer.demonyms or _DRUG.fullmatch(text) is not None


def _apart(mention: Mention, gazetteer: Gazetteer, names: Names) -> Iterator[Mention]:
    """Two people or places whose names are written without anything between them are two."""
    words = mention.text.split(" ")
    if mention.known or mention.text in gazetteer.labels:
        yield mention
    elif _are_two_people(words, names):
        half = len(" ".join(words[:2]))
        yield replace(mention.trimmed(0, len(mention.text) - half), type="person")
        yield replace(mention.trimmed(half + 1, 0), type="person")
    elif (glued := _GLUED.fullmatch(mention.text)) and _is_a_name(glued[1], gazetteer, names):
        yield mention.trimmed(0, len(glued[2]))
        if _is_a_name(glued[2], gazetteer, names):
            yield mention.trimmed(len(glued[1]), 0)
    else:
        yield mention


def _are_two_people(words: list[str], names: Names) -> bool:
    if len(words) != 4 or not {words[0], words[2]} <= names.first_names:
        return False
    if KIND_ALONE.match(words[3]):
        return False  # "Kim Il Sung Square"
    return not {words[1], words[3]} & names.first_names and all(word.isalpha() for word in words)


def _is_a_name(word: str, gazetteer: Gazetteer, names: Names) -> bool:
    """True of a word that is a place or an organisation of the lists."""
    return len(word) > 3 and (word in names.cities or gazetteer.get(word) is not None)


def could_be_a_name(text: str, *, is_titled: bool = False) -> bool:
    """True if it begins like a name and is none of what calendars and typewriters write, nor a kind
    of place or body, unless a title stands before it: "Mr Field"."""
    if not 2 <= len(text) <= MAX_NAME_CHARACTERS or text.lower() in _NOT_ENTITIES:
        return False
    is_a_kind = KIND_ALONE.match(text) is not None and not is_titled
    if is_a_kind or _is_an_abbreviation(text):
        return text.isalpha() and text.isupper() and len(text) > 1
    if DESIGNATION.match(text) and not re.search(r"[A-Z][a-z]+\s[A-Z]", text):
        return False
    return text[0].isupper() or (text[0].isdigit() and any(c.isupper() for c in text))


def _is_an_abbreviation(text: str) -> bool:
    return text in ABBREVIATIONS or _INITIALS.fullmatch(text) is not None


def _without_titles(mention: Mention, names: Names) -> Mention:
    """The name alone; a title before a first name makes it a person's, whatever a finder said."""
    if mention.known:
        return mention
    length = without_titles(mention.text)
    bare = mention.trimmed(length, 0)
    if mention.type == "person":
        return bare
    if length and (bare.text.split()[0] in names.first_names or _is_addressed(mention.text, bare)):
        return replace(bare, type="person")
    return mention


def _is_addressed(text: str, bare: Mention) -> bool:
    """True of a name behind "Dr" or "Ms", which only people bear, that names no kind of body or
    place itself."""
    rest = bare.text
    is_a_kind = BODIES_END.search(rest) or SITES_END.search(rest) or "&" in rest or " of " in rest
    return _ADDRESS.match(text) is not None and not is_a_kind


def _parts(
    mention: Mention, texts: Mapping[Field, str], gazetteer: Gazetteer, names: Names
) -> Iterator[Mention]:
    if mention.known:
        yield mention
        return
    # "and" separates more than "&": "Barclays and Peel & Hunt".
    has_both = " & " in mention.text and " and " in mention.text
    joint = (_AND if has_both else _TWO).search(mention.text)
    if joint and (
        mention.type == "person"
        or has_both
        or _stand_alone(mention.text, joint, texts)
        or _are_two(mention.text[: joint.start()], mention.text[joint.end() :], gazetteer, names)
    ):
        yield mention.trimmed(0, len(mention.text) - joint.start())
        yield mention.trimmed(joint.end(), 0)
        return
    if " (" in mention.text:  # "World Health Organization (WHO"
        mention = mention.trimmed(0, len(mention.text) - mention.text.index(" ("))
    start = 0
    for gap in _BREAKS.finditer(mention.text):
        yield mention.trimmed(start, len(mention.text) - gap.start())
        start = gap.end()
    yield mention.trimmed(start, 0)


def _stand_alone(text: str, joint: re.Match[str], texts: Mapping[Field, str]) -> bool:
    """True of two names that the article also has one by one, without the other."""
    sides = (text[: joint.start()], text[joint.end() :])
    if joint.group() != " & " or sides[0] == sides[1]:
        return False
    without = [each.replace(text, "") for each in texts.values()]
    alone = [re.compile(rf"(?<![\w&-])(?<!& ){re.escape(side)}(?! &|[\w-])") for side in sides]
    return all(any(a.search(t) for t in without) for a in alone)


def _are_two(one: str, other: str, gazetteer: Gazetteer, names: Names) -> bool:
    """True of two known places or bodies, of two that say their kinds, and of two people with
    their first names."""
    if BODIES_END.search(one) and BODIES_END.search(other):
        return True
    lists = (names.cities, gazetteer.labels)
    if all(gazetteer.get(name) or any(name in each for each in lists) for name in (one, other)):
        return True
    both = (one.split(), other.split())
    return all(len(words) > 1 and words[0] in names.first_names for words in both)


def _stripped(mention: Mention) -> Mention:
    if mention.known:
        return mention
    while match := _LEADING.match(mention.text):
        mention = mention.trimmed(match.end(), 0)
    is_of_a_day = EVENTS_END.search(mention.text) or BODIES_END.search(mention.text)
    if (match := _DAY_BEFORE.match(mention.text)) and not is_of_a_day:
        mention = mention.trimmed(match.end(), 0)
    if match := _DAY_AFTER.search(mention.text):
        mention = mention.trimmed(0, len(mention.text) - match.start())
    while match := _TRAILING.search(mention.text):
        if mention.text.endswith(".") and mention.text.count(".") > 1:
            break  # U.S.
        mention = mention.trimmed(0, len(mention.text) - match.start())
    return mention


def _with_abbreviation(mention: Mention, text: str) -> Mention:
    dot = _DOT.match(text[mention.end : mention.end + 2])
    if dot and _ABBREVIATED.search(mention.text):
        return mention.extended(text, 0, dot.end())
    return mention


def _with_article(mention: Mention, text: str) -> Mention:
    """In the middle of a sentence a capital The belongs to the name: "members of The Zutons"."""
    start = mention.start
    if text[max(0, start - 4) : start] != "The " or start < 6:
        return mention
    before = text[: start - 4].rstrip(" ")
    if not before or not (before[-1].isalpha() or before[-1] == ","):
        return mention
    return mention.extended(text, 4, 0)
