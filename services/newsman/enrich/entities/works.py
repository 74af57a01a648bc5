"""Titles of works: in quotation marks, or after a word for their kind."""

import re
from collections.abc import Iterator, Mapping

from newsman.enrich.entities.mentions import Field, Mention
from newsman.enrich.entities.name_lists import Names

METHOD = "titles 1"
MOST_WORDS = 8
MOST_REPEATED = 50
"""So many titles are looked for again; a list of thousands must not cost an article its time."""

_KIND = (
    r"(?:film|movie|novel|novella|book|album|song|single|ballad|opera|operetta|play|musical|"
    r"documentary|memoir|autobiography|poem|painting|sculpture|sitcom|screenplay|symphony|ballet|"
    r"(?:television|TV|drama|comedy|crime|Netflix|BBC|HBO)\s(?:series|show|drama)|video game|"
    r"podcast|short story|thriller|biography|mural|fresco)"
)
_SMALL = r"(?:a|an|and|as|at|by|de|des|du|for|from|in|la|le|of|on|or|the|to|with|&)"
_CAPITAL = r"[A-ZÀ-Þ][\w’'-]*"
_TITLE = rf"{_CAPITAL}(?:\s(?:{_SMALL}\s){{0,2}}{_CAPITAL}){{0,7}}"
_ENDS = (
    r"(?=[,.;:!?)”\"]|\s(?:by|and|is|was|has|had|in|to|at|will|won|which|who|about|from|on)\s|$)"
)
_QUOTED = re.compile(rf"[“\"]({_TITLE}[!?]?)[,.]?[”\"]")
_AFTER_KIND = re.compile(
    rf"(?<!\w){_KIND},?\s({_TITLE}){_ENDS}|"
    r"(?<!\w)(?:production|adaptation|performance|screening|staging|remake|revival)\sof\s"
    rf"({_TITLE}){_ENDS}"
)
_BY_ITS_MAKER = re.compile(
    rf"(?:^|(?<=[.!?]\s)|(?<=\n))({_TITLE}), by (?:the\s)?(?:[\w-]+\s){{0,3}}"
    r"(?:director|author|novelist|writer|composer|playwright|filmmaker|poet|painter|songwriter|"
    r"singer|band)(?!\w)"
)
_KIND_BEFORE = re.compile(rf"(?<!\w){_KIND}s?,?\s(?:(?:called|titled|entitled|named)\s)?[“\"]$")
_STAGED = re.compile(
    r"(?:(?<!\w)(?:stag(?:e|es|ed|ing)|perform(?:s|ed|ing)?|sang|sings?|singing|screen(?:s|ed|ing)|"
    r"wrote|directed|composed|painted|plays|performance of|production of|version of|follows|and)"
    r"|\w[’']s?)\s[“\"]$"
)
_NO_TITLES = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June "
    "July August September October November December I He She It They We You The A An".split()
)


def find_titles(texts: Mapping[Field, str], names: Names) -> list[Mention]:
    """The titles with all their words, the article included: "The Salt Road"."""
    mentions = [m for field, text in texts.items() for m in _in_text(field, text, names)]
    titles = [t for t in dict.fromkeys(mention.text for mention in mentions) if " " in t]
    for field, text in texts.items():
        for title in titles[:MOST_REPEATED]:
            again = re.finditer(rf"(?<!\w){re.escape(title)}(?!\w)", text)
            mentions += [_mention(field, *match.span(), text) for match in again]
    return list(dict.fromkeys(mentions))


def _in_text(field: Field, text: str, names: Names) -> Iterator[Mention]:
    if text.isupper():
        return
    for match in _QUOTED.finditer(text):
        before = text[max(0, match.start() - 40) : match.start() + 1]
        if _is_title(match.group(1), before):
            yield _mention(field, *match.span(1), text)
    for match in (*_AFTER_KIND.finditer(text), *_BY_ITS_MAKER.finditer(text)):
        number = match.lastindex or 1
        if _could_be(match.group(number), names):
            yield _mention(field, *match.span(number), text)


def _is_title(title: str, before: str) -> bool:
    """Several words with capitals in quotation marks are one; a single word needs a kind."""
    words = title.split()
    if words[0] in _NO_TITLES and len(words) == 1:
        return False
    if _KIND_BEFORE.search(before) or _STAGED.search(before):
        return len(words) <= MOST_WORDS
    return 2 <= len(words) <= MOST_WORDS


def _could_be(title: str, names: Names) -> bool:
    """Not a person or a day after "book": "the book Anna Berg wrote"."""
    words = title.split()
    if words[0] in _NO_TITLES and len(words) == 1:
        return False
    return words[0] not in names.first_names or len(words) > 3


def _mention(field: Field, start: int, end: int, text: str) -> Mention:
    title = text[start:end]
    return Mention(field, start, end, title, "work", METHOD, title, is_listed=False)
