"""Building XML that every reader of feeds can read."""

import re
import xml.etree.ElementTree as ET

# What XML 1.0 section 2.2 has no place for.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(parent: ET.Element, name: str, text: str | None = None, /, **attributes: str) -> ET.Element:
    """A child element with its text and attributes, illegal characters left out."""
    element = ET.SubElement(parent, name, {key: legal(value) for key, value in attributes.items()})
    if text is not None:
        element.text = legal(text)
    return element


def legal(text: str) -> str:
    """The text without characters that XML can't hold."""
    return _ILLEGAL.sub("", text)


def to_bytes(root: ET.Element) -> bytes:
    """The document in UTF-8, with its declaration."""
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
