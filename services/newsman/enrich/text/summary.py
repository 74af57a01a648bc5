"""A short summary: the article's own first sentences, whole, and no quotation or denial cut."""

import re
from itertools import dropwhile

from newsman.enrich.text.datelines import find_dateline
from newsman.enrich.text.sentences import sentences

MAX_CHARACTERS = 280
LEAST_CHARACTERS = 40
READ_CHARACTERS = 8_000

_NO_LEAD = re.compile(
    r"^(?:by\s|photo|image|picture|watch|read more|advertisement|updated|published|share|follow|"
    r"copyright|©|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day,\s)",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:no|not|never|neither|nor|none|nobody|nothing|without|den(?:y|ies|ied)|refus\w+|"
    r"reject\w+|"
    r"cannot|hardly|unless|except|but|however|although|though|despite|if|alleged\w*|claim\w*|"
    r"fail\w*|\w+n[’']t|ne|pas|jamais|aucun\w*|mais|sans)\b",
    re.IGNORECASE,
)
_QUOTATION = re.compile(r"^[“\"«„‘][^”\"»“’]{1,400}[”\"»“’]$")
_REFERS_BACK = re.compile(
    r"^(?:That|This|These|Those) (?:was|is|were|are|words?)\b|^With th\w+ words?\b"
)
_TURN = re.compile(r"^(?:Q|A|Question|Answer)\s?[:.]\s")
_PAIRS = (("“", "”"), ("«", "»"), ("„", "“"), ("(", ")"))
_CLAUSE_END = re.compile(r"[,;:—–]\s")


def summarise(headline: str, text: str) -> str | None:
    """At most 280 characters of whole sentences from the beginning, or None.

    A first sentence that is longer ends at a clause, where that cuts off neither a quotation
    nor anything that could turn its sense.
    """
    read = text[:READ_CHARACTERS]
    dateline = find_dateline(read)
    lead = sentences(read[dateline.end :] if dateline else read)
    lead = _without_quotations_before(lead)
    if dateline is None:
        lead = list(dropwhile(lambda s: not _is_prose(s, headline), lead))
    if not lead:
        return None
    chosen = ""
    for sentence in lead:
        longer = f"{chosen} {sentence}".strip()
        if len(longer) > MAX_CHARACTERS:
            break
        chosen = longer
    chosen = _until_quotations_close(chosen) if chosen else ""
    return chosen or _clause(lead[0])


def _without_quotations_before(lead: list[str]) -> list[str]:
    """The sentences from the first that says something alone; with the quotation before it, where
    that sentence only says whose it was."""
    rest = list(dropwhile(_says_nothing_alone, lead))
    before = lead[: len(lead) - len(rest)]
    if rest and before and _REFERS_BACK.match(rest[0]) and _QUOTATION.match(before[-1]):
        return [f"{before[-1]} {rest[0]}", *rest[1:]]
    return rest


def _says_nothing_alone(sentence: str) -> bool:
    """True of a quotation whose speaker comes after it, and of a turn of an interview."""
    return bool(_QUOTATION.match(sentence) or _TURN.match(sentence))


def _is_prose(sentence: str, headline: str) -> bool:
    if _NO_LEAD.match(sentence) or sentence.strip(" .") == headline.strip(" ."):
        return False
    return len(sentence) >= LEAST_CHARACTERS and sentence[-1] in ".!?…”\"’')»"


def _until_quotations_close(text: str) -> str:
    """The sentences up to the last where no quotation is open."""
    pieces = sentences(text)
    while pieces and not is_closed(" ".join(pieces)):
        pieces.pop()
    return " ".join(pieces)


def is_closed(text: str) -> bool:
    """True if every quotation and bracket that opens in the text also ends in it."""
    if text.count('"') % 2:
        return False
    return all(
        text.count(opening) == text.count(closing) for opening, closing in _PAIRS if opening in text
    )


def _clause(sentence: str) -> str | None:
    room = MAX_CHARACTERS - 1
    for match in reversed(list(_CLAUSE_END.finditer(sentence, 0, room))):
        head, rest = sentence[: match.start()], sentence[match.start() :]
        if len(head) >= LEAST_CHARACTERS and is_closed(head) and not _NEGATION.search(rest):
            return f"{head}…"
    return None
