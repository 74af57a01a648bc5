"""Sound, film and other files of an article that are no pictures, as the newsroom sent them.

An enclosure of RSS or Atom, an attachment of JSON Feed or Superdesk, `media:content`, an
association or the renditions of an item in ninjs: they lie in `extra` and `associations`.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit

from newsman.assets.types import EXTENSIONS, OCTET_STREAM
from newsman.outputs.picture_files import MEDIA
from newsman.outputs.text.xml_text import add
from newsman_schemas.articles import Article

MAX_FILES = 50
MAX_CHARACTERS = 2_000
MAX_NUMBER = 2**53 - 1
WEB = ("http://", "https://")
PLAYED = ("audio", "video")
_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,80}/[\w.+-]{1,80}", re.ASCII)
_TYPES = {extension: kind for kind, extension in EXTENSIONS.items()}
_LISTS = ("enclosures", "attachments", "media:content")


@dataclass(frozen=True)
class MediaFile:
    """A file on the web: its type, title, size in bytes and length in seconds, as far as they were
    sent."""

    href: str
    mimetype: str
    title: str | None = None
    size_bytes: int | None = None
    seconds: int | None = None

    @property
    def medium(self) -> str:
        """`audio`, `video`, or the first part of any other type."""
        return self.mimetype.partition("/")[0]

    @property
    def name(self) -> str:
        """Its title, else the name of the file, else its host."""
        return self.title or _file_name(self.href)


def media_files(article: Article) -> tuple[MediaFile, ...]:
    """The files, each once, in the order in which they were sent; no pictures."""
    pictures = {image.href for image in article.images}
    files: dict[str, MediaFile] = {}
    for sent in islice(_sent(article), MAX_FILES):
        file = _file(sent)
        if file is not None and file.medium != "image" and file.href not in pictures:
            files.setdefault(file.href, file)
    return tuple(files.values())


def add_enclosures(item: ET.Element, files: tuple[MediaFile, ...]) -> None:
    """Adds the first as the enclosure of RSS, which has one, and all others as media:content."""
    for number, file in enumerate(files):
        if number == 0:
            size = str(file.size_bytes or 0)
            add(item, "enclosure", url=file.href, length=size, type=file.mimetype)
            continue
        about = {"fileSize": file.size_bytes, "duration": file.seconds}
        known = {name: str(value) for name, value in about.items() if value}
        medium = {"medium": file.medium} if file.medium in PLAYED else {}
        kind = {"url": file.href, "type": file.mimetype, **medium}
        content = add(item, f"{{{MEDIA}}}content", **kind, **known)
        if file.title:
            add(content, f"{{{MEDIA}}}title", file.title, type="plain")


def file_link(file: MediaFile) -> dict[str, str]:
    """The attributes of an Atom link to the file (RFC 4287 section 4.2.7)."""
    values = {
        "rel": "enclosure",
        "href": file.href,
        "type": file.mimetype,
        "title": file.title,
        "length": str(file.size_bytes) if file.size_bytes else None,
    }
    return {name: value for name, value in values.items() if value}


def file_attachment(file: MediaFile) -> dict[str, Any]:
    """The file as an attachment of JSON Feed 1.1."""
    values = {
        "url": file.href,
        "mime_type": file.mimetype,
        "title": file.title,
        "size_in_bytes": file.size_bytes,
        "duration_in_seconds": file.seconds,
    }
    return {name: value for name, value in values.items() if value}


def file_association(file: MediaFile) -> dict[str, Any]:
    """Sound or film as an association in ninjs."""
    rendition = {
        "href": file.href,
        "mimetype": file.mimetype,
        "sizeinbytes": file.size_bytes,
        "duration": file.seconds,
    }
    values = {
        "uri": file.href,
        "guid": file.href,
        "type": file.medium,
        "headline": file.title,
        "renditions": {"main": {name: value for name, value in rendition.items() if value}},
    }
    return {name: value for name, value in values.items() if value}


def _sent(article: Article) -> Iterator[Mapping[str, Any]]:
    """Everything that may name a file, whatever its names are."""
    extra = article.extra
    for name in _LISTS:
        yield from _objects(extra.get(name))
    for group in _objects(extra.get("media:group")):
        yield from ({**group, **entry} for entry in _objects(group.get("media:content")))
    own = {"type": extra.get("type"), "renditions": extra.get("renditions"), "headline": None}
    for item in (own, *_objects(list(article.associations.values()))):
        if item.get("type") in PLAYED:
            yield from _renditions(item)


def _renditions(item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The first sound or film of an item; its others are the same in other qualities."""
    renditions = item.get("renditions")
    named = renditions.values() if isinstance(renditions, dict) else renditions
    title = _text(item, "headline", "title", "description_text", "slugline")
    files = [entry for entry in _objects(named) if _medium(entry) in PLAYED]
    yield from ({**entry, "title": title} for entry in files[:1])


def _medium(entry: Mapping[str, Any]) -> str:
    file = _file(entry)
    return file.medium if file else ""


def _objects(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, dict) and not isinstance(value.get("url", ""), dict):
        return [value]
    entries = list(islice(value, MAX_FILES)) if hasattr(value, "__iter__") else []
    return [entry for entry in entries if isinstance(entry, dict)]


def _file(sent: Mapping[str, Any]) -> MediaFile | None:
    href = _text(sent, "href", "url")
    if href is None or not href.lower().startswith(WEB):
        return None
    named = _text(sent, "mime_type", "mimetype", "contenttype", "contentType", "type") or ""
    kind = named.lower() if _TYPE.fullmatch(named) else _type_by_name(href)
    return MediaFile(
        href,
        kind,
        _text(sent, "title", "media:title", "filename"),
        _number(sent, "size_in_bytes", "length", "filesize", "sizeinbytes", "sizeInBytes"),
        _number(sent, "duration_in_seconds", "duration"),
    )


def _text(sent: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        value = sent.get(name)
        value = value.get("text") if isinstance(value, dict) else value
        if isinstance(value, str) and (text := " ".join(value[:MAX_CHARACTERS].split())):
            return text
    return None


def _number(sent: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        text = str(sent.get(name, ""))[:20].partition(".")[0]
        if text.isascii() and text.isdecimal() and 0 < int(text) <= MAX_NUMBER:
            return int(text)
    return None


def _type_by_name(href: str) -> str:
    name = _path(href).rpartition("/")[2].lower()
    return _TYPES.get(f".{name.rpartition('.')[2]}", OCTET_STREAM) if "." in name else OCTET_STREAM


def _file_name(href: str) -> str:
    name = unquote(_path(href).rstrip("/").rpartition("/")[2])
    return " ".join(name.split()) or href.split("/")[2]


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""
