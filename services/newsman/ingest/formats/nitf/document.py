"""NITF 3.x (IPTC): a document of its own, or the text that other formats carry."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.leftovers import keep_leftovers, xml_leaves
from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    inner_html,
    rendered,
    short,
    short_text,
    text_of,
    unmodelled,
)
from newsman.ingest.formats.markup.xml_reader import read_xml
from newsman.ingest.formats.markup.xml_texts import texts_of
from newsman.ingest.formats.markup.xml_values import (
    HIGHEST_VERSION,
    best_picture,
    number,
    pixels,
)
from newsman.ingest.formats.members import add_members
from newsman.ingest.formats.model import BadDocument, Defaults, Draft
from newsman.ingest.formats.nitf.head import members_of, of_head
from newsman.ingest.formats.nitf.management import date_of, managed
from newsman.ingest.formats.nitf.meta import without_mark

MEDIA_TYPES = ("application/nitf+xml", "application/vnd.iptc.nitf+xml")
ROOTS = frozenset(("nitf",))
XML_LANG = "xml:lang"
NEVER_OF_THE_CARRIED = frozenset(("uri", "version", "version_created", "first_created", "extra"))

_POINTERS = {
    "uri": "/nitf/head/docdata/doc-id",
    "version_created": "/nitf/head/docdata/date.issue",
    "headline": "/nitf/body/body.head/hedline",
    "body_html": "/nitf/body/body.content",
    "pubstatus": "/nitf/head/docdata",
}
_DOCDATA = frozenset("date.issue date.release date.expire key-list urgency".split())
_BODY_HEAD = frozenset("hedline byline abstract note".split())
_BODY_END = frozenset(("tagline",))


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The one article; raises BadDocument for anything that is not NITF."""
    root = read_xml(body, defaults.charset)
    if root.tag not in ROOTS:
        raise BadDocument(f"not NITF: its root is {root.tag[:40]!r}")
    fields = draft_of(root)
    keep_leftovers(xml_leaves(root, contents(root)), fields)
    return [Draft(fields, pointers=_POINTERS)]


def contents(nitf: Element) -> list[Element]:
    """The elements that hold the text."""
    return children(child(nitf, "body"), "body.content")


def draft_of(element: Element) -> dict[str, Any]:
    """The article's fields that a <nitf> element gives; absent ones are left out."""
    head, body = child(element, "head"), child(element, "body")
    extra: dict[str, Any] = {}
    data = _of_docdata(child(head, "docdata"), extra)
    shown = _of_body_head(child(body, "body.head"), extra)
    notes = [note for part in (data, shown) if (note := part.get("editorial_note"))]
    fields = {
        **data,
        **of_head(head, data, extra),
        **shown,
        "editorial_note": "\n\n".join(notes),
        **_of_content(body, extra),
        "language": _language(element, body),
    }
    fields["headline"] = without_mark(fields.get("headline") or child_text(head, "title"))
    end = child(body, "body.end")
    taglines = texts_of(children(end, "tagline"))
    fields["byline"] = fields.get("byline") or short(" ".join(taglines))
    extra |= {"tagline": taglines, **unmodelled(end, _BODY_END)}
    fields["extra"] = {name: value for name, value in extra.items() if value}
    source = child_text(body, "body.head", "distributor")
    add_members(fields, {**members_of(head), "slugline": fields.get("slug"), "source": source})
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _language(element: Element, body: Element | None) -> str | None:
    own = attribute(element, XML_LANG) or attribute(body, XML_LANG)
    return own or attribute(element, "baselang")


def fill_from(carried: Element, fields: dict[str, Any]) -> None:
    """Fills gaps in an item's own metadata from the NITF that it carries."""
    nitf_fields = draft_of(carried)
    fields["extra"] = {**nitf_fields.get("extra", {}), **fields.get("extra", {})}
    names = {*fields.get("item_fields", ()), *nitf_fields.get("item_fields", ())}
    fields["item_fields"] = sorted(names)
    for name, value in nitf_fields.items():
        if name not in NEVER_OF_THE_CARRIED and not fields.get(name):
            fields[name] = value
    if "uri" in nitf_fields:
        fields["extra"].setdefault("nitf_uri", nitf_fields["uri"])


def _of_docdata(docdata: Element | None, extra: dict[str, Any]) -> dict[str, Any]:
    """The fields from docdata; the rest of it goes to `extra`."""
    if docdata is None:
        return {}
    release, expire = child(docdata, "date.release"), child(docdata, "date.expire")
    urgency = _attribute_of(docdata, "urgency", "ed-urg")
    version = _attribute_of(docdata, "du-key", "version")
    messages = [attribute(entry, "info") for entry in children(docdata, "ed-msg", "correction")]
    fields = {
        "uri": _attribute_of(docdata, "doc-id", "id-string"),
        "version": number(version, lowest=0, highest=HIGHEST_VERSION),
        "version_created": date_of(child(docdata, "date.issue")),
        "published_at": date_of(release),
        "expires_at": date_of(expire),
        "urgency": number(urgency, lowest=1, highest=9),
        **managed(docdata),
        "copyright": _copyright(child(docdata, "doc.copyright")),
        "editorial_note": "\n\n".join(filter(None, messages)) or None,
    }
    if (fields["version"] or 1) == 1:
        fields["first_created"] = fields["version_created"]
    attributes = {f"@{name}": value for name, value in docdata.items()}
    extra["docdata"] = {**attributes, **unmodelled(docdata, _DOCDATA)}
    if fields["urgency"] is None and urgency:
        extra["urgency"] = urgency
    return fields


def _attribute_of(docdata: Element, element: str, name: str) -> str | None:
    return attribute(child(docdata, element), name)


def _copyright(element: Element | None) -> str | None:
    parts = [attribute(element, "year"), attribute(element, "holder")]
    return short(" ".join(["©", *filter(None, parts)])) if any(parts) else None


def _of_body_head(head: Element | None, extra: dict[str, Any]) -> dict[str, Any]:
    """The fields from body.head; absent ones are left out, so that docdata's still apply."""
    if head is None:
        return {}
    hedline, dateline = child(head, "hedline"), child(head, "dateline")
    titles, lower = texts_of(children(hedline, "hl1")), texts_of(children(hedline, "hl2"))
    bylines = children(head, "byline")
    extra |= unmodelled(head, _BODY_HEAD)
    fields = {
        "headline": " / ".join(titles) or text_of(hedline),
        "subheadline": short(" / ".join(lower)),
        "byline": short(", ".join(texts_of(bylines))),
        "authors": [author for line in bylines for author in _authors(line)],
        "located": short_text(child(dateline, "location")) or short_text(dateline, "story.date"),
        "summary": " ".join(texts_of(children(head, "abstract"))),
        "usage_terms": text_of(child(head, "rights")),
        "editorial_note": "\n\n".join(texts_of(children(head, "note"))),
    }
    return {name: value for name, value in fields.items() if value}


def _authors(byline: Element) -> list[dict[str, Any]]:
    role = short_text(child(byline, "byttl"))
    return [
        {"name": name, "role": role or short_text(child(person, "function"))}
        for person in children(byline, "person")
        if (name := short_text(person, "function", "alt-code"))
    ]


def _of_content(body: Element | None, extra: dict[str, Any]) -> dict[str, Any]:
    media = [] if body is None else list(body.iter("media"))
    texts = [inner_html(content) for content in children(body, "body.content")]
    extra["media"] = [rendered(item) for item in media if child(item, "media-object") is None]
    return {
        "body_html": "\n".join(filter(None, texts)),
        "images": [image for item in media if _is_image(item) and (image := _image(item))],
    }


def _is_image(media: Element) -> bool:
    kinds = [attribute(reference, "mime-type") for reference in children(media, "media-reference")]
    kind = (attribute(media, "media-type") or "").lower()
    return kind in ("image", "photo", "picture", "graphic") or (
        not kind and any((mime or "").startswith("image/") for mime in kinds)
    )


def _image(media: Element) -> dict[str, Any] | None:
    captions = texts_of(children(media, "media-caption"))
    producer = short_text(child(media, "media-producer"))
    return best_picture(
        {
            "href": short(attribute(reference, "source")),
            "caption": short(" ".join(captions) or attribute(reference, "alternate-text")),
            "credit": producer or short(attribute(reference, "source-credit")),
            "mimetype": short(attribute(reference, "mime-type")),
            "width": pixels(attribute(reference, "width")),
            "height": pixels(attribute(reference, "height")),
        }
        for reference in children(media, "media-reference")
    )
