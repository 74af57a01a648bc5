"""National variants of ISO 646: seven-bit sets that have letters for brackets and braces."""

import re

_SIGNS = "#$@[\\]^`{|}~"
_LETTERS = {
    "de": "#$§ÄÖÜ^`äöüß",
    "fr": "£$à°ç§^µéùè¨",
    "it": "£$§°çé^ùàòèì",
    "es": "£$§¡Ñ¿^`°ñç~",
    "se": "#¤ÉÄÖÅÜéäöåü",
    "dk": "#$@ÆØÅ^`æøå~",
    "gb": "£$@[\\]^`{|}~",
}
_OTHER_NAMES = {
    "din_66003": "de",
    "iso-ir-21": "de",
    "iso-ir-69": "fr",
    "iso-ir-15": "it",
    "iso-ir-17": "es",
    "iso-ir-11": "se",
    "iso-ir-60": "dk",
    "iso646-no": "dk",
    "iso646-fi": "se",
    "iso-ir-4": "gb",
}
_BY_LANGUAGE = {
    "de": "de",
    "fr": "fr",
    "it": "it",
    "es": "es",
    "sv": "se",
    "fi": "se",
    "da": "dk",
    "nb": "dk",
    "nn": "dk",
    "no": "dk",
}
_WITHIN_WORDS = re.compile(r"[A-Za-z][\[\\\]{|}][a-z]|[a-z][{|}~][a-z ]")


def national_text(text: str, *, charset: str | None, language: str | None) -> str:
    """The text with its letters, if the charset names a variant or words are full of braces.

    Without a name the source's language says which variant it is.
    """
    label = (charset or "").strip().lower()
    country = _OTHER_NAMES.get(label) or label.removeprefix("iso646-")
    if country not in _LETTERS:
        if not text.isascii() or _WITHIN_WORDS.search(text) is None:
            return text
        country = _BY_LANGUAGE.get((language or "").lower()[:2], "")
    letters = _LETTERS.get(country)
    return text.translate(str.maketrans(_SIGNS, letters)) if letters else text
