"""Pictures of an article as feeds name files: Media RSS 1.5.1, enclosures, attachments."""

import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlsplit

from newsman.assets.types import EXTENSIONS
from newsman.outputs.text.html_text import as_title
from newsman.outputs.text.xml_text import add, legal
from newsman_schemas.articles import Image

MEDIA = "http://search.yahoo.com/mrss/"
ANY_PICTURE = "image/*"
_TYPES = {extension: kind for kind, extension in EXTENSIONS.items()} | {".jpeg": "image/jpeg"}


def add_media_content(parent: ET.Element, image: Image) -> None:
    """Adds the picture with its size, type, caption and credit (Media RSS, media:content)."""
    sizes = {name: str(size) for name, size in _sizes(image).items()}
    kind = media_type(image)
    types = {"type": kind} if kind else {}
    content = add(parent, f"{{{MEDIA}}}content", url=image.href, medium="image", **types, **sizes)
    if image.caption:
        # Readers that overlook the type take for HTML what looks like it.
        caption = as_title(image.caption)
        text_type = "plain" if caption == legal(image.caption) else "html"
        add(content, f"{{{MEDIA}}}description", caption, type=text_type)
    if image.credit:
        add(content, f"{{{MEDIA}}}credit", image.credit)


def enclosure_link(image: Image) -> dict[str, str]:
    """The attributes of an Atom link to the picture (RFC 4287 section 4.2.7)."""
    values = {"type": media_type(image), "title": image.caption}
    named = {name: value for name, value in values.items() if value}
    return {"rel": "enclosure", "href": image.href, **named}


def attachment(image: Image) -> dict[str, Any]:
    """The picture as an attachment of JSON Feed, which asks for a type; what it has no name for
    stands under `_newsman`."""
    own = {**_sizes(image), "credit": image.credit}
    values = {
        "url": image.href,
        "mime_type": media_type(image) or ANY_PICTURE,
        "title": image.caption,
        "_newsman": {name: value for name, value in own.items() if value} or None,
    }
    return {name: value for name, value in values.items() if value}


def media_type(image: Image) -> str | None:
    """The type that came with the picture, else that of its extension."""
    if image.mimetype and "/" in image.mimetype:
        return image.mimetype
    try:
        path = urlsplit(image.href).path
    except ValueError:
        return None
    return _TYPES.get(f".{path.rpartition('.')[2].lower()}") if "." in path else None


def _sizes(image: Image) -> dict[str, int]:
    sizes = {"width": image.width, "height": image.height}
    return {name: size for name, size in sizes.items() if size and size > 0}
