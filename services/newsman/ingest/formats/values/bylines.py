"""The authors in a byline: `By A, B and C`, in any language, is three; a newsroom is one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from newsman.ingest.formats.values.byline_words import (
    ALSO_OF_NAMES,
    CREDITS,
    DEGREES,
    IN,
    IN_BY_LANGUAGE,
    JOINING,
    JOINING_WHOLE_NAMES,
    LANGUAGE_OF_CREDIT,
    LONGEST_CREDIT,
    PARTICLES,
    PLACES,
    ROLES,
    SUFFIXES,
    WITH,
)
from newsman.ingest.formats.values.text import one_line
from newsman_schemas.names.newsrooms import ends_as_newsroom, is_agency, is_newsroom

MAX_CHARACTERS = 1_000
MAX_WORDS = 100
MAX_SEPARATORS = 40
_ANY_JOINING = JOINING | JOINING_WHOLE_NAMES | WITH
LONGEST_NAME = 10
"""Words after a joining word that are looked at to see whether it joins names."""
_NAME_OF_ADDRESS = re.compile(r"(@[^\s()<>,;@]{1,100})\s?\(([^()]{1,200})\)")
_BRACKETED = re.compile(r"<[^<>]{0,400}>|\([^()]{0,400}\)|\[[^\[\]]{0,400}\]")
_SEPARATOR = re.compile(r"[,;|•·/–—\n-]")
_CLAUSES = re.compile(r"\s?[;|•·\n]\s?|\s[/–—-]\s|\s//\s")
_CREDIT_WITHIN = re.compile(
    r"\.\s(?=(?:\w{1,12}\s){1,3}(?:by|von|par|por|di|av|af)\s)"
    r"|(?<! und)(?<! och)(?<! og)(?<! and)(?<! et)(?<! y)(?<! e)(?<! ja)(?<! i)(?<! и)(?<!&)"
    r"\s(?=(?:fotos?|photos?|bild(?:er)?|te[xk]ste?|textos?|фото|текст|teksti|kuvat?)\s?:)",
    re.IGNORECASE,
)
"""Before a credit that stands in the middle of a line."""
_EDGES = " ,.:-–—*"
_COMMAS = str.maketrans({"、": "; ", "，": ", ", "،": ", ", "؛": "; ", "；": "; ", "：": ": "})
"""Separators of East Asian and Arabic writing, as those of ours."""


@dataclass(frozen=True)
class NamedAuthor:
    """Someone named in a byline, and their role in it."""

    name: str
    role: str | None = None


def authors_in(byline: str, language: str | None = None) -> list[NamedAuthor]:
    """The people a byline names, each once, in order; nobody if it is too long for a byline."""
    if len(byline) > MAX_CHARACTERS or byline.count(" ") > MAX_WORDS:
        return []
    if len(_SEPARATOR.findall(byline)) > MAX_SEPARATORS:
        return []
    byline = byline.translate(_COMMAS)
    text = _NAME_OF_ADDRESS.sub(lambda match: f"{match[1]} {match[2]};", byline)
    text = "\n".join(one_line(line) for line in _BRACKETED.sub(" ", text).splitlines())
    named: list[NamedAuthor] = []
    for clause in _CLAUSES.split(_CREDIT_WITHIN.sub("; ", text)):
        _add_clause(_without_addresses(clause.split()), (language or "")[:2].lower(), named)
    once: dict[str, NamedAuthor] = {}
    for each in named:
        once.setdefault(each.name.casefold(), each)
    return list(once.values())


def _without_addresses(words: list[str]) -> list[str]:
    """The words without e-mail addresses and handles, unless there is nothing else."""
    return [word for word in words if "@" not in word] or words


def _add_clause(words: list[str], language: str, named: list[NamedAuthor]) -> None:
    """Adds the people a clause names, such as `Reporting by A in Paris and B`."""
    credit, words = _credit_of(words)
    role = CREDITS.get(credit)
    language = LANGUAGE_OF_CREDIT.get(credit, language)
    parts = [part.split() for part in " ".join(words).split(",")]
    parts = [part for part in parts if part]
    if _is_inverted(parts, has_credit=bool(credit)):
        named.append(NamedAuthor(", ".join(" ".join(part) for part in parts), role))
        return
    for part in parts:
        own_credit, part = _credit_of(part)
        role = CREDITS.get(own_credit) or role
        names = (_without_place(name, language) for name in _joined(part, language))
        _add_names(list(filter(None, names)), role, named)


def _add_names(names: list[list[str]], role: str | None, named: list[NamedAuthor]) -> None:
    """Adds the names in one part of a list; its first words may only describe the name before."""
    if names and _describes(names[0], named, is_alone=len(names) == 1):
        _describe(names.pop(0), named)
    named += [_named(name, role) for name in names]


def _named(words: list[str], role: str | None) -> NamedAuthor:
    """A name without a `Staff Writer` that follows it without a comma."""
    if len(words) > 3 and words[-2].lower() == "staff" and words[-1].lower() in ROLES:
        return NamedAuthor(" ".join(words[:-2]), role or " ".join(words[-2:]))
    return NamedAuthor(" ".join(words), role)


def _credit_of(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The words of a credit at the beginning, and the words after it."""
    spaced = " ".join(words[: LONGEST_CREDIT + 1]).replace(":", " : ").split()
    for length in range(min(LONGEST_CREDIT, len(spaced)), 0, -1):
        credit = tuple(word.lower() for word in spaced[:length])
        if credit not in CREDITS:
            continue
        rest = " ".join(words).replace(":", " : ", 1).split()[length:]
        rest = rest[1:] if rest[:1] == [":"] else rest
        if credit[0] not in ALSO_OF_NAMES or length > 1 or _are_a_name(rest):
            return credit, rest
    return (), words


def _are_a_name(words: list[str]) -> bool:
    """True if the words are a complete name, or a newsroom's."""
    first = _until_joined(" ".join(words).partition(",")[0].split())
    if not first or (first[0][:1].islower() and not is_agency(" ".join(first))):
        return False
    return len(first) > 1 or is_newsroom(first[0]) or is_agency(first[0])


def _is_inverted(parts: list[list[str]], *, has_credit: bool) -> bool:
    """True for `Doe, Jane` and `van Dijk, Jan`."""
    if len(parts) != 2 or has_credit or len(parts[1]) > 1:
        return False
    if any(is_newsroom(" ".join(part)) for part in parts) or _is_no_name(parts[1]):
        return False
    return len(parts[0]) == 1 or parts[0][0] in PARTICLES


def _joined(words: list[str], language: str) -> Iterator[list[str]]:
    """The names in a part of a list, between words that join them."""
    begun: list[str] = []
    for number, word in enumerate(words):
        if _joins(begun, word, words[number + 1 : number + LONGEST_NAME], language):
            yield begun
            begun = []
        else:
            begun.append(word)
    yield begun


def _joins(before: list[str], word: str, after: list[str], language: str) -> bool:
    """True if a word between others joins two names and is not part of one."""
    joining = word.lower() if len(word) > 1 and word.isupper() else word
    if joining not in _ANY_JOINING or not after:
        return False
    if not before:
        return True
    following = _until_joined(after)
    is_preposition = language in IN_BY_LANGUAGE.get(joining, ())
    if is_agency(" ".join(following)):
        return not is_preposition
    if _is_within_newsroom(before, joining, following):
        return False
    if joining in JOINING and joining != "&":
        return True
    return not is_preposition and len(following) > 1 and len(before) > 1


def _is_within_newsroom(before: list[str], joining: str, following: list[str]) -> bool:
    """True for `The News & Observer`, and for `News and Features Team`."""
    is_the = before[0].lower() == "the"
    if is_the and joining == "&":
        return True
    return (is_the or len(before) == 1) and ends_as_newsroom(following)


def _until_joined(words: list[str]) -> list[str]:
    """The words up to the next that may join names."""
    for number, word in enumerate(words):
        if word.lower() in JOINING:
            return words[:number]
    return words


def _without_place(words: list[str], language: str) -> list[str]:
    """The words before a place or an employer."""
    for number, word in enumerate(words):
        is_in = word in IN or language in IN_BY_LANGUAGE.get(word, ())
        if is_in and number < len(words) - 1:
            words = words[:number]
            break
    name = " ".join(words).strip(_EDGES)
    last = name.rpartition(" ")[2].lower()
    return f"{name}.".split() if last in ("jr", "sr") and words[-1].endswith(".") else name.split()


def _describes(words: list[str], named: list[NamedAuthor], *, is_alone: bool) -> bool:
    """True if the words after a comma describe the person before it and name nobody."""
    if not named:
        return False
    if _is_no_name(words) or not is_alone:
        return _is_no_name(words)
    text = " ".join(words)
    if is_newsroom(text) or is_agency(text):
        return False
    is_a_place = len(words) == 1 and " " in named[-1].name
    return is_a_place or text.casefold() in PLACES or words[0][:1].islower()


def _is_no_name(words: list[str]) -> bool:
    """True for a role, a degree or the end of a name."""
    if is_newsroom(" ".join(words)) and "staff" not in words[0].lower():
        return False
    bare = [word.replace(".", "").lower() for word in words]
    return any(word in ROLES for word in bare) or all(word in SUFFIXES | DEGREES for word in bare)


def _describe(words: list[str], named: list[NamedAuthor]) -> None:
    """Gives the last person the role, or the end of the name, that follows the comma."""
    last, bare = named[-1], words[0].replace(".", "").lower()
    if len(words) == 1 and bare in SUFFIXES:
        named[-1] = replace(last, name=f"{last.name}, {words[0]}")
    elif _is_no_name(words) and bare not in DEGREES:
        named[-1] = replace(last, role=last.role or " ".join(words))
