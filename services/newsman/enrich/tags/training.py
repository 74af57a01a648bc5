"""Learns a newsroom's own sections from its archive: TF-IDF and a linear model."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from newsman.enrich.tags.sections import terms
from newsman_schemas.events import digest

LEAST_STORIES = 10
"""Of a section; fewer teach nothing that holds."""
MAX_FOLDS = 5
MAX_TERMS = 20_000
STRENGTHS = (5.0, 20.0, 100.0)
"""Inverses of regularisation to choose from: so much, since a text's terms have length one all
together."""
WANTED_PRECISION = 0.95
LEAST_COVERAGE = 0.7
"""If fewer stories would get a section at the wanted precision, the examples are not enough."""
DIGITS = 4
KEPT_WEIGHT = 0.02
"""Terms that weigh less in every section are left out of the file."""


class TooLittle(Exception):
    """The archive can't teach sections; the text says what is missing."""


@dataclass(frozen=True)
class TrainingText:
    """A text, the section that the newsroom put it in, and what to call it in the report."""

    text: str
    section: str
    name: str


@dataclass(frozen=True)
class Mistake:
    """A story that cross-validation put in another section."""

    name: str
    section: str
    guessed: str
    confidence: float


@dataclass(frozen=True)
class Report:
    """Cross-validation: stories by section, those whose best guess was right, every mistake; and
    the threshold, the share of stories that reach it, and the share of those that are right."""

    stories: Counter[str]
    right: Counter[str]
    mistakes: tuple[Mistake, ...]
    left_out: Counter[str]
    strength: float
    threshold: float
    coverage: float
    precision: float

    @property
    def accuracy(self) -> float:
        """The share of stories that came back to their section, whatever the threshold."""
        return self.right.total() / self.stories.total()

    @property
    def is_enough(self) -> bool:
        """True if most stories would get a section at the wanted precision."""
        return self.coverage >= LEAST_COVERAGE


def train(stories: Sequence[TrainingText]) -> tuple[dict[str, Any], Report]:
    """The model as `read_model` reads it, and how well such a model does; raises TooLittle."""
    counts = Counter(story.section for story in stories)
    usable = [story for story in stories if counts[story.section] >= LEAST_STORIES]
    sections = sorted({story.section for story in usable})
    if len(sections) < 2:
        raise TooLittle(
            f"sections need {LEAST_STORIES} stories each and there must be two such sections; "
            f"found: {dict(counts) or 'none'}"
        )
    left_out = Counter({name: n for name, n in counts.items() if name not in sections})
    report = _cross_validated(usable, left_out)
    return _fitted(usable, report), report


@dataclass(frozen=True)
class Threshold:
    """The least probability to show a section for, and the shares of stories shown, and of those
    that are right."""

    probability: float
    coverage: float
    precision: float


def lowest_threshold(best: Sequence[tuple[float, bool]]) -> Threshold:
    """The lowest probability from which on enough guesses are right, of each story's best guess and
    its being right; above 1, with nothing shown, where there is none."""
    ranked = sorted(best, reverse=True)
    found = Threshold(1.1, 0.0, 0.0)
    right = 0
    for number, (probability, is_right) in enumerate(ranked, 1):
        right += is_right
        is_last_of_equals = number == len(ranked) or ranked[number][0] < probability
        if is_last_of_equals and right >= WANTED_PRECISION * number:
            found = Threshold(probability, number / len(ranked), right / number)
    return found


def _pipeline(strength: float) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectors = TfidfVectorizer(analyzer=terms, sublinear_tf=True, max_features=MAX_TERMS)
    return make_pipeline(vectors, LogisticRegression(C=strength, max_iter=500))


def _cross_validated(stories: Sequence[TrainingText], left_out: Counter[str]) -> Report:
    """The report on the regularisation with which most stories get a section, at the wanted
    precision."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    texts, labels = [s.text for s in stories], [s.section for s in stories]
    folds = StratifiedKFold(MAX_FOLDS, shuffle=True, random_state=0)
    tried = []
    for strength in STRENGTHS:
        chances = cross_val_predict(
            _pipeline(strength), texts, labels, cv=folds, method="predict_proba"
        )
        tried.append(_report(stories, chances, strength, left_out))
    return max(tried, key=lambda report: (report.coverage, report.accuracy))


def _report(
    stories: Sequence[TrainingText], chances: Any, strength: float, left_out: Counter[str]
) -> Report:
    sections = sorted({story.section for story in stories})
    right: Counter[str] = Counter()
    mistakes, guesses = [], []
    for story, chance in zip(stories, chances, strict=True):
        best = int(chance.argmax())
        guesses.append((float(chance[best]), sections[best] == story.section))
        if sections[best] == story.section:
            right[story.section] += 1
        else:
            confidence = round(float(chance[best]), 2)
            mistakes.append(Mistake(story.name, story.section, sections[best], confidence))
    found = lowest_threshold(guesses)
    return Report(
        Counter(story.section for story in stories),
        right,
        tuple(mistakes),
        left_out,
        strength,
        found.probability,
        found.coverage,
        found.precision,
    )


def _fitted(stories: Sequence[TrainingText], report: Report) -> dict[str, Any]:
    pipeline = _pipeline(report.strength).fit(
        [s.text for s in stories], [s.section for s in stories]
    )
    vectors, linear = pipeline[0], pipeline[1]
    sections = [str(name) for name in linear.classes_]
    weights, bias = _per_section(linear.coef_.tolist(), linear.intercept_.tolist())
    by_term: dict[str, list[float]] = {}
    for term, column in sorted(vectors.vocabulary_.items()):
        row = [round(values[column], DIGITS) for values in weights]
        if max(map(abs, row)) >= KEPT_WEIGHT:
            by_term[term] = [round(float(vectors.idf_[column]), DIGITS), *row]
    name = digest(json.dumps(by_term, sort_keys=True), characters=8)
    return {
        "format": "newsman sections 1",
        "method": f"sections model {name}",
        "stories": len(stories),
        "strength": report.strength,
        # Cut, not rounded: a threshold above its own story would leave that out.
        "threshold": math.floor(report.threshold * 1000) / 1000,
        "sections": sections,
        "bias": [round(value, DIGITS) for value in bias],
        "terms": by_term,
    }


def _per_section(
    weights: list[list[float]], bias: list[float]
) -> tuple[list[list[float]], list[float]]:
    """A row for each section; of two sections the library keeps the second's only."""
    if len(weights) > 1:
        return weights, bias
    # A softmax over zero and the second's score is its logistic function.
    return [[0.0] * len(weights[0]), weights[0]], [0.0, bias[0]]
