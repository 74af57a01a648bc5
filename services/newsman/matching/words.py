"""Words of texts and of searches, as SQLite's FTS5 reads them."""

import re
import sqlite3
import threading
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from newsman_schemas.articles import Article

TOKENIZER = "unicode61 remove_diacritics 2"
"""Of every index of words: https://sqlite.org/fts5.html#unicode61_tokenizer."""
MAX_WORDS = 12
BLOCK = 256
_SURROGATES = range(0xD800, 0xE000)
_UNASSIGNED = range(0x40000, 0xE0000)
"""Planes of Unicode without a character, which FTS5 takes for letters."""
_WORD = re.compile(r"\w+")

Phrase = tuple[str, ...]
"""Tokens that stand one after another in one field."""


def words_of(query: str) -> list[str]:
    """The words that a search asks for; those after the first MAX_WORDS are left out."""
    return _WORD.findall(unicodedata.normalize("NFC", query))[:MAX_WORDS]


def match_of(words: Sequence[str], *, is_finished: bool = False) -> str:
    """A query of FTS5 for all the words, in which nothing that a reader types is an operator.

    Unless it is finished, the last word may go on.
    """
    quoted = " ".join([f'"{word}"' for word in words])
    return quoted if is_finished or not words else f"{quoted}*"


def searched_fields(article: Article) -> tuple[str, str, str]:
    """Headline, summary and text: the fields that searches look through."""
    return article.headline, article.summary or "", article.body_text


class Tokenizer(dict[int, str]):
    """FTS5's reading of each character: its folded form, a space between words, or nothing.

    FTS5 looks at every character by itself, so a text's tokens follow from this. It is asked for
    the characters of a block when the first of them is met.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._fts5 = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._fts5.executescript(
            f"CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = '{TOKENIZER}');"
            "CREATE VIRTUAL TABLE tokens USING fts5vocab (words, instance);"
        )

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text in their order."""
        return text.translate(self).split()

    def __missing__(self, character: int) -> str:
        if character in _UNASSIGNED:
            return chr(character)
        first = character - character % BLOCK
        with self._lock:
            self.update(self._block(range(first, first + BLOCK)))
        return self[character]

    def _block(self, characters: range) -> dict[int, str]:
        samples = [f"{n} a{chr(n)}b" for n in characters if n not in _SURROGATES]
        self._fts5.execute("DELETE FROM words")
        self._fts5.execute("INSERT INTO words (text) VALUES (?)", (" ".join(samples),))
        folded, number = dict.fromkeys(characters, " "), -1
        rows = self._fts5.execute("SELECT term FROM tokens ORDER BY offset")
        for (token,) in rows.fetchall():
            if token.isascii() and token.isdecimal():
                number = int(token)
            elif token.startswith("a") and token.endswith("b") and len(token) > 1:
                folded[number] = token[1:-1]
        return folded


@cache
def tokenizer() -> Tokenizer:
    """The one of this process: a character is asked for once, however many searches there are."""
    return Tokenizer()


@dataclass(frozen=True)
class Search:
    """The words of a search as FTS5 reads them.

    `tokens` must be there and `phrases` stand together; the last token of `unfinished` may go on.
    A search without any token finds nothing.
    """

    tokens: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    unfinished: Phrase = ()

    @property
    def is_empty(self) -> bool:
        """True if it has no token."""
        return not (self.tokens or self.phrases or self.unfinished)


def read_search(query: str, tokenizer: Tokenizer) -> Search:
    """The search that a reader's query asks for."""
    read = [tuple(tokenizer.tokens(word)) for word in words_of(query)]
    *whole, unfinished = read or [()]
    return Search(
        tokens=tuple(phrase[0] for phrase in whole if len(phrase) == 1),
        phrases=tuple(phrase for phrase in whole if len(phrase) > 1),
        unfinished=unfinished,
    )


class ArticleWords:
    """The tokens of an article's searched fields; none without a tokenizer."""

    def __init__(self, article: Article, tokenizer: Tokenizer | None) -> None:
        texts = searched_fields(article)
        self._fields = list(map(tokenizer.tokens, texts)) if tokenizer else []
        self.tokens = set[str]().union(*self._fields)
        self._sorted: list[str] | None = None

    def begins(self, beginning: str) -> bool:
        """True if any token begins so."""
        if self._sorted is None:
            self._sorted = sorted(self.tokens)
        place = bisect_left(self._sorted, beginning)
        return place < len(self._sorted) and self._sorted[place].startswith(beginning)

    def has(self, phrase: Phrase) -> bool:
        """True if the tokens stand together in a field."""
        return any(
            tuple(tokens[at : at + len(phrase)]) == phrase
            for tokens in self._fields
            for at in _places(tokens, phrase[0])
        )

    def begins_together(self, phrase: Phrase) -> bool:
        """True if the tokens stand together in a field, the last perhaps unfinished."""
        *whole, last = phrase
        size = len(whole)
        return any(
            tokens[at : at + size] == whole and tokens[at + size].startswith(last)
            for tokens in self._fields
            for at in _places(tokens, phrase[0])
            if at + size < len(tokens)
        )


def _places(tokens: Sequence[str], token: str) -> list[int]:
    return [at for at, other in enumerate(tokens) if other == token]
