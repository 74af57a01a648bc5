"""Items and binaries as Superdesk's HTTP push transmits them (`http_push.py` of its core). Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from urllib3.filepost import encode_multipart_formdata

OWN_NAMES = frozenset({"uri", "_newsman"})
"""What Superdesk has another name for, or none."""
CANCELED = "canceled"
TAKEN_AWAY = frozenset({"article.killed", "article.withdrawn"})
SIGNATURE = "x-superdesk-signature"
MOST_DEPTH = 10

Item = dict[str, Any]


@dataclass(frozen=True)
class Binary:
    """A rendition whose bytes go before the item: its id there, where it is here, its type."""

    media_id: str
    href: str
    mimetype: str


def superdesk_item(rendered: bytes, event: str) -> Item:
    """The item of a rendered ninjs document in Superdesk's names; raises ValueError.

    Superdesk knows one way to take an article away: an item that is canceled.
    """
    document = json.loads(rendered)
    if not isinstance(document, dict):
        raise ValueError("a ninjs document is an object")
    item = _in_its_names(document)
    if event in TAKEN_AWAY:
        item["pubstatus"] = CANCELED
    return item


def binaries(item: Item, depth: int = 0) -> Iterator[Binary]:
    """The renditions of an item and its associations that have an id of their own."""
    if depth > MOST_DEPTH:
        return
    for rendition in _objects(item.get("renditions")):
        media_id, href = rendition.get("media"), rendition.get("href")
        if isinstance(media_id, str) and media_id and isinstance(href, str):
            mimetype = rendition.get("mimetype")
            is_named = isinstance(mimetype, str) and mimetype
            yield Binary(media_id, href, str(mimetype) if is_named else "application/octet-stream")
    for associated in _objects(item.get("associations")):
        yield from binaries(associated, depth + 1)


def body_of(item: Item) -> bytes:
    """The request's body: `json.dumps` with its own separators, ASCII alone."""
    return json.dumps(item).encode()


def headers_for(body: bytes, secret: str | None, content_type: str) -> dict[str, str]:
    """The headers of a POST, signed where there is a secret: HMAC-SHA1 of the whole body."""
    headers = {"Content-type": content_type}
    if content_type == "application/json":
        headers["Accept"] = "application/json"
    if secret:
        # Its wire format; SHA-1 in an HMAC stands.
        headers[SIGNATURE] = f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"
    return headers


def form_of(binary: Binary, content: bytes, boundary: str) -> tuple[bytes, str]:
    """The multipart form of a binary, and its content type."""
    file = (binary.media_id, content, binary.mimetype)
    return encode_multipart_formdata([("media_id", binary.media_id), ("media", file)], boundary)


def _in_its_names(item: Item) -> Item:
    names = {name: value for name, value in item.items() if name not in OWN_NAMES}
    if "guid" not in names and "uri" in item:
        names["guid"] = item["uri"]
    associations = names.get("associations")
    if isinstance(associations, dict):
        names["associations"] = {
            key: _in_its_names(value) if isinstance(value, dict) else value
            for key, value in associations.items()
        }
    return names


def _objects(value: Any) -> Iterator[Item]:
    if isinstance(value, dict):
        yield from (each for each in value.values() if isinstance(each, dict))
