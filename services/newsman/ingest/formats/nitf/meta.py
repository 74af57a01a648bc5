"""Names that agencies use in a NITF document's `meta` elements: ANPA's, and ANSA's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import attribute, children, short
from newsman.ingest.formats.markup.xml_values import number
from newsman.ingest.formats.members import concepts, word_count

_SLUGS = ("anpa-keyword", "slugline", "slug")
_KEYWORDS = ("keywords", "keyword")
_AUTHORS = {"author": None, "writer": "writer"}
_SUBJECT_CODES = ("category_iptc", "iptc-subject", "subject_iptc")
_PRIORITIES = ("priority", "anpa-priority")
_CATEGORIES = ("anpa-category", "category")
_WORD_COUNTS = ("anpa-wordcount", "wordcount")
# ANPA 1312: flash, bulletin, urgent, regular, deferred.
_URGENCIES = {"f": 1, "b": 2, "u": 3, "r": 5, "d": 6}
# ANSA's mark before a headline or keyword.
_AGENCY_MARK = re.compile(r"\A>{2,9}[A-Z]{2,12}/")


@dataclass(frozen=True)
class Metas:
    """The `meta` elements of a head: names in lower case, and their contents."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, head: Element) -> "Metas":
        metas = children(head, "meta")
        named = (((attribute(m, "name") or "").lower(), attribute(m, "content")) for m in metas)
        return cls(tuple((name, content) for name, content in named if content))

    @property
    def slug(self) -> str | None:
        return next(self._of(_SLUGS), None)

    @property
    def urgency(self) -> int | None:
        priority = next(self._of(_PRIORITIES), "")
        return _URGENCIES.get(priority.lower()) or number(priority, lowest=1, highest=9)

    @property
    def keywords(self) -> list[str]:
        texts = (without_mark(text) or "" for text in self._of(_KEYWORDS))
        words = (short(word.strip()) for text in texts for word in re.split("[,;]", text))
        return [word for word in words if word]

    @property
    def authors(self) -> list[dict[str, Any]]:
        named = ((name, content) for name, content in self.pairs if name in _AUTHORS)
        return [{"name": short(content), "role": _AUTHORS[name]} for name, content in named]

    @property
    def subjects(self) -> list[dict[str, Any]]:
        codes = self._of(_SUBJECT_CODES)
        return [{"name": None, "code": short(code), "scheme": "IPTC"} for code in codes]

    @property
    def members(self) -> dict[str, Any]:
        """Facts that ninjs has names for."""
        categories = ((None, content) for content in self._of(_CATEGORIES))
        return {
            "service": concepts(categories),
            "wordcount": word_count(next(self._of(_WORD_COUNTS), None)),
            "ingest_provider_sequence": next(self._of(("anpa-sequence",)), None),
            "anpa_take_key": next(self._of(("anpa-takekey",)), None),
        }

    def _of(self, names: tuple[str, ...]) -> Iterator[str]:
        return (content for wanted in names for name, content in self.pairs if name == wanted)


def without_mark(line: str | None) -> str | None:
    """A headline or keyword without the mark that an agency's software prefixes."""
    return _AGENCY_MARK.sub("", line) if line else line
