"""A text's MinHash signature (Broder 1997): equal shares of it mean equal shares of the words."""

import re
import zlib
from functools import cache
from operator import eq
from typing import Any

from newsman.enrich.text.sentences import words_apart

PERMUTATIONS = 64
BANDS = 16
SHINGLE_WORDS = 2
LEAST_WORDS = 20
"""A shorter text says too little to be called a copy."""
MOST_WORDS = 600
_LEAST_LINE_WORDS = 6

_BOILERPLATE = re.compile(
    r"^\s*(?:\(?(?:reporting|writing|editing|additional reporting|edited) by\b|read more\b|also "
    r"read\b|"
    r"sign up\b|subscribe\b|follow us\b|©|\(c\)|copyright\b|all rights reserved|advertisement\b|"
    r"(?:photo|image|picture|file photo)\b[ :]|this (?:article|story|mission) (?:was|is|first)\b|"
    r"about us\b|our (?:standards|mission)\b|media contact|most popular|related\b|share this\b)",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"^\s*[A-ZÀ-Þ]{3}[A-ZÀ-Þ .’'-]{0,80}(?:,\s{0,9}[\w. ]{2,30})?(?:\s{0,9}\([^)]{2,40}\))?"
    r"\s{0,9}(?:—|–|--|-)\s*"
)


def signature(text: str) -> tuple[int, ...]:
    """64 numbers of 32 bits, or none of a text that is too short.

    What agencies and outlets put around a text is left out; so are capitals and punctuation.
    """
    words = telling_words(text)
    if len(words) < LEAST_WORDS:
        return ()
    import numpy as np

    hashes = {
        zlib.crc32(" ".join(words[n : n + SHINGLE_WORDS]).encode())
        for n in range(len(words) - SHINGLE_WORDS + 1)
    }
    factors, addends = _permutations()
    values = np.fromiter(hashes, dtype=np.uint64)
    mixed = (factors[:, None] * values[None, :] + addends[:, None]) >> np.uint64(32)
    return tuple(int(number) for number in mixed.min(axis=1))


def similarity(numbers: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The estimated share of shingles that two texts have in common, from 0 to 1."""
    if not numbers or len(numbers) != len(other):
        return 0.0
    equal: int = sum(map(eq, numbers, other))
    return equal / len(numbers)


def bands(numbers: tuple[int, ...]) -> list[str]:
    """Names of the places where texts with a similar signature meet; half alike are found 64 %,
    0.7 alike 99 % of the time."""
    rows = len(numbers) // BANDS
    if rows == 0:
        return []
    return [
        f"{band}:{zlib.crc32(repr(numbers[band * rows : (band + 1) * rows]).encode()):08x}"
        for band in range(BANDS)
    ]


def telling_words(text: str) -> list[str]:
    """The first words of a text, without what agencies and outlets put around it."""
    words: list[str] = []
    for line in text.split("\n"):
        if _BOILERPLATE.match(line):
            continue
        in_line = words_apart(_DATELINE.sub("", line))
        if len(in_line) >= _LEAST_LINE_WORDS:
            words += [word.casefold() for word in in_line]
        if len(words) >= MOST_WORDS:
            break
    return words[:MOST_WORDS]


@cache
def _permutations() -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(1997)
    factors = rng.integers(1, 2**63, PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
    return factors, rng.integers(0, 2**63, PERMUTATIONS, dtype=np.uint64)
