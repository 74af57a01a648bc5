"""Languages by their script: most scripts but the Latin have one language or a few, told apart by
letters that only one of them uses."""

import re
import unicodedata
from collections import Counter

LEAST_LETTERS = 4
LEAST_SHARE = 0.6
LEAST_FOREIGN = 0.2
"""A share of letters of another script that a text in Latin letters does not have."""
READ_LETTERS = 2_000

_ONE_LANGUAGE = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "THAI": "th",
    "HEBREW": "he",
    "GREEK": "el",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "GUJARATI": "gu",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GURMUKHI": "pa",
    "SINHALA": "si",
    "MYANMAR": "my",
    "KHMER": "km",
    "LAO": "lo",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
}
_SEVERAL: dict[str, tuple[tuple[str, str], ...]] = {
    # The first language that has one of its letters; the last one has none.
    "ARABIC": (("ur", "ٹڈڑںے"), ("fa", "پچژگکی"), ("ar", "")),
    "CYRILLIC": (
        ("uk", "їєґЇЄҐ"),
        ("be", "ўЎ"),
        ("mk", "ѓќѕЃЌЅ"),
        ("sr", "јљњћђџЈЉЊЋЂЏ"),
        ("ru", "ыэёЫЭЁ"),
    ),
}
_TELLING = {
    # Letters of one language among those in Latin letters that news has most.
    "vi": "ơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "pl": "łąęśźżń",
    "hu": "őű",
    "cs": "ěřů",
    "ro": "țșţăş",
    "tr": "ğışİ",
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
}
SCRIPTS = {
    **{script: frozenset({code}) for script, code in _ONE_LANGUAGE.items()},
    "CJK": frozenset({"zh", "ja"}),
    "HANGUL": frozenset({"ko"}),
    "ARABIC": frozenset("ar fa ur ps ku ug sd".split()),
    "CYRILLIC": frozenset("ru uk be bg sr mk kk ky mn tg tt ba cv".split()),
    "DEVANAGARI": frozenset("hi mr ne sa".split()),
    "HEBREW": frozenset({"he", "yi"}),
    "BENGALI": frozenset({"bn", "as"}),
    "ETHIOPIC": frozenset({"am", "ti"}),
    "LATIN": frozenset[str](),
}
"""Languages of each script; the Latin has too many to list."""
_LETTER = re.compile(r"[^\W\d_]")


def script_of(text: str) -> str | None:
    """The script (Unicode's name) of most letters of a text; None where no script has most, or
    hardly a letter is there. Japanese is HIRAGANA, whatever share of its letters are Chinese."""
    letters = _LETTER.findall(text)[:READ_LETTERS]
    if len(letters) < LEAST_LETTERS:
        return None
    foreign = [letter for letter in letters if not letter.isascii()]
    counts = Counter({"LATIN": len(letters) - len(foreign)})
    counts.update(map(_script, foreign))
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if kana * 20 > len(letters) and kana + counts["CJK"] >= LEAST_SHARE * len(letters):
        return "HIRAGANA"
    script, count = counts.most_common(1)[0]
    if script == "LATIN" and len(counts) > 1:
        other, share = next(pair for pair in counts.most_common(2) if pair[0] != "LATIN")
        # Names of brands stand in Latin letters in texts of any script, hardly the other way round.
        if share >= LEAST_LETTERS and share >= LEAST_FOREIGN * len(letters):
            return other
    return script if count >= LEAST_SHARE * len(letters) else None


def language_of(script: str, text: str) -> str | None:
    """The language that the script, or letters of one language, give away; None else."""
    if code := _ONE_LANGUAGE.get(script):
        return code
    letters = set(text[: 2 * READ_LETTERS])
    for code, own in _SEVERAL.get(script, ()):
        if not own or letters & set(own):
            return code
    return None


def has_telling_letters(code: str, text: str) -> bool:
    """True of a text with letters that, of the languages in Latin letters, one alone has."""
    return not set(_TELLING.get(code, "")).isdisjoint(text.lower())


def contradicts(script: str, code: str) -> bool:
    """True if no text of the language is written in the script."""
    if script == "LATIN":
        others = frozenset("sr mk kk ky mn tg ku ug sd tt".split())
        return any(code in codes for codes in SCRIPTS.values()) and code not in others
    return code not in SCRIPTS.get(script, frozenset({code}))


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
