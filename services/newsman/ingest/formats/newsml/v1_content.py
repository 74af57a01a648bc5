"""Contents of a NewsML 1.2 component: text in its ContentItem, or pictures elsewhere."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    children,
    inner_html,
    short,
    short_text,
)
from newsman.ingest.formats.markup.xml_values import best_picture, pixels
from newsman.ingest.formats.nitf.document import contents, fill_from

_MARKUP = re.compile(r"</?(?:p|br|div|b|i|a|h[1-6]|ul|ol|table|strong|em|span)\b[^<>]*>", re.I)
_TEXT = ("text/", "html", "xml", "nitf")


def is_text(component: Element) -> bool:
    """True if any of its content is text."""
    return any(_text_in(item) is not None for item in children(component, "ContentItem"))


def fill_body(component: Element | None, fields: dict[str, Any]) -> list[Element]:
    """Reads the text from the first alternative that is text; returns the elements that hold it."""
    for item in children(component, "ContentItem"):
        content = _text_in(item)
        if content is not None:
            return _fill_from(content, fields)
    return []


def _fill_from(content: Element, fields: dict[str, Any]) -> list[Element]:
    """Adds NITF, pages, markup or plain text to the fields; returns the elements that hold it."""
    nitf = child(content, "nitf")
    if nitf is not None:
        fill_from(nitf, fields)
        return contents(nitf)
    bodies = (child(page, "body") for page in children(content, "html"))
    pages = [body for body in bodies if body is not None]
    if pages:
        fields["body_html"] = "\n".join(filter(None, map(inner_html, pages)))
        return pages
    if len(content):
        fields["body_html"] = inner_html(content)
    else:
        text = (content.text or "").strip()
        fields["body_html" if _MARKUP.search(text) else "body_text"] = text
    return [content]


def pictures(component: Element, role: str) -> list[dict[str, Any]]:
    """Its picture in the most suitable rendition; stills of a film don't count."""
    if role in ("video", "audio", "stylesheet"):
        return []
    lines = child(component, "NewsLines")
    caption = short_text(child(lines, "HeadLine"))
    credit = short_text(child(lines, "CreditLine")) or short_text(child(lines, "CopyrightLine"))
    renditions = [
        {
            "href": short(attribute(item, "Href")),
            "caption": caption,
            "credit": credit,
            "mimetype": short(_formal(item, "MimeType")),
            "width": pixels(_property(item, "PixelWidth", "Width")),
            "height": pixels(_property(item, "PixelHeight", "Height")),
        }
        for item in children(component, "ContentItem")
        if _is_picture(item)
    ]
    best = best_picture(renditions)
    return [best] if best else []


def words_of(lineage: list[Element]) -> str | None:
    """The word count stated for the content nearest to the text."""
    items = (item for element in lineage for item in children(element, "ContentItem"))
    return next(filter(None, (_property(item, "Words", "WordCount") for item in items)), None)


def _text_in(item: Element) -> Element | None:
    """Its DataContent, where that is neither encoded nor of another kind."""
    content = child(item, "DataContent")
    if content is None or not (len(content) or (content.text or "").strip()):
        return None
    kind = (_formal(item, "MimeType") or "").lower()
    is_read = not kind or ("css" not in kind and any(word in kind for word in _TEXT))
    return content if is_read else None


def _is_picture(item: Element) -> bool:
    kind = (_formal(item, "MimeType") or "").lower()
    media = (_formal(item, "MediaType") or "").lower()
    return kind.startswith("image/") if kind else media in ("photo", "graphic", "image", "picture")


def _formal(item: Element, name: str) -> str | None:
    return attribute(child(item, name), "FormalName")


def _property(item: Element, *names: str) -> str | None:
    properties = children(child(item, "Characteristics"), "Property")
    values = [attribute(p, "Value") for p in properties if attribute(p, "FormalName") in names]
    return next(filter(None, values), None)
