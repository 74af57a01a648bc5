"""Entries of an article's lists: authors, subjects and images that the model has no room for."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from newsman.ingest.formats.markup.sanitise import is_web_address
from newsman_schemas.articles import Author, Image, Subject
from newsman_schemas.names.slugs import slugify

_ENTRIES = {
    "authors": Author.model_fields.keys(),
    "subjects": Subject.model_fields.keys(),
    "images": Image.model_fields.keys(),
}


def drop_the_nameless(values: dict[str, Any]) -> None:
    """Takes out subjects without name and code, authors without name and keywords without a
    letter: entries that an editor's software left empty."""
    for name, is_empty in _EMPTY.items():
        listed = values.get(name)
        if isinstance(listed, list):
            values[name] = [entry for entry in listed if not is_empty(entry)]


def _says_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_nobody(author: Any) -> bool:
    return (
        isinstance(author, dict)
        and isinstance(author.get("name"), str)
        and all(map(_says_nothing, author.values()))
    )


def _is_no_word(keyword: Any) -> bool:
    return isinstance(keyword, str) and not keyword.strip()


def _is_nameless(subject: Any) -> bool:
    if not isinstance(subject, dict):
        return False
    if not all(_says_nothing(subject.get(name)) for name in ("name", "code")):
        return False
    try:
        Subject.model_validate(subject)
    except ValidationError:
        return False  # what is wrong with the rest of it is to be told
    return True


_EMPTY: Mapping[str, Callable[[Any], bool]] = {
    "authors": _is_nobody,
    "subjects": _is_nameless,
    "keywords": _is_no_word,
}


def keep_what_the_model_lacks(values: dict[str, Any]) -> None:
    """A slugline as it was written, and lists whose entries say more than the model has names for.

    So also pictures without an address of the web, which nothing may link to.
    """
    lacking: dict[str, Any] = {}
    if values.get("slug") and slugify(values["slug"]) != values["slug"]:
        lacking["slugline"] = values["slug"]
    for name, modelled in _ENTRIES.items():
        if any(entry.keys() - modelled for entry in _entries(values, name)):
            lacking[name] = values[name]
    if any(_is_off_the_web(image) for image in _entries(values, "images")):
        lacking["images"] = values["images"]
    if lacking and isinstance(values.get("extra", {}), dict):
        values["extra"] = {**lacking, **values.get("extra", {})}


def _entries(values: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list, none where there is no list."""
    listed = values.get(name)
    if not isinstance(listed, list):
        return []
    return [entry for entry in listed if isinstance(entry, dict)]


def _is_off_the_web(image: Mapping[str, Any]) -> bool:
    return not is_web_address(str(image.get("href")))
