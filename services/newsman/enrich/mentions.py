"""A mention: where a text names something, and what a finder takes it for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Field = Literal["headline", "body_text"]
EntityType = Literal["person", "place", "organisation", "event", "work"]


@dataclass(frozen=True)
class Mention:
    """Half-open character offsets into one field; `known` is a gazetteer's name for it."""

    field: Field
    start: int
    end: int
    text: str
    type: EntityType
    method: str
    known: str | None = None
    identifier: str | None = None

    def trimmed(self, left: int, right: int) -> "Mention":
        """The mention without so many characters on either side."""
        end = len(self.text) - right
        return replace(
            self, start=self.start + left, end=self.end - right, text=self.text[left:end]
        )


Finder = Callable[[Field, str], list[Mention]]
"""Finds the mentions in one field's text."""
