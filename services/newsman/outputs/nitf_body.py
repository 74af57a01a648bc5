"""The sanitised HTML of an article as the blocks of NITF 3.6."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from newsman.outputs.text.xml_text import legal

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
INLINE = {"em": "em", "i": "em", "strong": "em", "b": "em", "cite": "em", "mark": "em", "q": "q"}
LISTS = frozenset({"ul", "ol"})
ENDS_A_BLOCK = frozenset("div p li td th tr table figure figcaption dt dd caption hr pre".split())


class _Blocks(HTMLParser):
    """Paragraphs, headings, lists and quotations; all else is the text in it."""

    def __init__(self, root: ET.Element) -> None:
        super().__init__(convert_charrefs=True)
        self._containers = [root]
        self._block: ET.Element | None = None
        self._inline: list[ET.Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in INLINE:
            self._open_inline(INLINE[tag], {})
        elif tag == "a":
            self._open_link(dict(attrs).get("href"))
        elif tag == "br":
            ET.SubElement(self._innermost(), "br")
        elif tag in HEADINGS:
            self._end_block()
            self._block = ET.SubElement(self._containers[-1], "hl2")
        elif tag in LISTS or tag == "blockquote":
            self._open_container(tag)
        elif tag in ENDS_A_BLOCK:
            self._end_block()

    def handle_endtag(self, tag: str) -> None:
        if tag in INLINE or tag == "a":
            if self._inline:
                self._inline.pop()
        elif tag in LISTS or tag == "blockquote":
            self._end_block()
            if len(self._containers) > 1:
                self._containers.pop()
        elif tag in HEADINGS or tag in ENDS_A_BLOCK:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if self._block is None and not data.strip():
            return
        into = self._innermost()
        text = legal(data)
        if len(into):
            into[-1].tail = (into[-1].tail or "") + text
        else:
            into.text = (into.text or "") + text

    def _innermost(self) -> ET.Element:
        if self._block is None:
            self._block = self._paragraph()
        return self._inline[-1] if self._inline else self._block

    def _paragraph(self) -> ET.Element:
        holder = self._containers[-1]
        if holder.tag in LISTS:
            return ET.SubElement(holder, "li")
        return ET.SubElement(holder, "p")

    def _open_inline(self, tag: str, attributes: dict[str, str]) -> None:
        self._inline.append(ET.SubElement(self._innermost(), tag, attributes))

    def _open_link(self, href: str | None) -> None:
        if href:
            self._open_inline("a", {"href": legal(href)})
        else:  # the sanitiser took its address; its end must not end what is around it
            self._inline.append(self._innermost())

    def _open_container(self, tag: str) -> None:
        self._end_block()
        holder = self._containers[-1]
        if holder.tag in LISTS:
            holder = ET.SubElement(holder, "li")
        if tag in LISTS:
            self._containers.append(ET.SubElement(holder, tag))
        else:
            self._containers.append(ET.SubElement(ET.SubElement(holder, "bq"), "block"))

    def _end_block(self) -> None:
        self._block = None
        self._inline.clear()


def add_blocks(root: ET.Element, markup: str) -> None:
    """Adds the blocks of sanitised markup to an element."""
    blocks = _Blocks(root)
    blocks.feed(markup)
    blocks.close()
    # A list needs an entry, a quotation a word.
    for holder in list(root.iter()):
        for child in list(holder):
            if child.tag in (*LISTS, "bq", "block") and not "".join(child.itertext()).strip():
                holder.remove(child)
