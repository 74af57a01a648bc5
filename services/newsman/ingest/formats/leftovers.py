"""Parts of a document that no field took: kept in `extra.unmodelled`, by where they stood.

A path is that of element names, or of names in JSON; `@` marks an attribute.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from newsman.ingest.formats.model import Draft

NAME = "unmodelled"
MAX_SHARED_CHARACTERS = 4_000

Leaf = tuple[str, str]
"""A path and the value there, white space collapsed."""


def keep_leftovers(leaves: Iterable[Leaf], fields: dict[str, Any]) -> None:
    """Adds the leaves whose values occur nowhere in the fields to their `extra`."""
    seen = {value for _, value in json_leaves(fields)}
    leftovers: dict[str, list[str]] = {}
    for path, value in leaves:
        if value and value not in seen:
            seen.add(value)
            leftovers.setdefault(path, []).append(value)
    if leftovers:
        fields["extra"] = {**fields.get("extra", {}), NAME: leftovers}


def with_shared(drafts: Sequence[Draft], name: str, shared: Any) -> list[Draft]:
    """The drafts with what is said of all of them in the `extra` of each; where it is long, of one.

    Else a long head and many short articles would grow to their product.
    """
    copies = list(drafts)
    for number, draft in enumerate(copies if shared else ()):
        if draft.problems or draft.item is not None:
            continue
        extra = {**(draft.fields.get("extra") or {}), name: shared}
        copies[number] = replace(draft, fields={**draft.fields, "extra": extra})
        if is_long(shared):
            break
    return copies


def is_long(shared: Any) -> bool:
    """True if a value is too long to repeat with every article."""
    return (
        sum(len(path) + len(value) for path, value in json_leaves(shared)) > MAX_SHARED_CHARACTERS
    )


def json_leaves(value: Any) -> Iterator[Leaf]:
    """Every string and number in a JSON value."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, at = waiting.pop()
        if isinstance(at, dict):
            waiting.extend((f"{path}/{name}", inner) for name, inner in reversed(at.items()))
        elif isinstance(at, list | tuple):
            waiting.extend((path, inner) for inner in reversed(at))
        elif at is not None and not isinstance(at, bool):
            yield path, " ".join(str(at).split())


def xml_leaves(element: Element, taken: Collection[Element] = ()) -> Iterator[Leaf]:
    """Every attribute and text in an element except texts that were `taken` whole."""
    whole = set(map(id, taken))
    waiting = [("", element)]
    while waiting:
        path, at = waiting.pop()
        yield from ((f"{path}/@{name}", " ".join(value.split())) for name, value in at.items())
        if id(at) not in whole:
            pieces = (at.text, *(inner.tail for inner in at))
            yield from ((path or "/", " ".join(piece.split())) for piece in pieces if piece)
            waiting.extend((f"{path}/{inner.tag}", inner) for inner in reversed(at))
