"""A finding of the doctor's: what it is about, how bad it is, and the remedy."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """`unwise` works today; `wrong` does not, or loses something."""

    GOOD = "good"
    UNWISE = "unwise"
    WRONG = "wrong"


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at."""

    area: str
    level: Level
    text: str
    remedy: str = ""

    def document(self) -> dict[str, Any]:
        """The finding as JSON shows it."""
        return asdict(self)


def good(area: str, text: str) -> Diagnosis:
    """A finding that nothing need be done about."""
    return Diagnosis(area, Level.GOOD, text)


def unwise(area: str, text: str, remedy: str) -> Diagnosis:
    """A finding that will be trouble one day."""
    return Diagnosis(area, Level.UNWISE, text, remedy)


def wrong(area: str, text: str, remedy: str) -> Diagnosis:
    """A finding that is trouble already."""
    return Diagnosis(area, Level.WRONG, text, remedy)
