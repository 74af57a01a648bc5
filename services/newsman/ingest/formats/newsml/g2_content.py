"""The content of a NewsML-G2 item (IPTC NAR: contentSet, groupSet)."""

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    inner_html,
    rendered,
    short,
    short_text,
)
from newsman.ingest.formats.markup.xml_values import best_picture, pixels
from newsman.ingest.formats.newsml.g2_meta import class_of, concept_id, last_part
from newsman.ingest.formats.nitf.document import contents, fill_from
from newsman.ingest.formats.wire.paragraphs import paragraphs

FEWEST_PARAGRAPHS = 2
_ONE_PARAGRAPH = re.compile(r"<p>([^<>]*)</p>")
PICTURES = ("picture", "graphic")
XHTML = frozenset(
    "article blockquote body div figure h1 h2 h3 h4 h5 h6 html ol p pre section span table ul "
    "main".split()
)


def add_content(item: Element, fields: dict[str, Any]) -> list[Element]:
    """Puts text and pictures into the fields; returns the elements whose text is there whole."""
    content = child(item, "contentSet")
    taken = [e for carried in children(content, "inlineXML") for e in _add_xml(carried, fields)]
    taken += [d for d in children(content, "inlineData") if _add_data(d, fields)]
    remote = children(content, "remoteContent")
    _add_remote(item, remote, fields)
    fields["extra"] = {name: value for name, value in fields["extra"].items() if value}
    return taken


def associations(groups: Element | None) -> dict[str, Any]:
    """Every itemRef of a package, by its group's role and its position there."""
    by_name: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for group in children(groups, "group"):
        role = last_part(attribute(group, "role")) or attribute(group, "id") or "group"
        for reference in children(group, "itemRef"):
            counts[role] += 1
            by_name[f"{role}--{counts[role]}"] = _reference(reference)
    return by_name


def _reference(reference: Element) -> dict[str, Any]:
    association = {
        "uri": attribute(reference, "residref") or attribute(reference, "href"),
        "href": attribute(reference, "href"),
        "type": last_part(concept_id(child(reference, "itemClass"))),
        "mimetype": attribute(reference, "contenttype"),
        "version": attribute(reference, "version"),
        "headline": child_text(reference, "headline") or child_text(reference, "title"),
        "description_text": child_text(reference, "description"),
        "pubstatus": last_part(concept_id(child(reference, "pubStatus"))),
    }
    return {name: value for name, value in association.items() if value}


def _add_xml(carried: Element, fields: dict[str, Any]) -> list[Element]:
    """Adds inline XML to the fields; returns the elements whose text became the first body."""
    is_first = not fields.get("body_html")
    _add_roots(carried, fields)
    if not fields.get("body_html"):
        fields["body_html"] = _markup_in(carried)
    return _text_holders(carried) if is_first else []


def _add_roots(carried: Element, fields: dict[str, Any]) -> None:
    """Fills the fields from NITF, and keeps roots that are neither NITF nor HTML in `extra`."""
    is_html = "html" in (attribute(carried, "contenttype") or "")
    for root in carried:
        if root.tag == "nitf":
            fill_from(root, fields)
        elif root.tag not in XHTML and not is_html:
            fields["extra"].setdefault("content", []).append({root.tag: rendered(root)})


def _markup_in(carried: Element) -> str | None:
    """The markup of whole pages, or else of an HTML fragment."""
    pages = children(carried, "html")
    if not pages and any(root.tag in XHTML for root in carried):
        return _with_paragraphs(inner_html(carried))
    bodies = (inner_html(child(page, "body")) for page in pages)
    return _with_paragraphs("\n".join(filter(None, bodies))) or None


def _with_paragraphs(markup: str | None) -> str:
    """The markup; a wire's whole text in one paragraph, as Reuters sends it, in its own."""
    return _ONE_PARAGRAPH.sub(_parted, markup or "")


def _parted(paragraph: re.Match[str]) -> str:
    lines = paragraph[1].split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    indented = sum(line.startswith(("  ", "\t")) for line in rest)
    # Where no line is indented, or each of them, it is the document that breaks its lines.
    if indented < FEWEST_PARAGRAPHS or indented == len(rest):
        return paragraph[0]
    return "\n".join(f"<p>{text}</p>" for text in paragraphs(lines))


def _text_holders(carried: Element) -> list[Element]:
    """The elements that hold the text of inline XML."""
    pages = children(carried, "html")
    bodies = [body for page in pages if (body := child(page, "body")) is not None]
    texts = [text for root in children(carried, "nitf") for text in contents(root)]
    return [*texts, *bodies] or [root for root in carried if root.tag in XHTML]


def _add_data(carried: Element, fields: dict[str, Any]) -> bool:
    """NAR inlineData: plain text, or markup as text; encoded data is neither read nor kept."""
    kind = (attribute(carried, "contenttype") or "text/plain").partition(";")[0].lower()
    text = "".join(carried.itertext()).strip()
    encoded = carried.get("encoding") or carried.get("encodinguri")
    if not text or encoded or not ("text" in kind or "html" in kind):
        fields["extra"].setdefault("inlineData", []).append(dict(carried.items()))
        return bool(encoded)
    name = "body_html" if "html" in kind else "body_text"
    if fields.get("body_html") or fields.get("body_text"):
        return False
    fields[name] = text
    return True


def _add_remote(item: Element, remote: list[Element], fields: dict[str, Any]) -> None:
    """Adds pictures, the address of the first page, and all renditions unchanged."""
    fields["extra"]["renditions"] = [rendered(content) for content in remote]
    is_picture = class_of(item) in PICTURES
    images = [_picture(item, content, fields) for content in remote if _is_image(content, item)]
    best = best_picture(images) if is_picture else None
    fields["images"].extend([best] if best else [image for image in images if image["href"]])
    if not fields.get("canonical_url") and (address := _page_address(remote)):
        fields["canonical_url"] = address


def _is_image(content: Element, item: Element) -> bool:
    """Goes by the media type; a picture item's content without a type is an image."""
    media_type = attribute(content, "contenttype")
    return media_type.startswith("image/") if media_type else class_of(item) in PICTURES


def _page_address(remote: list[Element]) -> str | None:
    """The web address of the first rendition that is a page."""
    pages = (content for content in remote if "html" in (attribute(content, "contenttype") or ""))
    addresses = (attribute(page, "href") or "" for page in pages)
    return next((address for address in addresses if is_web_address(address)), None)


def _picture(item: Element, content: Element, fields: dict[str, Any]) -> dict[str, Any]:
    meta = child(item, "contentMeta")
    caption = fields.get("summary") if class_of(item) in PICTURES else None
    return {
        "href": short(attribute(content, "href")),
        "caption": short(caption),
        "credit": short_text(child(meta, "creditline"))
        or short_text(child(meta, "creator", "name")),
        "mimetype": short(attribute(content, "contenttype")),
        "width": pixels(attribute(content, "width")),
        "height": pixels(attribute(content, "height")),
    }
