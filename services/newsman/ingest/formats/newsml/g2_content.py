"""What a NewsML-G2 item carries (IPTC NAR: contentSet, groupSet)."""

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
from newsman.ingest.formats.nitf import contents, fill_from

XHTML = frozenset(
    "article blockquote body div figure h1 h2 h3 h4 h5 h6 html ol p pre section span table ul "
    "main".split()
)


def add_content(item: Element, fields: dict[str, Any]) -> list[Element]:
    """The text and the pictures, into the fields; the elements whose text they have whole."""
    content = child(item, "contentSet")
    taken = [e for carried in children(content, "inlineXML") for e in _add_xml(carried, fields)]
    taken += [d for d in children(content, "inlineData") if _add_data(d, fields)]
    remote = children(content, "remoteContent")
    _add_remote(item, remote, fields)
    fields["extra"] = {name: value for name, value in fields["extra"].items() if value}
    return taken


def associations(groups: Element | None) -> dict[str, Any]:
    """Every itemRef of a package by its group's role and its number there."""
    found: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for group in children(groups, "group"):
        role = last_part(attribute(group, "role")) or attribute(group, "id") or "group"
        for reference in children(group, "itemRef"):
            counts[role] += 1
            found[f"{role}--{counts[role]}"] = _reference(reference)
    return found


def _reference(reference: Element) -> dict[str, Any]:
    told = {
        "uri": attribute(reference, "residref") or attribute(reference, "href"),
        "href": attribute(reference, "href"),
        "type": last_part(concept_id(child(reference, "itemClass"))),
        "mimetype": attribute(reference, "contenttype"),
        "version": attribute(reference, "version"),
        "headline": child_text(reference, "headline") or child_text(reference, "title"),
        "description_text": child_text(reference, "description"),
        "pubstatus": last_part(concept_id(child(reference, "pubStatus"))),
    }
    return {name: value for name, value in told.items() if value}


def _add_xml(carried: Element, fields: dict[str, Any]) -> list[Element]:
    is_first = not fields.get("body_html")
    for root in carried:
        if root.tag == "nitf":
            fill_from(root, fields)
        elif root.tag not in XHTML and "html" not in (attribute(carried, "contenttype") or ""):
            fields["extra"].setdefault("content", []).append({root.tag: rendered(root)})
    pages = children(carried, "html")
    markup = "\n".join(filter(None, (inner_html(child(page, "body")) for page in pages)))
    if not pages and any(root.tag in XHTML for root in carried):
        markup = inner_html(carried) or ""
    if not fields.get("body_html"):
        fields["body_html"] = markup or None
    if not is_first:
        return []
    bodies = [body for page in pages if (body := child(page, "body")) is not None]
    texts = [text for root in carried if root.tag == "nitf" for text in contents(root)]
    return [*texts, *bodies] or [root for root in carried if root.tag in XHTML]


def _add_data(carried: Element, fields: dict[str, Any]) -> bool:
    """NAR inlineData: plain text, or markup within text; encoded data are not text, nor kept."""
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
    fields["extra"]["renditions"] = [rendered(content) for content in remote]
    is_picture = class_of(item) in ("picture", "graphic")
    pictures = [
        _picture(item, content, fields)
        for content in remote
        if (attribute(content, "contenttype") or ("image/" if is_picture else "")).startswith(
            "image/"
        )
    ]
    best = best_picture(pictures) if is_picture else None
    fields["images"].extend([best] if best else [found for found in pictures if found["href"]])
    for content in remote:
        href = attribute(content, "href") or ""
        is_page = "html" in (attribute(content, "contenttype") or "")
        if is_page and is_web_address(href) and not fields.get("canonical_url"):
            fields["canonical_url"] = href


def _picture(item: Element, content: Element, fields: dict[str, Any]) -> dict[str, Any]:
    meta = child(item, "contentMeta")
    caption = fields.get("summary") if class_of(item) in ("picture", "graphic") else None
    return {
        "href": short(attribute(content, "href")),
        "caption": short(caption),
        "credit": short_text(child(meta, "creditline"))
        or short_text(child(meta, "creator", "name")),
        "mimetype": short(attribute(content, "contenttype")),
        "width": pixels(attribute(content, "width")),
        "height": pixels(attribute(content, "height")),
    }
