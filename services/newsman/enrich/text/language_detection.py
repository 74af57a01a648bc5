"""The language of an article: the newsroom's word first, then detection with a margin."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from newsman.enrich.text.function_words import function_words
from newsman.enrich.text.scripts import contradicts, has_telling_letters, language_of, script_of
from newsman.enrich.text.sentences import words
from newsman.enrich.text.true_case import is_ordinary
from newsman_schemas.article_rules import language_tags
from newsman_schemas.articles import Article

READ_CHARACTERS = 2_000
LEAST_LETTERS = 40
LEAST_CONFIDENCE = 0.9
"""Below them the detector alone is not believed: no language is named rather than a wrong one."""
LEAST_SMALL_WORDS, LEAST_ALONE, TIMES_THE_NEXT = 1.5, 4.0, 2.0
"""Small words of a language: with the detector of one mind, and by themselves; and how many times
as many as of any other."""
LEAST_OF_A_SCRIPT, LEAST_WITH_LETTERS = 0.7, 0.5
"""The detector's confidence that is enough within a script of few languages, and beside letters
that only its language has."""
FLASH_LETTERS, LEAST_OF_A_FLASH, CERTAIN = 25, 0.97, 1.01
LEAST_ORDINARY, ORDINARY_SHARE = 4, 0.8
SCRIPT, SMALL_WORDS, ORDINARY_WORDS = "script", "small words", "ordinary words"
NEWSROOM = "newsroom"

Detect = Callable[[str], tuple[str, float]]
"""The likeliest ISO 639-1 code of a text, and its probability."""


@dataclass(frozen=True)
class Spoken:
    """A language by its ISO 639-1 code, None when nothing is sure; how sure, and by whom; and the
    language that most speaks for, sure or not."""

    code: str | None
    confidence: float
    method: str
    likeliest: str | None = None

    def read_as(self, default: str) -> str | None:
        """The language to read the text in: the default where nothing speaks for another."""
        return self.code or (default if self.likeliest in {None, default} else None)


def spoken(article: Article, detect: Detect | None, *, method: str) -> Spoken:
    """The article's language: the newsroom's word, unless the text's script contradicts it (a
    source's default says nothing of one article); then the script, small words and the detector."""
    text = f"{article.headline}\n{article.body_text[:READ_CHARACTERS]}"
    script = script_of(text)
    if article.language:
        said = language_tags(article.language)[1]
        if script is None or not contradicts(script, said):
            return Spoken(said, 1.0, NEWSROOM, said)
    if script is not None and (code := language_of(script, text)):
        return Spoken(code, 1.0, SCRIPT, code)
    code, confidence = detect(text) if detect else (None, 0.0)
    if script not in {"LATIN", None}:
        return _of_a_script(text, script, code, confidence, method)
    return _by_words(text, code, confidence, method)


def _of_a_script(
    text: str, script: str, code: str | None, confidence: float, method: str
) -> Spoken:
    """The language of a text whose script has several: that of its small words, else what the
    detector is sure enough of."""
    counts = {c: n for c, n in function_words(text).items() if not contradicts(script, c)}
    ranked = sorted(counts, key=lambda c: -counts[c])
    if ranked and (len(ranked) == 1 or counts[ranked[0]] > counts[ranked[1]]):
        return Spoken(ranked[0], LEAST_CONFIDENCE, SMALL_WORDS, ranked[0])
    is_sure = code is not None and not contradicts(script, code) and confidence >= LEAST_OF_A_SCRIPT
    return Spoken(code if is_sure else None, round(confidence, 3), method, code)


def _by_words(text: str, code: str | None, confidence: float, method: str) -> Spoken:
    """The language of a text in Latin letters, by small words and what the detector says."""
    small = _leading(text)
    if small is not None and _are_one(small.code, code):
        return Spoken(code, round(max(confidence, LEAST_CONFIDENCE), 3), method, code)
    if small is not None and small.words >= LEAST_ALONE:
        return Spoken(small.code, LEAST_CONFIDENCE, SMALL_WORDS, small.code)
    if code and has_telling_letters(code, text) and confidence >= LEAST_WITH_LETTERS:
        return Spoken(code, round(max(confidence, LEAST_CONFIDENCE), 3), method, code)
    if small is None and confidence >= _least_confidence(text):
        return Spoken(code, round(confidence, 3), method, code)
    if _is_english(text, LEAST_ORDINARY - (code == "en")):
        return Spoken("en", LEAST_CONFIDENCE, ORDINARY_WORDS, "en")
    return Spoken(None, round(confidence, 3), method, small.code if small else None)


def _least_confidence(text: str) -> float:
    """The confidence from which on the detector alone is believed; more of a short text."""
    letters = sum(map(str.isalpha, text))
    if letters >= LEAST_LETTERS:
        return LEAST_CONFIDENCE
    return LEAST_OF_A_FLASH if letters >= FLASH_LETTERS else CERTAIN


def _is_english(text: str, least: int) -> bool:
    """True if nearly all words in small letters, and so many, are ordinary English ones."""
    small = [word for word in words(text) if word.isascii() and word.islower()]
    ordinary = sum(map(is_ordinary, small))
    return ordinary >= least and ordinary >= ORDINARY_SHARE * len(small)


@dataclass(frozen=True)
class SmallWords:
    """The language with the most small words in a text, and how many, shared ones in part."""

    code: str
    words: float


def _leading(text: str) -> SmallWords | None:
    """The language that clearly leads; None where hardly a small word is there, or of several
    languages as many."""
    counts = function_words(text)
    ranked = sorted((-words, code) for code, words in counts.items())
    if not ranked or -ranked[0][0] < LEAST_SMALL_WORDS:
        return None
    is_clear = len(ranked) == 1 or ranked[0][0] <= TIMES_THE_NEXT * ranked[1][0]
    return SmallWords(ranked[0][1], -ranked[0][0]) if is_clear else None


def _are_one(code: str, other: str | None) -> bool:
    return _SAME.get(code, code) == _SAME.get(other or "", other)


_SAME = {"nb": "no", "nn": "no", "bs": "hr", "sr": "hr"}


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
