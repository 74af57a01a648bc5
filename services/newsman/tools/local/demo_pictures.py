"""The pictures of the demo's articles: pushed as assets, and named in the articles."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from newsman.assets.store import asset_id
from newsman.tools.local.defaults import DEMO_KEY
from newsman.tools.local.http import post
from newsman.tools.local.layout import Layout

SOURCE = "demo"
BOUNDARY = "newsman-demo-picture"
NINJS = ".ninjs.json"


@dataclass(frozen=True)
class DemoPicture:
    """A picture, and the samples that it belongs to."""

    file: str
    samples: tuple[str, ...]
    image: dict[str, Any]


def pictures() -> list[DemoPicture]:
    """The pictures as `samples/pictures.json` lists them."""
    folder = files("newsman.tools.local") / "samples"
    listed = json.loads((folder / "pictures.json").read_text("utf-8"))
    return [DemoPicture(one.pop("file"), tuple(one.pop("samples")), one) for one in listed]


def push_pictures(layout: Layout) -> None:
    """Stores the pictures as assets, as Superdesk's pushes do."""
    folder = files("newsman.tools.local") / "samples" / "pictures"
    for picture in pictures():
        body = _form(picture.file, (folder / picture.file).read_bytes())
        headers = {
            "Authorization": f"Bearer {DEMO_KEY}",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }
        post(f"{layout.url('ingest')}/push_binary", body, headers)


def with_pictures(layout: Layout, sample: str, body: bytes) -> bytes:
    """The sample with the pictures that belong to it."""
    images = [
        {"href": f"{layout.url('feeds')}/assets/{asset_id(SOURCE, one.file)}", **one.image}
        for one in pictures()
        if sample in one.samples
    ]
    if not images:
        return body
    document = json.loads(body)
    if sample.endswith(NINJS):
        return json.dumps({**document, "associations": {"main": _associated(images[0])}}).encode()
    return json.dumps({**document, "images": images}).encode()


def _associated(image: dict[str, Any]) -> dict[str, Any]:
    """The picture as an item of ninjs has it."""
    form = {name: image[name] for name in ("href", "width", "height")}
    return {
        "type": "picture",
        "renditions": {"original": {**form, "mimetype": "image/jpeg"}},
        "description_text": image["caption"],
        "alt_text": image["alt"],
        "creditline": image["credit"],
    }


def _form(name: str, content: bytes) -> bytes:
    """A form of a media id and a file (RFC 7578)."""
    parts = (
        b'Content-Disposition: form-data; name="media_id"\r\n\r\n' + name.encode(),
        b'Content-Disposition: form-data; name="media"; filename="' + name.encode() + b'"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n" + content,
    )
    edge = b"--" + BOUNDARY.encode()
    return b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
