"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1): every item becomes an article."""

import re
from collections.abc import Iterator
from typing import Any

from newsman.ingest.formats.feed.identifiers import with_identity
from newsman.ingest.formats.feed.media import is_picture_name
from newsman.ingest.formats.feed.tombstones import gone_drafts
from newsman.ingest.formats.json.values import read_json
from newsman.ingest.formats.leftovers import Leaf, json_leaves, keep_leftovers, with_shared
from newsman.ingest.formats.markup.picture_address import pixels_in_json
from newsman.ingest.formats.model import BadDocument, Defaults, Draft, FieldProblem
from newsman.ingest.formats.values.urls import resolve, resolve_links

MEDIA_TYPES = ("application/feed+json",)
MAX_ITEMS = 1_000
MAX_SHARED_PEOPLE = 10
"""Authors of a whole feed, who are those of every item."""
MAX_CHARACTERS = 2_000
MODELLED = frozenset(
    "id url external_url title content_html content_text summary image banner_image attachments "
    "date_published date_modified authors author tags language".split()
)
_CAPTIONS = ("title", "caption", "description", "_caption")
_MARKUP = ("/content_html", "/content_text")
_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/", re.IGNORECASE)
_POINTERS = {
    "uri": "/id",
    "canonical_url": "/url",
    "headline": "/title",
    "body_html": "/content_html",
    "body_text": "/content_text",
    "images": "/image",
    "published_at": "/date_published",
    "version_created": "/date_modified",
    "keywords": "/tags",
}


def is_json_feed(value: Any) -> bool:
    """True if the object says that it is a JSON Feed."""
    version = value.get("version") if isinstance(value, dict) else None
    return isinstance(version, str) and _VERSION.match(version) is not None


def read(body: bytes, defaults: Defaults) -> list[Draft]:
    """The drafts of all items; raises BadDocument where there is no feed with items."""
    feed = read_json(body, defaults.charset)
    if not is_json_feed(feed):
        raise BadDocument("`version` names no version of JSON Feed")
    return read_feed(feed, defaults)


def read_feed(feed: dict[str, Any], defaults: Defaults) -> list[Draft]:
    """The drafts of a feed that is parsed already."""
    items, name = feed.get("items"), _name(feed, defaults)
    gone = gone_drafts(feed.get("_tombstones"), name)
    if not isinstance(items, list) or not (items or gone):
        raise BadDocument("there is no item in `items`")
    if len(items) + len(gone) > MAX_ITEMS:
        raise BadDocument(f"more than {MAX_ITEMS} items")
    about = {key: value for key, value in feed.items() if key not in ("items", "_tombstones")}
    drafts = [_draft(item, feed, name) for item in items]
    drafts = with_identity(drafts, home=_text(feed.get("home_page_url")))
    here = {draft.fields.get("uri") for draft in drafts}
    drafts += [draft for draft in gone if draft.fields["uri"] not in here]
    return with_shared(drafts, "feed", about)


def _name(feed: dict[str, Any], defaults: Defaults) -> str | None:
    """The name of a feed, within which ids count that are no URIs."""
    names = ("home_page_url", "title")
    own = _text(feed.get("feed_url")) or defaults.document_url
    return own or next((text for name in names if (text := _text(feed.get(name)))), None)


def _draft(item: Any, feed: dict[str, Any], name: str | None) -> Draft:
    """The draft of one item; `feed` names its authors, language and home where it has none."""
    if not isinstance(item, dict):
        return Draft({}, problems=(FieldProblem("", "an item is a JSON object"),))
    home = _home(feed)
    url = resolve(home, _text(item.get("url")))
    external = resolve(home, _text(item.get("external_url")))
    address, base = url or external, url or home
    authors = _authors(item) or _authors(feed)[:MAX_SHARED_PEOPLE]
    fields: dict[str, Any] = {
        "uri": _identifier(item.get("id")) or address,
        "canonical_url": address,
        "headline": item.get("title"),
        "body_html": _body_html(item, base),
        "body_text": item.get("content_text"),
        "summary": item.get("summary"),
        "published_at": item.get("date_published"),
        "version_created": _version_created(item),
        "authors": authors,
        "byline": _byline(authors),
        "keywords": _keywords(item.get("tags")),
        "language": _text(item.get("language")) or _text(feed.get("language")),
        "images": _images(item, base),
        "extra": _extra(item, external if url else None),
    }
    if fields["keywords"]:
        fields["section"] = fields["keywords"][0][:200]
    keep_leftovers(_leaves(item), fields)
    return Draft(fields, pointers=_POINTERS, feed=name)


def _home(feed: dict[str, Any]) -> str | None:
    return _text(feed.get("home_page_url")) or _text(feed.get("feed_url"))


def _leaves(item: dict[str, Any]) -> Iterator[Leaf]:
    """The values of an item, but for its text."""
    return (leaf for leaf in json_leaves(item) if leaf[0] not in _MARKUP)


def _body_html(item: dict[str, Any], base: str | None) -> Any:
    """The markup with whole addresses; anything but a string stays, to be refused later."""
    markup = _text(item.get("content_html"))
    return resolve_links(markup, base) if markup else item.get("content_html")


def _version_created(item: dict[str, Any]) -> Any:
    modified = item.get("date_modified")
    return item.get("date_published") if modified is None else modified


def _byline(authors: list[dict[str, Any]]) -> str | None:
    return ", ".join(author["name"] for author in authors)[:MAX_CHARACTERS] or None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _identifier(value: Any) -> str | None:
    """JSON Feed 1.1 lets readers take a number for the string that it should be."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _text(value)


def _authors(owner: dict[str, Any]) -> list[dict[str, Any]]:
    listed = owner.get("authors")
    people = listed if isinstance(listed, list) and listed else [owner.get("author")]
    return [
        {"name": name, "uri": _text(person.get("url"))}
        for person in people
        if isinstance(person, dict)
        and (name := _text(person.get("name")) or _text(person.get("url")))
    ]


def _keywords(tags: Any) -> list[str]:
    return [tag.strip() for tag in tags if _text(tag)] if isinstance(tags, list) else []


def _images(item: dict[str, Any], base: str | None) -> list[dict[str, Any]]:
    candidates = [{"href": item.get(name)} for name in ("image", "banner_image")]
    candidates += [_picture(a) for a in _attachments(item) if _is_image(a)]
    images: dict[str, dict[str, Any]] = {}
    for image in candidates:
        href = resolve(base, _text(image["href"]))
        if href:
            images.setdefault(href, {}).update({**image, "href": href})
    return list(images.values())


def _picture(attachment: dict[str, Any]) -> dict[str, Any]:
    """A picture and what extensions say of it: `_newsman` here, others beside the address."""
    own = attachment.get("_newsman")
    said = {**attachment, **(own if isinstance(own, dict) else {})}
    kind = _text(attachment.get("mime_type"))
    return {
        "href": attachment.get("url"),
        "mimetype": kind if kind and "*" not in kind else None,
        "caption": _first_text(said, *_CAPTIONS),
        "credit": _first_text(said, "credit"),
        "width": pixels_in_json(said.get("width") or said.get("_width")),
        "height": pixels_in_json(said.get("height") or said.get("_height")),
    }


def _first_text(said: dict[str, Any], *names: str) -> str | None:
    """The first of these members that is a text, MAX_CHARACTERS of it."""
    texts = (_text(said.get(name)) for name in names)
    return next((text[:MAX_CHARACTERS] for text in texts if text), None)


def _attachments(item: dict[str, Any]) -> list[dict[str, Any]]:
    listed = item.get("attachments")
    return [a for a in listed if isinstance(a, dict)] if isinstance(listed, list) else []


def _is_image(attachment: dict[str, Any]) -> bool:
    kind = _text(attachment.get("mime_type"))
    if kind is None:
        return is_picture_name(_text(attachment.get("url")) or "")
    return kind.lower().startswith("image/")


def _extra(item: dict[str, Any], external: str | None) -> dict[str, Any]:
    extra = {name: value for name, value in item.items() if name not in MODELLED}
    others = [a for a in _attachments(item) if not _is_image(a)]
    if others:
        extra["attachments"] = others
    if external:
        extra["external_url"] = external
    return extra
