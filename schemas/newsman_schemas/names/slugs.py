"""Slugs: the part of a URL that names a section, a tag or an entity."""

import re
import unicodedata

MAX_SLUG_CHARACTERS = 80

_APOSTROPHES = re.compile(r"['’]")
# Blocks of marks that combine; a run of them is put in order at the cost of its length's square.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe20-\ufe2f\U0001d165-\U0001d1ad"
)
_LONG_RUN = re.compile(f"([{_MARKS}]{{30}})[{_MARKS}]+")
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE"}
)


def slugify(text: str) -> str:
    """Lower-case words joined by hyphens; letters of any script stay, accents go; may be empty."""
    plain = (text if text.isascii() else _without_accents(text)).lower()
    words = _BETWEEN_WORDS.sub("-", _APOSTROPHES.sub("", plain))
    return words.strip("-")[:MAX_SLUG_CHARACTERS].strip("-")


def _without_accents(text: str) -> str:
    plain = unicodedata.normalize(
        "NFKD", stream_safe(text).translate(_LETTERS_WITHOUT_DECOMPOSITION)
    )
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain)


def stream_safe(text: str) -> str:
    """The text with at most 30 marks on one letter (Unicode Standard Annex 15, section 13)."""
    return _LONG_RUN.sub(r"\1", text)
