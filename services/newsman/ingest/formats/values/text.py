"""Cleaning what newsrooms send of characters that no output format can carry."""

import re
from typing import Any

MAX_DEPTH = 40

# Control characters except tab and line feed, surrogates, byte order marks, and the two
# non-characters that XML 1.0 section 2.2 leaves out.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")

# White space, and letters and marks that take no place or show nothing.
_NOTHING = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\uffa0]*"
)
_UNCHANGED = frozenset({bool, int, float, type(None)})


class TooDeep(ValueError):
    """Values are nested deeper than any article needs."""


def clean(text: str) -> str:
    """The text without characters that XML, JSON or a terminal would choke on."""
    if text.isprintable():
        return text  # which leaves out all that is taken away below, and is much the quickest
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_all(value: Any, *, depth: int = 0) -> Any:
    """A JSON value with every string cleaned; raises TooDeep."""
    if isinstance(value, str):
        return clean(value)
    if not isinstance(value, (list, dict)):
        return value
    if value and depth == MAX_DEPTH:
        raise TooDeep(f"nested deeper than {MAX_DEPTH} levels")
    # Numbers and the like are passed by without a call.
    if isinstance(value, list):
        return [
            item if type(item) in _UNCHANGED else clean_all(item, depth=depth + 1) for item in value
        ]
    return {
        clean(str(key)): item if type(item) in _UNCHANGED else clean_all(item, depth=depth + 1)
        for key, item in value.items()
    }


def is_blank(text: str) -> bool:
    """True if a reader would see nothing of the text."""
    return not text.strip() or (not text.isascii() and _NOTHING.fullmatch(text) is not None)


def one_line(text: str) -> str:
    """The text with every run of white space replaced by one space."""
    if text.isprintable() and "  " not in text:
        return text.strip()  # of white space only the space is printable; much the quickest
    return " ".join(text.split())
