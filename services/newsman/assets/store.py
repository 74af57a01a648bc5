"""Keeps each asset under an id of its own: one source can never overwrite another's.

In the folder of an asset, `asset.json` names the file that holds its bytes. A new version is a
new file; moving a new `asset.json` into place is what makes it visible, all at once.
"""

import asyncio
import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from types import TracebackType
from typing import Self

from newsman.assets.folder import AssetsUnavailable, Folder
from newsman.assets.types import HEAD_BYTES, served_type
from newsman_schemas.events import digest

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
POINTER = "asset.json"
PART = ".part"
REPLACED_SECONDS = 600
ABANDONED_SECONDS = 86_400
ID = re.compile(r"[a-z2-7]{26}")
VERSION = re.compile(r"(\d{13})-[0-9a-f]{16}(\.part)?")

Clock = Callable[[], float]


@dataclass(frozen=True)
class Asset:
    """One stored rendition; `mimetype` is the type to serve it under."""

    id: str
    source: str
    media_id: str
    mimetype: str
    declared: str
    length: int
    sha256: str
    stored_at: float
    content: str

    @property
    def etag(self) -> str:
        """A strong entity tag over the bytes (RFC 9110 section 8.8.3)."""
        return f'"{self.sha256[:32]}"'


def asset_id(source: str, media_id: str) -> str:
    """The id of a source's rendition; `/assets/{id}` is where feeds serves it."""
    if "\n" in source:
        raise ValueError("a source's name is one line")
    return digest(source, media_id)


class AssetStore:
    """Assets beneath an fsspec URL; every call blocks, so coroutines ask in a thread."""

    def __init__(self, url: str, clock: Clock = time.time) -> None:
        self._folder = Folder(url)
        self._clock = clock

    def find(self, asset_id: str) -> Asset | None:
        """The newest version of the asset, None where there is none."""
        if not ID.fullmatch(asset_id):
            return None
        pointer = self._folder.read(_name(asset_id, POINTER))
        return None if pointer is None else _asset(asset_id, pointer)

    def exists(self, source: str, media_id: str) -> bool:
        """True if this rendition has arrived."""
        return self.find(asset_id(source, media_id)) is not None

    def read(self, asset: Asset, start: int = 0, length: int = CHUNK_BYTES) -> bytes | None:
        """Bytes of this very version, at most `length`; None where it has been replaced."""
        end = min(start + length, asset.length)
        return self._folder.read(_name(asset.id, asset.content), start, end)

    def chunks(self, asset: Asset, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from start to before end, a chunk at a time."""
        stop = asset.length if end is None else min(end, asset.length)
        while start < stop:
            chunk = self.read(asset, start, min(CHUNK_BYTES, stop - start))
            if not chunk:
                raise AssetsUnavailable(f"asset {asset.id} ended at {start} of {asset.length}")
            yield chunk
            start += len(chunk)

    def put(
        self, source: str, media_id: str, content: bytes | Iterable[bytes], mimetype: str
    ) -> Asset:
        """Stores a rendition in place of what stood there; whoever ends last wins."""
        with self.begin(source, media_id, mimetype) as incoming:
            for chunk in [content] if isinstance(content, bytes) else content:
                incoming.write(chunk)
            return incoming.commit()

    async def put_stream(
        self, source: str, media_id: str, content: AsyncIterable[bytes], mimetype: str
    ) -> Asset:
        """`put` for a body that is still arriving; leaves nothing when it breaks off."""
        incoming = await asyncio.to_thread(self.begin, source, media_id, mimetype)
        try:
            async for chunk in content:
                await asyncio.to_thread(incoming.write, chunk)
            return await asyncio.to_thread(incoming.commit)
        finally:
            await asyncio.to_thread(incoming.abort)

    def begin(self, source: str, media_id: str, mimetype: str) -> "Incoming":
        """A rendition to be written in pieces."""
        named = asset_id(source, media_id)
        return Incoming(self._folder, self._clock, named, source, media_id, mimetype)

    def remove(self, source: str, media_id: str) -> bool:
        """Takes the rendition away in all its versions; whether there was one."""
        named = asset_id(source, media_id)
        # Object stores delete missing objects without an error, so check first.
        was_there = self._folder.read(_name(named, POINTER)) is not None
        self._folder.remove(_name(named, POINTER))
        for name in self._folder.names(_name(named)):
            self._folder.remove(_name(named, name))
        return was_there


class Incoming:
    """A rendition under way; nobody sees it before `commit`."""

    def __init__(
        self, folder: Folder, clock: Clock, id_: str, source: str, media_id: str, mimetype: str
    ) -> None:
        self._folder, self._clock = folder, clock
        self._id, self._source, self._media_id = id_, source, media_id
        self._declared = mimetype
        self._sha256, self._length, self._head = hashlib.sha256(), 0, b""
        self._part = self._new_name() + PART
        self._file = folder.create(_name(id_, self._part))
        self._is_open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._head = (self._head + chunk[:HEAD_BYTES])[:HEAD_BYTES]
        self._sha256.update(chunk)
        self._length += len(chunk)
        self._folder.append(self._file, chunk)

    def commit(self) -> Asset:
        """Makes the whole visible in one step."""
        self._folder.finish(self._file)
        asset = Asset(
            id=self._id,
            source=self._source,
            media_id=self._media_id,
            mimetype=served_type(self._head, self._declared),
            declared=self._declared,
            length=self._length,
            sha256=self._sha256.hexdigest(),
            stored_at=self._clock(),
            content=self._new_name(),
        )
        self._folder.move(_name(self._id, self._part), _name(self._id, asset.content))
        self._is_open = False
        pointer = self._new_name() + PART
        self._folder.write(_name(self._id, pointer), json.dumps(asdict(asset)).encode())
        self._folder.move(_name(self._id, pointer), _name(self._id, POINTER))
        self._sweep()
        return asset

    def abort(self) -> None:
        """Leaves nothing behind; after `commit` it does nothing."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            self._folder.finish(self._file)
        except AssetsUnavailable as error:
            log.info("a rendition that broke off could not be closed: %s", error)
        try:
            self._folder.remove(_name(self._id, self._part))
        except AssetsUnavailable as error:
            log.warning("a rendition that broke off is left lying: %s", error)

    def _new_name(self) -> str:
        return f"{int(self._clock() * 1_000):013d}-{secrets.token_hex(8)}"

    def _sweep(self) -> None:
        try:
            for name in _outdated(self._folder, self._id, self._clock()):
                self._folder.remove(_name(self._id, name))
        except AssetsUnavailable as error:
            log.warning("older versions of asset %s are left lying: %s", self._id, error)


def _outdated(folder: Folder, asset_id: str, now: float) -> list[str]:
    """The names of versions that were replaced, and of parts that were abandoned, long ago."""
    current = _current(folder, asset_id)
    matches = [*filter(None, map(VERSION.fullmatch, sorted(folder.names(_name(asset_id)))))]
    # Time for readers of a replaced version to finish.
    replaced = [
        version[0]
        for version, following in pairwise(match for match in matches if not match[2])
        if version[0] != current and _age(following, now) > REPLACED_SECONDS
    ]
    parts = (match for match in matches if match[2])
    return replaced + [part[0] for part in parts if _age(part, now) > ABANDONED_SECONDS]


def _current(folder: Folder, asset_id: str) -> str | None:
    """The name of the version that is served."""
    pointer = folder.read(_name(asset_id, POINTER))
    return _asset(asset_id, pointer).content if pointer else None


def _age(version: re.Match[str], now: float) -> float:
    """The seconds since a version was begun, which its name says in milliseconds."""
    return now - int(version[1]) / 1_000


def _asset(asset_id: str, content: bytes) -> Asset:
    try:
        asset = Asset(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise AssetsUnavailable(f"{POINTER} of asset {asset_id} is damaged") from error
    if asset.id != asset_id or not VERSION.fullmatch(asset.content):
        raise AssetsUnavailable(f"{POINTER} of asset {asset_id} is another's")
    return asset


def _name(asset_id: str, name: str = "") -> str:
    return "/".join(part for part in (asset_id[:2], asset_id, name) if part)
