"""Texts as tokens by which names are compared: words, and signs one by one; spaces are none."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

LONGEST_TOKEN = 200
"""A longer word is in no name."""

_WITHOUT_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts that write words, or words and what belongs to them, without a space between: each
character is a token. Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean."""
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "‐": "-", "‑": "-", "–": "-", "“": '"', "”": '"'}
)


class Tokens(NamedTuple):
    """The tokens of a text in the form that is compared, and their half-open offsets into it."""

    folded: list[str]
    spans: list[tuple[int, int]]


def tokens_of(text: str) -> Tokens:
    """The tokens of a text in order; a line break is one, so that no name goes over it."""
    if text.isascii():
        lowered = list(_pattern().finditer(text.lower()))
        return Tokens([match.group() for match in lowered], [match.span() for match in lowered])
    matches = list(_pattern().finditer(text))
    written = [match.group() for match in matches]
    forms = {token: folded(token) for token in {*written}}
    return Tokens([forms[token] for token in written], [match.span() for match in matches])


def written_tokens(text: str) -> Iterator[str]:
    """The tokens of a text as they are written there."""
    return (match.group() for match in _pattern().finditer(text))


def folded(token: str) -> str:
    """A token without what spellings of one name differ in: case, and forms of one character."""
    return token.lower() if token.isascii() else plain(token).casefold()


def plain(token: str) -> str:
    """A token with its case, and one form for each character (NFKC); "" for one that is too
    long."""
    if token.isascii():
        return token
    if len(token) > LONGEST_TOKEN:
        return ""
    return unicodedata.normalize("NFKC", token.translate(_ALIKE))


@cache
def _pattern() -> re.Pattern[str]:
    marks = "".join(
        chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"
    )
    letters = rf"[^\W{_WITHOUT_SPACES}]+"
    # ZWNJ and ZWJ stand inside words of Persian and of Indian scripts.
    word = rf"{letters}(?:[{marks}\u200c\u200d]+(?:{letters})?)*"
    # Most words end where nothing but ASCII follows, and classes of Unicode are slow.
    plain_word = r"[0-9A-Za-z_]++(?![^\x00-\x7f])"
    return re.compile(rf"{plain_word}|{word}|[{_WITHOUT_SPACES}]|\n|[^\s{_UNSEEN}]")
