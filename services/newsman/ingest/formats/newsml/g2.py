"""IPTC NewsML-G2: news items, packages of them, and the messages that carry both."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.leftovers import (
    is_long,
    keep_leftovers,
    with_shared,
    xml_leaves,
)
from newsman.ingest.formats.markup.xml_document import (
    attribute,
    child,
    child_text,
    children,
    rendered,
)
from newsman.ingest.formats.markup.xml_reader import read_xml
from newsman.ingest.formats.members import add_members, priority_of, with_members
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.newsml.g2_content import PICTURES, add_content, associations
from newsman.ingest.formats.newsml.g2_members import members_of
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
MAX_ITEMS = 1_000
MAX_JOINED = 200
_ASSOCIATED = ("uri", "headline", "summary", "item_fields")
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
    """The drafts of all news items, or of a package that comes alone."""
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
    groups = [g for group_set in children(item, "groupSet") for g in children(group_set, "group")]
    holders = [item, *children(item, "itemSet"), *groups]
    return [news for holder in holders for news in children(holder, "newsItem")]


def _of_message(message: Element) -> list[Draft]:
    header = child(message, "header")
    items = [item for carried in children(message, "itemSet") for item in carried]
    items += [inlined for item in items for inlined in _inlined(item)]
    if not items:
        raise BadDocument("a newsMessage without items")
    around: dict[str, Any] = {f"@{name}": value for name, value in message.items()}
    around |= {} if header is None else {"header": rendered(header)}
    priority = priority_of(child_text(header, "priority"))
    drafts = with_members(_of_items(items), {"priority": priority})
    return with_shared(drafts, "message", around)


def _of_items(items: list[Element]) -> list[Draft]:
    """The drafts; a package whose texts come with it, and its pictures, become part of those."""
    if len(items) > MAX_ITEMS:
        raise BadDocument(f"more than {MAX_ITEMS} items")
    drafts = {id(item): _draft(item) for item in items}
    news_by_guid = {item.get("guid", ""): item for item in items if item.tag == "newsItem"}
    packages = [item for item in items if item.tag == "packageItem"]
    for number, package in enumerate(packages, 1):
        name = "package" if number == 1 else f"package--{number}"
        _merge_package(drafts, package, _members(package, news_by_guid), name)
    return list(drafts.values())


def _members(package: Element, news_by_guid: Mapping[str, Element]) -> list[Element]:
    """The news items that a package names or holds, each once."""
    guids = [attribute(reference, "residref") or "" for reference in package.iter("itemRef")]
    named = [news_by_guid[guid] for guid in guids if guid in news_by_guid]
    return list({id(item): item for item in [*named, *_inlined(package)]}.values())


def _merge_package(
    drafts: dict[int, Draft], package: Element, members: list[Element], name: str
) -> None:
    """Merges a package and its pictures into its texts; without texts nothing changes."""
    texts = [id(item) for item in members if class_of(item) in ("text", None)]
    pictures = [id(item) for item in members if class_of(item) in PICTURES]
    if texts:
        _share_package(drafts, id(package), texts, name)
        _join_pictures(drafts, pictures, texts)


def _share_package(drafts: dict[int, Draft], package: int, texts: list[int], name: str) -> None:
    """Moves what a package says into the `extra` of its texts, under the name."""
    package_draft = drafts.pop(package, None)
    if package_draft is None:
        return
    about = {field: value for field, value in package_draft.fields.items() if value}
    with_package = with_shared([drafts[text] for text in texts], name, about)
    drafts.update(zip(texts, with_package, strict=True))


def _join_pictures(drafts: dict[int, Draft], pictures: list[int], texts: list[int]) -> None:
    """Moves the pictures of a package into its texts, unless there would be too many."""
    if len(texts) * len(pictures) > MAX_JOINED:
        return
    for picture in pictures:
        if picture_draft := drafts.pop(picture, None):
            _join(picture_draft, [drafts[text] for text in texts])


def _join(picture: Draft, texts: list[Draft]) -> None:
    """Adds a picture to the texts' associations and images; a long `extra` to the first only."""
    name = str(picture.fields.get("uri") or "picture")
    association = _association(picture.fields)
    for number, text in enumerate(text for text in texts if not text.problems):
        if number == 1 and is_long(association):
            association = {key: value for key, value in association.items() if key != "extra"}
        text.fields["associations"][name] = dict(association)
        text.fields["images"].extend(picture.fields.get("images", ()))


def _association(picture: Mapping[str, Any]) -> dict[str, Any]:
    """A picture's fields as a text's association; those without a name there go to `extra`."""
    association = {
        "type": "picture",
        "uri": picture.get("uri"),
        "headline": picture.get("headline"),
        "description_text": picture.get("summary"),
        "extra": {key: value for key, value in picture.items() if key not in _ASSOCIATED},
    }
    return {key: value for key, value in association.items() if value}


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
    add_members(fields, {**members_of(item, fields["language"]), "slugline": fields["slug"]})
    keep_leftovers(xml_leaves(item, [*taken, *_inlined(item)]), fields)
    return Draft(fields, pointers=_POINTERS)
