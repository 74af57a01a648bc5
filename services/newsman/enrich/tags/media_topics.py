"""The live IPTC Media Topics: codes, names, and which is broader than which."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from newsman.enrich.data_files import rows

SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"
PREFIX = "medtop:"


@dataclass(frozen=True)
class Concept:
    """A Media Topic; `broader` is the code above it, None for the seventeen of the first level."""

    code: str
    name: str
    broader: str | None


@cache
def load_vocabulary() -> Mapping[str, Concept]:
    """Code -> concept, all that are not retired."""
    return {
        code: Concept(code, name, broader or None)
        for code, name, broader, _ in rows("mediatopics.psv", 4)
    }


def first_level(code: str, vocabulary: Mapping[str, Concept]) -> str:
    """The code of the first level that this one is under, itself included."""
    while broader := vocabulary[code].broader:
        code = broader
    return code


def plain_code(code: str | None) -> str | None:
    """The eight digits of a Media Topic, however it is written: QCode, URI or bare."""
    digits = (code or "").removeprefix(PREFIX).removeprefix(SCHEME)
    return digits if len(digits) == 8 and digits.isdigit() else None
