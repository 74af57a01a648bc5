"""A newsroom's own sections, guessed by a linear model over TF-IDF from a file one can read."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LEAST_CONFIDENCE = 0.5
"""The threshold of a file that was written before training chose one."""
READ_CHARACTERS = 20_000

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Guess:
    """A section, and the model's own probability of it."""

    section: str
    confidence: float


@dataclass(frozen=True)
class SectionModel:
    """Weights of terms per section, `idf` of each term (L2-normalised TF-IDF, sublinear TF), and
    the least probability that a section is shown for."""

    method: str
    sections: tuple[str, ...]
    bias: tuple[float, ...]
    idf: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]
    threshold: float = LEAST_CONFIDENCE

    def guess(self, text: str) -> Guess | None:
        """The likeliest section, or None when none is likely enough or no term is known."""
        counts = Counter(term for term in terms(text) if term in self.idf)
        if not counts:
            return None
        values = {term: (1 + math.log(n)) * self.idf[term] for term, n in counts.items()}
        length = math.sqrt(sum(value * value for value in values.values()))
        scores = list(self.bias)
        for term, value in values.items():
            for number, weight in enumerate(self.weights[term]):
                scores[number] += weight * value / length
        confidence, section = max(zip(_softmax(scores), self.sections, strict=True))
        return Guess(section, round(confidence, 3)) if confidence >= self.threshold else None


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words, in small letters."""
    words = [word.casefold() for word in _WORD.findall(text[:READ_CHARACTERS])]
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def read_model(path: Path) -> SectionModel:
    """The model in a file that `newsman sections train` wrote; raises OSError or ValueError."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    if stored.get("format") != "newsman sections 1":
        raise ValueError(f"{path} is no model of sections; make one with newsman sections train")
    return SectionModel(
        method=stored["method"],
        sections=tuple(stored["sections"]),
        bias=tuple(stored["bias"]),
        idf={term: values[0] for term, values in stored["terms"].items()},
        weights={term: tuple(values[1:]) for term, values in stored["terms"].items()},
        threshold=stored.get("threshold", LEAST_CONFIDENCE),
    )


def _softmax(scores: list[float]) -> list[float]:
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]
