"""Slugs: the part of a URL that names a section, a tag or an entity."""

import re
import unicodedata

MAX_SLUG_CHARACTERS = 80

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE"}
)


def slugify(text: str) -> str:
    """Lower-case words joined by hyphens; letters of any script stay, accents go; may be empty."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS_WITHOUT_DECOMPOSITION))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"['’]", "", unicodedata.normalize("NFC", plain).lower())
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:MAX_SLUG_CHARACTERS].strip("-")
