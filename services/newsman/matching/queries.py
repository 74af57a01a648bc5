"""One standing query: what it asks for, and whether an article has it."""

from collections.abc import Collection, Set
from dataclasses import dataclass

from newsman.matching.terms import Alternatives, asked_terms
from newsman.matching.words import ArticleWords, Phrase, Tokenizer, read_search
from newsman_schemas.subscriptions import Filter

UNFINISHED = "*"
"""Ends the beginning of a word where terms and words are asked for."""
_COMMON = ("language:", "section:", "source:", "urgency:")
"""Terms that many articles stand under."""
EVERYTHING: Alternatives = ("",)


@dataclass(slots=True, eq=False)
class Query:
    """A query: of each of its alternatives an article must have one.

    `vain` counts the comparisons with articles that it did not take, since it waits where it does.
    """

    name: str
    asked: tuple[Alternatives, ...]
    phrases: tuple[Phrase, ...]
    unfinished: Phrase
    collapses: bool
    waits_under: Alternatives
    vain: int = 0

    @property
    def needs_words(self) -> bool:
        """True if it asks for any word."""
        return any(is_word(alternatives[0]) for alternatives in self.asked)

    def missing(self, terms: Set[str], words: ArticleWords) -> Alternatives | None:
        """The first of its alternatives that an article has none of; None if there are none such,
        EVERYTHING where it has all words, but not together."""
        for alternatives in self.asked:
            if terms.isdisjoint(alternatives) and not _begins(alternatives[0], words):
                return alternatives
        if not all(map(words.has, self.phrases)):
            return EVERYTHING
        if self.unfinished and not words.begins_together(self.unfinished):
            return EVERYTHING
        return None


def read_query(
    name: str, filters: Filter, products: Collection[str], tokenizer: Tokenizer
) -> Query | None:
    """The query of a filter; None if no article can match, as of words without a letter."""
    search = read_search(filters.q, tokenizer)
    if filters.q and search.is_empty:
        return None
    *together, last = search.unfinished or ("",)
    words = dict.fromkeys((*search.tokens, *(w for phrase in search.phrases for w in phrase)))
    words |= dict.fromkeys(together)
    asked = [*asked_terms(filters, products), *((word,) for word in words)]
    if last:
        asked.append((last + UNFINISHED,))
    return Query(
        name,
        tuple(asked),
        search.phrases,
        search.unfinished if together else (),
        filters.collapse is not None,
        min(asked, key=_commonness, default=EVERYTHING),
    )


def is_word(term: str) -> bool:
    """True for a word or the beginning of one."""
    return ":" not in term


def _begins(asked: str, words: ArticleWords) -> bool:
    return asked.endswith(UNFINISHED) and words.begins(asked.removesuffix(UNFINISHED))


def _commonness(alternatives: Alternatives) -> tuple[bool, int]:
    """The order in which queries choose what they wait under; long words are rare."""
    return alternatives[0].startswith(_COMMON), -min(map(len, alternatives))
