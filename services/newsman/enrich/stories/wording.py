"""Two texts' likeness in words: TF-IDF and cosine (Salton and Buckley 1988), so that a rewrite is
found that shares no two words in a row."""

import math
from collections import Counter
from collections.abc import Callable, Mapping

from newsman.enrich.stories.minhash import telling_words
from newsman.enrich.text.common_words import COMMON_WORDS
from newsman.enrich.text.sentences import words_apart

STEM_LETTERS = 7
HEADLINE_TIMES = 2
DIGITS = 3
MOST_STEMS = 40
"""An article is remembered by so many of its words; what follows in long ones is detail."""

Wording = Mapping[str, int]
"""Word, cut to seven letters -> how often."""
Weights = Mapping[str, float]
"""Word -> its share of a vector of length one."""
Idf = Callable[[str], float]
"""The weight of a word: higher for rare ones."""


def wording(headline: str, text: str) -> Wording:
    """The words of an article, the headline's twice; numbers count as words."""
    counts: Counter[str] = Counter()
    for word in words_apart(headline):
        counts[_stem(word)] += HEADLINE_TIMES
    for word, count in Counter(telling_words(text)).items():
        counts[_stem(word)] += count
    counts.pop("", None)
    return dict(counts.most_common(MOST_STEMS))


def direction(words: Wording, idf: Idf) -> Weights:
    """The words' weights as a vector of length one."""
    weights = {word: (1 + math.log(count)) * idf(word) for word, count in words.items()}
    length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
    return {word: round(weight / length, DIGITS) for word, weight in weights.items()}


def cosine(one: Weights, other: Weights) -> float:
    """The likeness of two directions, 0 to 1."""
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def smooth_idf(texts: int, with_word: int) -> float:
    """The usual idf, smoothed so that it is 1 where nothing has been counted."""
    return math.log((texts + 1) / (with_word + 1)) + 1


def most_telling(weights: Weights, most: int) -> list[str]:
    """The words that tell most of an article."""
    return sorted(weights, key=lambda word: (-weights[word], word))[:most]


def _stem(word: str) -> str:
    plain = word.casefold().removesuffix("'s").removesuffix("’s")
    if plain in COMMON_WORDS or (len(plain) < 2 and plain.isascii()):
        return ""
    return plain[:STEM_LETTERS]
