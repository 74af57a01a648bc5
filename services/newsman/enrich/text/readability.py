"""Reading time and difficulty of a text."""

import math
import re
from collections.abc import Callable
from functools import lru_cache

from newsman.enrich.text.sentences import sentences, words

WORDS_PER_MINUTE = 238
"""Silent reading of English non-fiction by adults (Brysbaert 2019, a review of 190 studies)."""

_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+", re.IGNORECASE)


def reading_seconds(count: int) -> int:
    """Seconds of silent reading for a number of words."""
    return math.ceil(count * 60 / WORDS_PER_MINUTE)


def english_ease(text: str) -> float | None:
    """Flesch's reading ease (Flesch 1948): 100 very easy, 60 plain, 30 hard."""
    return _ease(
        text, lambda per_sentence, syllables: 206.835 - 1.015 * per_sentence - 84.6 * syllables
    )


def french_ease(text: str) -> float | None:
    """Flesch's reading ease as Kandel and Moles (1958) fitted it to French."""
    return _ease(
        text, lambda per_sentence, syllables: 207 - 1.015 * per_sentence - 73.6 * syllables
    )


def _ease(text: str, formula: Callable[[float, float], float]) -> float | None:
    tokens = words(text)
    if len(tokens) < 10:
        return None
    count = len(sentences(text)) or 1
    syllables = sum(_syllables(word) for word in tokens) / len(tokens)
    return round(min(120.0, max(-100.0, formula(len(tokens) / count, syllables))), 1)


@lru_cache(maxsize=20_000)
def _syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    is_silent = word.endswith(("e", "es", "ed")) and not word.endswith(("le", "ted", "ded"))
    return max(1, groups - (is_silent and groups > 1))
