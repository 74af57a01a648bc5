"""Rights in a NewsML 1.2 item: RightsMetadata (section 5.9) and the lines that say the same."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import child, child_text, children, short
from newsman.ingest.formats.markup.xml_texts import texts_of

_TERMS = ("UsageType", "Geography", "Limitations")
_COPYRIGHT = ("CopyrightDate", "CopyrightHolder")


def rights_of(lineage: list[Element]) -> dict[str, Any]:
    """Copyright and terms of usage, those nearest to the text first."""
    lines = [child(element, "NewsLines") for element in lineage]
    metadata = [m for element in lineage for m in children(element, "RightsMetadata")]
    rights = [r for each in metadata for r in children(each, "UsageRights")]
    terms = texts_of(part for each in rights for part in children(each, *_TERMS))
    holders = [
        texts_of(children(c, *_COPYRIGHT)) for m in metadata for c in children(m, "Copyright")
    ]
    notices = (child_text(line, "CopyrightLine") for line in lines)
    of_lines = (child_text(line, "RightsLine") for line in lines)
    named = (" ".join(["©", *texts]) for texts in holders if texts)
    return {
        "copyright": short(next(filter(None, [*notices, *named]), None)),
        "usage_terms": "\n\n".join(dict.fromkeys(terms)) or next(filter(None, of_lines), None),
    }
