"""Slugs: the part of a URL that names a section, a tag or an entity."""

import re
import unicodedata

MAX_SLUG_CHARACTERS = 80

_APOSTROPHES = re.compile(r"['’]")
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
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS_WITHOUT_DECOMPOSITION))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain)
