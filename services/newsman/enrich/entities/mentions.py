"""A mention: where a text names something, and what a finder takes it for."""

from dataclasses import dataclass, replace
from typing import Literal

from newsman_schemas.editing import NameType

Field = Literal["headline", "body_text"]
EntityType = NameType
OWN_NAMES = "own names 1"
"""The method of mentions that the newsroom itself has decided on."""


@dataclass(frozen=True)
class Mention:
    """Half-open character offsets into one field; `known` is a name that settles what it is, a
    gazetteer's (`is_listed`) or one that a rule is sure of."""

    field: Field
    start: int
    end: int
    text: str
    type: EntityType
    method: str
    known: str | None = None
    identifier: str | None = None
    is_listed: bool = True

    @property
    def is_own(self) -> bool:
        """True of a name that the newsroom itself has decided on."""
        return self.method == OWN_NAMES

    def trimmed(self, left: int, right: int) -> "Mention":
        """The mention without so many characters on either side."""
        end = len(self.text) - right
        return replace(
            self, start=self.start + left, end=self.end - right, text=self.text[left:end]
        )

    def extended(self, text: str, left: int, right: int) -> "Mention":
        """The mention with so many characters more of its text on either side."""
        start, end = self.start - left, self.end + right
        return replace(self, start=start, end=end, text=text[start:end])


def in_small_letters(text: str) -> str:
    """Capitals as names are usually written, character for character, so that offsets hold."""
    before = ("", *text)
    return "".join(
        _small(letter) if last.isalpha() else letter
        for last, letter in zip(before, text, strict=False)
    )


def _small(letter: str) -> str:
    # Python lowers the dotted capital of Turkish to two characters.
    return "i" if letter == "İ" else letter.lower()
