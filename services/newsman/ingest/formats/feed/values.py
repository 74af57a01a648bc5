"""Reading single values out of the elements of a feed."""

import base64
import binascii
from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from newsman.ingest.formats.markup.sanitise import sanitise, to_text
from newsman.ingest.formats.markup.tree import Node
from newsman.ingest.formats.values.dates import parse_date
from newsman.ingest.formats.values.text import one_line

MAX_PLAIN_CHARACTERS = 20_000
MAX_LEVELS = 4
MAX_VALUES = 200


def value(nodes: Iterable[Node], *names: str) -> str | None:
    """The text of the first element that has any, in the order of the names."""
    candidates = [node for node in nodes if node.name in names]
    texts = (node.text().strip() for name in names for node in candidates if node.name == name)
    return next((text for text in texts if text), None)


def plain(markup: str) -> str | None:
    """The words of a piece of markup on one line."""
    return one_line(to_text(sanitise(markup[:MAX_PLAIN_CHARACTERS]))) or None


def media_type(node: Node) -> str:
    """The type that an element gives for its content, without parameters."""
    return node.attributes.get("type", "").partition(";")[0].strip().lower()


def markup_of(node: Node) -> str:
    """The content of an element as markup: escaped, as elements, or in base64 (RFC 4287 section
    4.1.3.3); none if it is not text."""
    if node.elements():
        return node.inner_markup(frozenset({"script", "style"}))
    return _decoded(node.text()) if _is_encoded(node) else node.text()


def _is_encoded(node: Node) -> bool:
    """True if the content is in base64: Atom 0.3 says so, Atom 1.0 leaves it to the type."""
    kind = media_type(node)
    said = (node.attributes.get(name, "").lower() for name in ("mode", "type", "encoding"))
    if any("base64" in words for words in said):
        return True
    is_text = kind.startswith("text/") or kind.endswith(("xml", "html", "json"))
    return "/" in kind and not is_text


def _decoded(text: str) -> str:
    """The text in base64, or as it is if it is not encoded; "" for anything but text."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except binascii.Error:
        return text
    except UnicodeDecodeError:
        return ""


def date_or_none(text: str, zone: tzinfo) -> str | None:
    """The text, if it is a date."""
    try:
        parse_date(text, zone)
    except ValueError:
        return None
    return text


def as_json(node: Node, level: int = 0) -> Any:
    """An element as a JSON value: its text, or an object where it has more than text."""
    parts = node.elements() if level < MAX_LEVELS else []
    text = node.text().strip() if not parts else ""
    data: dict[str, Any] = {k: v for k, v in node.attributes.items() if not k.startswith("xmlns")}
    for part in parts[:MAX_VALUES]:
        add(data, part.name, as_json(part, level + 1))
    if not data:
        return text
    return {**data, "text": text} if text else data


def add(values: dict[str, Any], name: str, new: Any) -> None:
    """Adds a value under a name; the second one makes it a list."""
    if name not in values:
        values[name] = new
    elif isinstance(values[name], list):
        values[name].append(new)
    else:
        values[name] = [values[name], new]
