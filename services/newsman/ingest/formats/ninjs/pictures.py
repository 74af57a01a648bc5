"""The pictures of a ninjs item, each in the rendition that suits a page best."""

from typing import Any

PREFERRED_RENDITIONS = ("viewImage", "baseImage", "original", "thumbnail")


def images(item: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the item itself and of all that it is associated with."""
    pictures = [item] if item.get("type") in ("picture", "graphic") else []
    pictures += [
        related
        for related in (item.get("associations") or {}).values()
        if isinstance(related, dict) and related.get("type") in ("picture", "graphic")
    ]
    return [image for picture in pictures if (image := _image(picture))]


def _image(picture: dict[str, Any]) -> dict[str, Any] | None:
    renditions = picture.get("renditions")
    if not isinstance(renditions, dict):
        return None
    named = [renditions.get(name) for name in PREFERRED_RENDITIONS]
    for rendition in (*named, *renditions.values()):
        if isinstance(rendition, dict) and isinstance(rendition.get("href"), str):
            return {
                "href": rendition["href"],
                "caption": _text(picture.get("description_text") or picture.get("headline")),
                "credit": _text(picture.get("byline")),
                "mimetype": _text(rendition.get("mimetype")),
                "width": _pixels(rendition.get("width")),
                "height": _pixels(rendition.get("height")),
            }
    return None


def _text(value: Any) -> str | None:
    return value[:2_000] if isinstance(value, str) else None


def _pixels(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
