"""Metadata in a page's head: Open Graph (ogp.me), Twitter cards, meta and link."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.page.linked_data import pixels
from newsman.ingest.formats.values.urls import resolve

Metas = dict[str, list[str]]
MAX_METAS = 2_000
MAX_CHARACTERS = 2_000
KEPT = ("og:", "article:", "twitter:", "dc.", "dcterms.", "fb:", "parsely-", "sailthru.", "robots")
MODELLED = frozenset(
    "og:title twitter:title og:description twitter:description og:url og:image og:image:url "
    "og:image:secure_url og:image:width og:image:height og:image:alt og:image:type twitter:image "
    "twitter:image:src article:tag article:section article:author article:published_time "
    "article:modified_time article:expiration_time og:locale".split()
)


def metas(elements: Sequence[Node]) -> Metas:
    """The contents of all `meta` elements of a page by their name, property or itemprop."""
    contents: Metas = defaultdict(list)
    for number, node in enumerate(n for n in elements if n.name == "meta"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content", "").strip()
        if number < MAX_METAS and name and content:
            contents[name.strip().lower()].append(content)
    return dict(contents)


def canonical_address(elements: Sequence[Node], contents: Metas) -> str | None:
    """The page's own address: its canonical link (RFC 6596), else Open Graph's."""
    address = first_of(contents, "og:url")
    base = address or next((base.get("href") for base in _attributes(elements, "base")), None)
    links = [link for link in _attributes(elements, "link") if _is_canonical(link)]
    named = [*(link.get("href") for link in links), address]
    whole = [resolve(base, named_address) for named_address in named]
    return next((url for url in whole if url and is_web_address(url)), None)


def _attributes(elements: Sequence[Node], name: str) -> list[dict[str, str]]:
    return [node.attributes for node in elements if node.name == name]


def _is_canonical(link: dict[str, str]) -> bool:
    return "canonical" in link.get("rel", "").lower().split()


def fields(root: Node, meta: Metas) -> dict[str, Any]:
    """The fields of the article that the head gives."""
    author = first_of(meta, "author", "byl", "dc.creator", "parsely-author", "article:author")
    keywords = _keywords(meta)
    return {
        "expires_at": first_of(meta, "article:expiration_time"),
        "authors": [{"name": author}] if author and not is_web_address(author) else [],
        "section": (first_of(meta, "article:section", "parsely-section") or "")[:200] or None,
        "keywords": keywords,
        "images": _images(meta),
        "language": _language(root, meta),
        "summary": first_of(meta, "og:description", "twitter:description", "description"),
        "copyright": first_of(meta, "copyright", "dc.rights", "dcterms.rights"),
        "extra": _extra(meta),
    }


def first_of(meta: Metas, *names: str) -> str | None:
    """The first content under the first name that has any."""
    return next((meta[name][0] for name in names if name in meta), None)


def _keywords(meta: Metas) -> list[str]:
    listed = list(meta.get("article:tag", ()))
    for name in ("news_keywords", "keywords", "parsely-tags", "sailthru.tags"):
        listed += [tag for content in meta.get(name, ()) for tag in content.split(",")]
    unique: dict[str, str] = {}
    for tag in listed:
        unique.setdefault(tag.strip().casefold(), tag.strip())
    return [tag for tag in unique.values() if tag]


def _images(meta: Metas) -> list[dict[str, Any]]:
    href = first_of(meta, "og:image", "og:image:secure_url", "og:image:url")
    if href is None:
        href = first_of(meta, "twitter:image", "twitter:image:src")
        return [{"href": href}] if href else []
    return [
        {
            "href": href,
            "caption": (first_of(meta, "og:image:alt") or "")[:MAX_CHARACTERS] or None,
            "mimetype": first_of(meta, "og:image:type"),
            "width": pixels(first_of(meta, "og:image:width")),
            "height": pixels(first_of(meta, "og:image:height")),
        }
    ]


def _language(root: Node, meta: Metas) -> str | None:
    page = next((n.attributes for n in root.walk() if n.name == "html"), {})
    named = page.get("lang") or page.get("xml:lang") or first_of(meta, "og:locale", "language")
    return named.strip().replace("_", "-")[:35] or None if named else None


def _extra(meta: Metas) -> dict[str, Any]:
    extra = {
        name: contents[0][:MAX_CHARACTERS] if len(contents) == 1 else contents[:20]
        for name, contents in meta.items()
        if name.startswith(KEPT) and name not in MODELLED
    }
    address = first_of(meta, "article:author")
    if address and is_web_address(address):
        extra["article:author"] = address
    return {"meta": extra} if extra else {}
