"""Words and phrases looked up in one pass over a text, however many there are."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar

T = TypeVar("T")

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")
LEAST_PREFIX = 3
KEPT_WORDS = 20_000


class Lexicon(Generic[T]):
    """Entries by their first word; a last word that ends in * stands for all that begin with it."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._whole: dict[str, list[tuple[tuple[str, ...], bool, T]]] = defaultdict(list)
        self._begun: dict[str, list[T]] = defaultdict(list)
        for written, meaning in entries:
            words = tuple(token.group().casefold() for token in _TOKEN.finditer(written))
            if len(words) == 1 and written.endswith("*") and len(words[0]) >= LEAST_PREFIX:
                self._begun[words[0]].append(meaning)
            elif words:
                self._whole[words[0]].append((words[1:], written.endswith("*"), meaning))
        self._longest = max(map(len, self._begun), default=0)
        self._beginning = lru_cache(maxsize=KEPT_WORDS)(self._look_up)

    def find(self, text: str) -> Iterator[tuple[T, int, int]]:
        """Every entry in the text with its half-open offsets; entries may overlap."""
        tokens = [(m.group().casefold(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
        for number, (word, start, end) in enumerate(tokens):
            for rest, is_open, meaning in self._whole.get(word, ()):
                following = tokens[number + 1 : number + 1 + len(rest)]
                if _is(rest, is_open, [token[0] for token in following]):
                    yield meaning, start, following[-1][2] if following else end
            for meaning in self._beginning(word):
                yield meaning, start, end

    def _look_up(self, word: str) -> tuple[T, ...]:
        lengths = range(LEAST_PREFIX, min(len(word), self._longest) + 1)
        return tuple(m for length in lengths for m in self._begun.get(word[:length], ()))


def _is(rest: tuple[str, ...], is_open: bool, words: list[str]) -> bool:  # noqa: FBT001
    if not rest or len(words) < len(rest):
        return not rest
    last = words[-1].startswith(rest[-1]) if is_open else words[-1] == rest[-1]
    return last and tuple(words[:-1]) == rest[:-1]
