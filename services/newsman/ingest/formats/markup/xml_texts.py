"""Texts of several elements at once."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import text_of


def texts_of(elements: Iterable[Element]) -> list[str]:
    """The texts of the elements, in order; elements without text are left out."""
    return [text for element in elements if (text := text_of(element))]
