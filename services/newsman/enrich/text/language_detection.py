"""The language of an article: the newsroom's word first, then detection with a margin."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from newsman_schemas.article_rules import language_tags
from newsman_schemas.articles import Article

READ_CHARACTERS = 2_000
LEAST_LETTERS = 40
LEAST_CONFIDENCE = 0.9
"""Below it the text is taken for no language rather than for the wrong one."""
NEWSROOM = "newsroom"

Detect = Callable[[str], tuple[str, float]]
"""The likeliest ISO 639-1 code of a text, and its probability."""


@dataclass(frozen=True)
class Spoken:
    """A language by its ISO 639-1 code, None when nothing is sure; how sure, and by whom."""

    code: str | None
    confidence: float
    method: str


def spoken(article: Article, detect: Detect | None, *, method: str) -> Spoken:
    """The article's language."""
    if article.language:
        return Spoken(language_tags(article.language)[1], 1.0, NEWSROOM)
    text = f"{article.headline}\n{article.body_text[:READ_CHARACTERS]}"
    if detect is None or sum(map(str.isalpha, text)) < LEAST_LETTERS:
        return Spoken(None, 0.0, method)
    code, confidence = detect(text)
    return Spoken(code if confidence >= LEAST_CONFIDENCE else None, round(confidence, 3), method)


@cache
def load_detector() -> tuple[Detect, str]:
    """py3langid with probabilities, and its name and version."""
    from importlib.metadata import version

    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(text: str) -> tuple[str, float]:
        code, probability = identifier.classify(text)
        return str(code), float(probability)

    return detect, f"py3langid {version('py3langid')}"
