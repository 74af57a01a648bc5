"""The description of a page's article in JSON-LD (schema.org/Article)."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from newsman.ingest.formats.markup.tree import Node

MAX_CHARACTERS = 2_000_000
MAX_SCRIPTS, MAX_OBJECTS = 200, 2_000
MAX_LEVELS = 6
KINDS = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle "
    "BackgroundNewsArticle OpinionNewsArticle ReviewNewsArticle AdvertiserContentArticle "
    "SatiricalArticle ScholarlyArticle TechArticle Report BlogPosting LiveBlogPosting "
    "SocialMediaPosting".split()
)
MODELLED = frozenset(
    "@context @type @id headline name alternativeHeadline datePublished dateModified dateCreated "
    "expires author articleSection articleBody keywords image inLanguage mainEntityOfPage url "
    "description copyrightNotice copyrightHolder".split()
)
_REFERRING = ("author", "image")
MAX_REFERENCES = 200
_OPENING = re.compile(r"<!--(?://)?|(?://\s{0,9})?<!\[CDATA\[|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/")
_CLOSING = re.compile(r"(?://|/\*)?\s{0,9}(?:-->|\]\]>)(?:\s{0,9}\*/)?\Z")
_LONGEST_CLOSING = 20


def articles(elements: Sequence[Node]) -> list[dict[str, Any]]:
    """Every article in the JSON-LD of a page's elements; what is no JSON is passed over."""
    scripts = islice((element for element in elements if _is_linked_data(element)), MAX_SCRIPTS)
    objects = [item for script in scripts for item in _objects(_read(script.text()))]
    named = {str(item["@id"]): item for item in objects if len(item) > 1 and "@id" in item}
    return [_with_parts(item, named) for item in objects if _is_article(item)]


def _with_parts(item: dict[str, Any], named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The article with its authors and pictures, which other objects of the page may describe
    (JSON-LD 1.1 section 3.3)."""
    parts = {name: _referred(item[name], named) for name in _REFERRING if name in item}
    return {**item, **parts}


def _referred(value: Any, named: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_referred(each, named) for each in value[:MAX_REFERENCES]]
    is_reference = isinstance(value, dict) and value.keys() == {"@id"}
    return named.get(str(value["@id"]), value) if is_reference else value


def _is_linked_data(element: Node) -> bool:
    if element.name != "script":
        return False
    kind = element.attributes.get("type", "").partition(";")[0]
    return kind.strip().lower() == "application/ld+json"


def choose(candidates: list[dict[str, Any]], addresses: set[str]) -> dict[str, Any]:
    """The article that the page is about: the one with its address, or the first with a title."""
    for item in candidates:
        if addresses.intersection(page_addresses(item)):
            return item
    return next((item for item in candidates if text(item.get("headline"))), {})


def page_addresses(item: dict[str, Any]) -> list[str]:
    """The addresses that an article names as its own."""
    named = (item.get("url"), item.get("mainEntityOfPage"), item.get("@id"))
    return [address for value in named if (address := text(value, "@id", "url"))]


def fields(item: dict[str, Any]) -> dict[str, Any]:
    """The fields of the article that are given."""
    sections = texts(item.get("articleSection"))
    return {
        "subheadline": text(item.get("alternativeHeadline")),
        "first_created": text(item.get("dateCreated")),
        "expires_at": text(item.get("expires")),
        "authors": _authors(item.get("author")),
        "section": sections[0][:200] if sections else None,
        "keywords": _keywords(item.get("keywords")),
        "subjects": _subjects(item.get("keywords")),
        "images": _images(item.get("image")),
        "language": text(item.get("inLanguage"), "alternateName", "name"),
        "summary": text(item.get("description")),
        "copyright": text(item.get("copyrightNotice")) or text(item.get("copyrightHolder"), "name"),
        "body_text": text(item.get("articleBody")),
        "extra": _extra(item, sections),
    }


def text(value: Any, *names: str) -> str | None:
    """A string, or the one in a list's first thing or under one of an object's names."""
    if isinstance(value, list):
        return next((string for item in value if (string := text(item, *names))), None)
    if isinstance(value, dict):
        named = (_stripped(value.get(name)) for name in (*names, "@value", "name"))
        return next(filter(None, named), None)
    return _stripped(value)


def _stripped(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def texts(value: Any) -> list[str]:
    """The texts of all things in a list."""
    return [string for item in _listed(value) if (string := text(item))]


def _read(script: str) -> Any:
    if len(script) > MAX_CHARACTERS:
        return None
    try:
        return json.loads(_unwrapped(script), strict=False)
    except (ValueError, RecursionError):
        return None


def _unwrapped(script: str) -> str:
    """The JSON inside the comment or CDATA section that hides it from old browsers."""
    text = script.strip()
    opening = _OPENING.match(text)
    if opening:
        text = text[opening.end() :]
    ended = text.rstrip("; \t\r\n")
    closing = _CLOSING.search(ended, max(0, len(ended) - _LONGEST_CLOSING))
    return (ended[: closing.start()] if closing else text).strip().rstrip(";")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    for _ in range(MAX_OBJECTS):
        if not waiting:
            return
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            yield item
            waiting += [item[name] for name in ("mainEntity", "@graph") if name in item]
            page = item.get("mainEntityOfPage")
            waiting += [page] if isinstance(page, dict) else []


def _is_article(item: dict[str, Any]) -> bool:
    return any(kind.rpartition("/")[2] in KINDS for kind in texts(item.get("@type")))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _beyond_page(identifier: str | None) -> str | None:
    """An identifier that means something outside the page."""
    return None if identifier and identifier.startswith(("#", "_:")) else identifier


def _authors(value: Any) -> list[dict[str, Any]]:
    authors: dict[str, dict[str, Any]] = {}
    for person in _listed(value):
        address = person if isinstance(person, dict) else {}
        for name in texts(address.get("name")) if address else texts(person):
            uri = text(address.get("url")) or _beyond_page(text(address.get("@id")))
            authors.setdefault(
                name, {"name": name, "uri": uri, "role": text(address.get("jobTitle"))}
            )
    return list(authors.values())


def _keywords(value: Any) -> list[str]:
    if isinstance(value, str):
        value = value.split(",")
    return list(dict.fromkeys(texts(value)))


def _subjects(value: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": text(term.get("name")),
            "code": text(term.get("termCode")),
            "scheme": text(term.get("inDefinedTermSet"), "url", "@id"),
        }
        for term in _listed(value)
        if isinstance(term, dict) and term.get("termCode")
    ]


def _images(value: Any) -> list[dict[str, Any]]:
    images: dict[str, dict[str, Any]] = {}
    for image in _listed(value):
        item = image if isinstance(image, dict) else {"url": image}
        href = text(item.get("url")) or text(item.get("contentUrl")) or text(item.get("@id"))
        if href:
            credit = text(item.get("creditText")) or text(item.get("creator"))
            caption = text(item.get("caption")) or text(item.get("description"))
            size = {name: pixels(item.get(name)) for name in ("width", "height")}
            images.setdefault(href, {"href": href, "caption": caption, "credit": credit, **size})
    return list(images.values())


def pixels(value: Any) -> int | None:
    """A number of pixels, given as a number, a string or a QuantitativeValue."""
    number = value.get("value") if isinstance(value, dict) else value
    match = re.fullmatch(r"([0-9]{1,6})(?:\.0+)?\s{0,3}(?:px)?", str(number).strip()[:20])
    return int(match[1]) if match else None


def _extra(item: dict[str, Any], sections: list[str]) -> dict[str, Any]:
    extra = {name: _pruned(value) for name, value in item.items() if name not in MODELLED}
    if len(sections) > 1:
        extra["articleSection"] = sections
    return extra


def _pruned(value: Any, level: int = 0) -> Any:
    if isinstance(value, dict | list) and level >= MAX_LEVELS:
        return None
    if isinstance(value, dict):
        return {name: _pruned(inner, level + 1) for name, inner in value.items()}
    return [_pruned(inner, level + 1) for inner in value] if isinstance(value, list) else value
