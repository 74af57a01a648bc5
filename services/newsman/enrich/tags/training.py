"""Learns a newsroom's own sections from its archive: TF-IDF and a linear model."""

import json
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
STRENGTH = 20.0
"""Inverse of regularisation: so much, since a text's terms have length one all together."""
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
    """Accuracy by cross-validation, by section and in all, and every mistake."""

    stories: Counter[str]
    right: Counter[str]
    mistakes: tuple[Mistake, ...]
    left_out: Counter[str]

    @property
    def accuracy(self) -> float:
        """The share of stories that came back to their section."""
        return self.right.total() / self.stories.total()


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
    return _fitted(usable), _cross_validated(usable, left_out)


def _pipeline() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectors = TfidfVectorizer(analyzer=terms, sublinear_tf=True, max_features=MAX_TERMS)
    return make_pipeline(vectors, LogisticRegression(C=STRENGTH, max_iter=500))


def _cross_validated(stories: Sequence[TrainingText], left_out: Counter[str]) -> Report:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    texts, labels = [s.text for s in stories], [s.section for s in stories]
    folds = StratifiedKFold(MAX_FOLDS, shuffle=True, random_state=0)
    chances = cross_val_predict(_pipeline(), texts, labels, cv=folds, method="predict_proba")
    sections = sorted(set(labels))
    right: Counter[str] = Counter()
    mistakes = []
    for story, chance in zip(stories, chances, strict=True):
        best = int(chance.argmax())
        if sections[best] == story.section:
            right[story.section] += 1
        else:
            confidence = round(float(chance[best]), 2)
            mistakes.append(Mistake(story.name, story.section, sections[best], confidence))
    return Report(Counter(labels), right, tuple(mistakes), left_out)


def _fitted(stories: Sequence[TrainingText]) -> dict[str, Any]:
    pipeline = _pipeline().fit([s.text for s in stories], [s.section for s in stories])
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
