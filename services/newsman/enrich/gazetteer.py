"""Places and organisations that are known by name, with their other names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from newsman.enrich.mentions import EntityType, Field, Mention, in_small_letters

METHOD = "gazetteer 2"
ALSO_WORDS = frozenset({"WHO"})
"""Acronyms that are ordinary words too, which a text in capitals does not tell apart."""


@dataclass(frozen=True)
class Known:
    """What a name stands for; `identifier` is an ISO 3166-1 code where there is one."""

    name: str
    type: EntityType
    identifier: str | None = None


class Gazetteer:
    """Finds known names as whole words, the longest first."""

    def __init__(self, names: dict[str, Known], demonyms: Iterable[str]) -> None:
        self._names = names
        self.demonyms = frozenset(demonyms)
        longest_first = sorted(names, key=len, reverse=True)
        self._pattern = re.compile(
            r"(?<![\w-])(?:" + "|".join(_spelled(name) for name in longest_first) + r")(?!\w|-\w)"
        )

    def get(self, name: str) -> Known | None:
        """What the name stands for, if it is known."""
        return self._names.get(name.replace("’", "'"))

    def find(self, field: Field, text: str) -> list[Mention]:
        """Every known name in the text."""
        found = [self._mention(field, match, text) for match in self._pattern.finditer(text)]
        if not text.isupper():
            return found
        spelled_out = self._pattern.finditer(in_small_letters(text))
        acronyms = [mention for mention in found if mention.text not in ALSO_WORDS]
        seen = {(mention.start, mention.end) for mention in acronyms}
        return acronyms + [
            self._mention(field, match, text) for match in spelled_out if match.span() not in seen
        ]

    def _mention(self, field: Field, match: "re.Match[str]", text: str) -> Mention:
        known = self._names[match.group().replace("’", "'")]
        start, end = match.span()
        surface = text[start:end]
        return Mention(field, start, end, surface, known.type, METHOD, known.name, known.identifier)


def load_gazetteer() -> Gazetteer:
    """The gazetteer that comes with Newsman."""
    names: dict[str, Known] = {}
    demonyms: list[str] = []
    for line in _lines("places.txt"):
        names[line] = Known(line, "place")
    for code, name, capital, others, people in _rows("countries.psv", 5):
        known = Known(name, "place", f"iso3166-1:{code}")
        names |= dict.fromkeys((name, *_list(others)), known)
        if capital:
            names[capital] = Known(capital, "place")
        demonyms += _list(people)
    for name, others in _rows("organisations.psv", 2):
        known = Known(name, "organisation")
        names |= dict.fromkeys((name, *_list(others)), known)
    return Gazetteer(names, demonyms)


def read_data(name: str) -> str:
    """A data file of this package."""
    return (files("newsman.enrich") / "data" / name).read_text("utf-8")


def _lines(name: str) -> Iterator[str]:
    for line in read_data(name).splitlines():
        if line and not line.startswith("#"):
            yield line


def _rows(name: str, width: int) -> Iterator[list[str]]:
    for line in _lines(name):
        row = line.split("|")
        assert len(row) == width, f"{name}: {line}"
        yield row


def _list(cell: str) -> list[str]:
    return [part for part in cell.split(",") if part]


def _spelled(name: str) -> str:
    return re.escape(name).replace("'", "['’]").replace(r"\ ", r"\s")
