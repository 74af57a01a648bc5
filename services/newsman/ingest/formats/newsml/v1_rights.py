"""Rights in a NewsML 1.2 item: RightsMetadata (section 5.9) and lines with the same content."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import child_text, children, short
from newsman.ingest.formats.markup.xml_texts import texts_of

_TERMS = ("UsageType", "Geography", "Limitations")
_COPYRIGHT = ("CopyrightDate", "CopyrightHolder")


def rights_of(lineage: list[Element]) -> dict[str, Any]:
    """Copyright and terms of usage, those nearest to the text first."""
    metadata = [each for element in lineage for each in children(element, "RightsMetadata")]
    notices = [*_lines(lineage, "CopyrightLine"), *_holders(metadata)]
    terms = "\n\n".join(dict.fromkeys(_terms(metadata)))
    return {
        "copyright": short(next(iter(notices), None)),
        "usage_terms": terms or next(_lines(lineage, "RightsLine"), None),
    }


def _lines(lineage: list[Element], name: str) -> Iterator[str]:
    texts = (child_text(element, "NewsLines", name) for element in lineage)
    return filter(None, texts)


def _holders(metadata: list[Element]) -> Iterator[str]:
    for each in metadata:
        for notice in children(each, "Copyright"):
            if texts := texts_of(children(notice, *_COPYRIGHT)):
                yield " ".join(["©", *texts])


def _terms(metadata: list[Element]) -> Iterator[str]:
    for each in metadata:
        for rights in children(each, "UsageRights"):
            yield from texts_of(children(rights, *_TERMS))
