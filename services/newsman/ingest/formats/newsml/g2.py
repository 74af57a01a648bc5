"""IPTC NewsML-G2: news items, packages of them, and the messages that carry both."""

from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.leftovers import (
    is_long,
    keep_leftovers,
    with_shared,
    xml_leaves,
)
from newsman.ingest.formats.markup.xml_document import attribute, child, children, rendered
from newsman.ingest.formats.markup.xml_reader import read_xml
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.newsml.g2_content import add_content, associations
from newsman.ingest.formats.newsml.g2_meta import class_of, fields_of

MEDIA_TYPES = (
    "application/vnd.iptc.g2.newsitem+xml",
    "application/vnd.iptc.g2.packageitem+xml",
    "application/vnd.iptc.g2.newsmessage+xml",
    "application/vnd.iptc.g2.newsml+xml",
)
NO_ARTICLES = {
    "conceptItem": "a conceptItem describes a concept; it is no article",
    "knowledgeItem": "a knowledgeItem is a list of concepts; it is no article",
    "planningItem": "a planningItem plans coverage; it is no article",
    "catalogItem": "a catalogItem is a list of schemes; it is no article",
}
ROOTS = frozenset(("newsItem", "packageItem", "newsMessage", *NO_ARTICLES))
PICTURES = ("picture", "graphic")
MAX_ITEMS = 1_000
MAX_JOINED = 200
_POINTERS = {
    "uri": "/@guid",
    "version": "/@version",
    "version_created": "/itemMeta/versionCreated",
    "first_created": "/itemMeta/firstCreated",
    "embargoed_until": "/itemMeta/embargoed",
    "pubstatus": "/itemMeta/pubStatus",
    "headline": "/contentMeta/headline",
    "byline": "/contentMeta/by",
    "slug": "/contentMeta/slugline",
    "subjects": "/contentMeta/subject",
    "urgency": "/contentMeta/urgency",
    "body_html": "/contentSet",
}


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The drafts of all news items, or of the package where it comes alone."""
    root = read_xml(body, defaults.charset)
    if root.tag in NO_ARTICLES:
        raise BadDocument(NO_ARTICLES[root.tag])
    if root.tag not in ROOTS:
        raise BadDocument(f"not NewsML-G2: its root is {root.tag[:40]!r}")
    if root.tag == "newsMessage":
        return _of_message(root)
    return _of_items([root, *_inlined(root)])


def _inlined(item: Element) -> list[Element]:
    """The news items that a package holds in itself or its groups."""
    if item.tag != "packageItem":
        return []
    groups = [g for found in children(item, "groupSet") for g in children(found, "group")]
    holders = [item, *children(item, "itemSet"), *groups]
    return [news for holder in holders for news in children(holder, "newsItem")]


def _of_message(message: Element) -> list[Draft]:
    header = child(message, "header")
    items = [item for carried in children(message, "itemSet") for item in carried]
    items += [found for item in items for found in _inlined(item)]
    if not items:
        raise BadDocument("a newsMessage without items")
    around: dict[str, Any] = {f"@{name}": value for name, value in message.items()}
    around |= {} if header is None else {"header": rendered(header)}
    return with_shared(_of_items(items), "message", around)


def _of_items(items: list[Element]) -> list[Draft]:
    """A package of carried texts is not told of again; pictures that it joins go with them."""
    if len(items) > MAX_ITEMS:
        raise BadDocument(f"more than {MAX_ITEMS} items")
    drafts = {id(item): _draft(item) for item in items}
    news = {item.get("guid", ""): item for item in items if item.tag == "newsItem"}
    packages = [item for item in items if item.tag == "packageItem"]
    for number, package in enumerate(packages, 1):
        names = [attribute(found, "residref") or "" for found in package.iter("itemRef")]
        named = [news[name] for name in names if name in news]
        carried = {id(item): item for item in [*named, *_inlined(package)]}.values()
        texts = [id(item) for item in carried if class_of(item) in ("text", None)]
        pictures = [item for item in carried if class_of(item) in PICTURES]
        if texts and (told := drafts.pop(id(package), None)):
            about = {name: value for name, value in told.fields.items() if value}
            name = "package" if number == 1 else f"package--{number}"
            with_package = with_shared([drafts[text] for text in texts], name, about)
            drafts.update(zip(texts, with_package, strict=True))
        if len(texts) * len(pictures) <= MAX_JOINED:
            for item in pictures if texts else ():
                if picture := drafts.pop(id(item), None):
                    _join(picture, [drafts[text] for text in texts])
    return list(drafts.values())


def _join(picture: Draft, texts: list[Draft]) -> None:
    told = picture.fields
    name = str(told.get("uri") or "picture")
    words = {"headline": told.get("headline"), "description_text": told.get("summary")}
    rest = {key: value for key, value in told.items() if key not in ("uri", "headline", "summary")}
    kept = {"type": "picture", "uri": told.get("uri"), **words, "extra": rest}
    for number, told_of in enumerate(text.fields for text in texts if not text.problems):
        if number == 1 and is_long(kept):
            del kept["extra"]
        told_of["associations"][name] = {key: value for key, value in kept.items() if value}
        told_of["images"].extend(told.get("images", ()))


def _draft(item: Element) -> Draft:
    if item.tag in NO_ARTICLES:
        return Draft({}, problems=(FieldProblem("", NO_ARTICLES[item.tag]),))
    if item.tag not in ("newsItem", "packageItem"):
        return Draft({}, problems=(FieldProblem("", f"{item.tag[:40]!r} is not read here"),))
    if attribute(item, "guid") is None:
        return Draft({}, problems=(FieldProblem("/@guid", "an item needs a guid"),))
    fields = fields_of(item)
    fields["images"] = []
    fields["associations"] = associations(child(item, "groupSet"))
    taken = add_content(item, fields)
    keep_leftovers(xml_leaves(item, [*taken, *_inlined(item)]), fields)
    return Draft(fields, pointers=_POINTERS)
