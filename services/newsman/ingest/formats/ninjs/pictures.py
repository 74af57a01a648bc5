"""The pictures of a ninjs item, each in the rendition that fits a page best."""

from collections.abc import Iterable
from typing import Any

from newsman.ingest.formats.feed.values import plain
from newsman.ingest.formats.markup.picture_address import pixels_in_json
from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman.ingest.formats.markup.xml_values import best_picture

PREFERRED_RENDITIONS = ("viewImage", "baseImage", "original")
"""Superdesk's names of them; other newsrooms' renditions are chosen by their size."""
MAX_CHARACTERS = 2_000
PICTURES = ("picture", "graphic")
_CAPTIONS = ("description_caption", "headline", "title")
_ALTERNATIVES = ("alt_text", "altText")
_CREDITS = ("byline", "creditline", "credit", "copyrightholder", "copyrightnotice")


def images(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the item itself and of its associations."""
    pictures = [item] if item.get("type") in PICTURES else []
    associated = (item.get("associations") or {}).values()
    pictures += [entry for entry in associated if isinstance(entry, dict)]
    return [image for picture in pictures if (image := _image(picture))]


def _image(picture: dict[str, Any]) -> dict[str, Any] | None:
    """The picture that an item is, or, for an item without a type, the one it shows."""
    renditions = picture.get("renditions")
    if not isinstance(renditions, dict):
        return None
    is_picture = picture.get("type") in PICTURES
    usable = {
        name: rendition
        for name, rendition in renditions.items()
        if isinstance(rendition, dict)
        and isinstance(rendition.get("href"), str)
        and (is_picture or (picture.get("type") is None and _is_of_a_picture(rendition)))
    }
    preferred = [usable[name] for name in PREFERRED_RENDITIONS if name in usable][:1]
    best = best_picture(map(_sized, preferred or usable.values()))
    if best is None:
        return None
    others = _others(best, map(_sized, usable.values()))
    return {**best, **_about(picture), **({"renditions": others} if others else {})}


def _others(best: dict[str, Any], sized: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The other sizes of the picture, one of each width, with addresses of the web."""
    widths: dict[int, dict[str, Any]] = {}
    for one in sized:
        width = one["width"]
        if width and width != best["width"] and is_web_address(one["href"]):
            named = {name: one[name] for name in ("href", "width", "height") if one[name]}
            widths.setdefault(width, named)
    return [widths[width] for width in sorted(widths)]


def _is_of_a_picture(rendition: dict[str, Any]) -> bool:
    return str(rendition.get("mimetype")).lower().startswith("image/")


def _sized(rendition: dict[str, Any]) -> dict[str, Any]:
    return {
        "href": rendition["href"],
        "mimetype": _text(rendition.get("mimetype")),
        "width": pixels_in_json(rendition.get("width")) or None,
        "height": pixels_in_json(rendition.get("height")) or None,
    }


def _about(picture: dict[str, Any]) -> dict[str, str | None]:
    markup = picture.get("description_html")
    described = plain(markup) if isinstance(markup, str) else None
    caption = _text(picture.get("description_text")) or _text(described)
    return {
        "caption": caption or _first_text(picture, _CAPTIONS),
        "alt": _first_text(picture, _ALTERNATIVES),
        "credit": _first_text(picture, _CREDITS),
    }


def _first_text(picture: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := _text(picture.get(name)))), None)


def _text(value: Any) -> str | None:
    return value.strip()[:MAX_CHARACTERS] or None if isinstance(value, str) else None
