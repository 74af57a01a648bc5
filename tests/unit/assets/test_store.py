"""The store on a local folder, on fsspec's file system in memory, and in an S3 bucket."""

import asyncio
import hashlib
import json
import sys
import threading
import uuid
from importlib import import_module
from pathlib import Path

import fsspec
import pytest

from newsman.assets.folder import AssetsUnavailable
from newsman.assets.store import CHUNK_BYTES, AssetStore, asset_id
from newsman.runtime.settings_error import SettingsError

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
PNG = b"\x89PNG\r\n\x1a\n"
HOSTILE = ["../../etc/passwd", "/etc/passwd", "a\x00b", "", ".", "a\nb", "\ud800", "x" * 9_000]


class Clock:
    now = 1_772_452_800.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["file", "memory", "s3"])
def url(request, tmp_path, monkeypatch):
    if request.param == "file":
        yield f"file://{tmp_path}/assets"
        return
    if request.param == "s3":
        for name, value in request.getfixturevalue("s3").items():
            monkeypatch.setenv(name, value)
        yield f"s3://newsroom/{uuid.uuid4().hex}"
        return
    root = f"/{uuid.uuid4().hex}"
    yield f"memory:/{root}/assets"
    fs = fsspec.filesystem("memory")
    if fs.exists(root):
        fs.rm(root, recursive=True)


@pytest.fixture
def store(url, clock) -> AssetStore:
    return AssetStore(url, clock)


def files(url: str) -> list[str]:
    fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    return sorted(path.rsplit("/", 1)[-1] for path in fs.find(root)) if fs.exists(root) else []


def content(store: AssetStore, asset) -> bytes:
    return b"".join(store.chunks(asset))


def test_what_was_put_is_found(store, clock):
    body = JPEG + bytes(1_000)
    asset = store.put("demo", "pic-1", body, "image/jpeg")
    assert store.find(asset.id) == asset
    assert asset.id == asset_id("demo", "pic-1")
    assert (asset.source, asset.media_id, asset.mimetype) == ("demo", "pic-1", "image/jpeg")
    assert (asset.length, asset.stored_at) == (len(body), clock.now)
    assert asset.sha256 == hashlib.sha256(body).hexdigest()
    assert content(store, asset) == body


def test_a_store_that_has_no_folder_has_no_assets(store, url):
    assert store.find(asset_id("demo", "pic-1")) is None
    assert not store.exists("demo", "pic-1")
    assert not store.remove("demo", "pic-1")
    assert files(url) == []


def test_sources_do_not_share_ids(store):
    ours = store.put("demo", "pic-1", JPEG, "image/jpeg")
    theirs = store.put("other", "pic-1", PNG, "image/png")
    assert ours.id != theirs.id
    assert content(store, ours) == JPEG
    assert content(store, theirs) == PNG
    assert store.exists("demo", "pic-1")
    assert not store.exists("third", "pic-1")
    with pytest.raises(ValueError):
        store.put("demo\nx", "pic-1", JPEG, "image/jpeg")


def test_the_later_version_wins_and_has_another_tag(store):
    first = store.put("demo", "pic-1", JPEG, "image/jpeg")
    second = store.put("demo", "pic-1", PNG, "image/png")
    found = store.find(first.id)
    assert found == second
    assert found.mimetype == "image/png"
    assert first.etag != second.etag
    assert content(store, found) == PNG


def test_who_reads_the_version_before_can_end(store, clock):
    body = JPEG + bytes(2 * CHUNK_BYTES)
    first = store.put("demo", "pic-1", body, "image/jpeg")
    reading = store.chunks(first)
    begun = next(reading)
    store.put("demo", "pic-1", PNG, "image/png")
    store.put("demo", "pic-1", JPEG, "image/jpeg")
    assert begun + b"".join(reading) == body


def test_versions_long_replaced_are_taken_away(store, url, clock):
    first = store.put("demo", "pic-1", JPEG, "image/jpeg")
    clock.now += 86_400
    second = store.put("demo", "pic-1", PNG, "image/png")
    assert content(store, first) == JPEG
    clock.now += 601
    third = store.put("demo", "pic-1", JPEG + b"3", "image/jpeg")
    assert store.read(first) is None
    assert files(url) == sorted(["asset.json", second.content, third.content])


def test_a_range_is_read_from_its_place(store):
    body = JPEG + bytes(range(256)) * 4_000
    asset = store.put("demo", "pic-1", body, "image/jpeg")
    assert store.read(asset, 100, 50) == body[100:150]
    assert store.read(asset, len(body) - 5, 50) == body[-5:]
    assert b"".join(store.chunks(asset, 7, 700_007)) == body[7:700_007]
    assert max(map(len, store.chunks(asset))) == CHUNK_BYTES


def test_an_empty_rendition_has_no_bytes(store):
    asset = store.put("demo", "pic-1", b"", "image/jpeg")
    assert (asset.length, asset.mimetype) == (0, "application/octet-stream")
    assert content(store, asset) == b""


def test_the_type_shows_even_when_the_first_chunks_are_tiny(store):
    pieces = (PNG[at : at + 1] for at in range(len(PNG)))
    assert store.put("demo", "pic-1", pieces, "").mimetype == "image/png"


@pytest.mark.parametrize("media_id", HOSTILE)
def test_no_media_id_leaves_the_folder(tmp_path, clock, media_id):
    store = AssetStore(f"file://{tmp_path}/in/assets", clock)
    asset = store.put("demo", media_id, JPEG, "image/jpeg")
    assert store.find(asset.id).media_id == media_id
    home = tmp_path / "in" / "assets" / asset.id[:2] / asset.id
    assert {path.name for path in home.iterdir()} == {"asset.json", asset.content}
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(everything) == sorted(home.iterdir())


@pytest.mark.parametrize(
    "wrong", ["", "..", "../" * 9, "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "/", "a" * 26 + "\n"]
)
def test_what_is_no_id_is_not_looked_for(store, wrong):
    assert store.find(wrong) is None


def test_what_breaks_off_leaves_nothing_and_the_version_before(store, url):
    before = store.put("demo", "pic-1", JPEG, "image/jpeg")

    def broken():
        yield PNG
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put("demo", "pic-1", broken(), "image/png")
    assert store.find(before.id) == before
    assert files(url) == sorted(["asset.json", before.content])


def test_a_rendition_under_way_is_not_seen(store, url):
    with store.begin("demo", "pic-1", "image/jpeg") as incoming:
        incoming.write(JPEG)
        assert not store.exists("demo", "pic-1")
        incoming.commit()
        assert store.exists("demo", "pic-1")
    assert len(files(url)) == 2


def test_a_stream_is_put_and_a_broken_one_is_not(store, url):
    async def body(*, breaks: bool):
        yield JPEG
        if breaks:
            raise ConnectionError
        yield b"end"

    asset = asyncio.run(store.put_stream("demo", "pic-1", body(breaks=False), "image/jpeg"))
    assert content(store, asset) == JPEG + b"end"
    with pytest.raises(ConnectionError):
        asyncio.run(store.put_stream("demo", "pic-2", body(breaks=True), "image/jpeg"))
    assert not store.exists("demo", "pic-2")
    assert len(files(url)) == 2


def test_parts_left_by_a_crash_go_with_a_later_version(store, url, clock):
    crashed = store.begin("demo", "pic-1", "image/jpeg")
    store.put("demo", "pic-1", JPEG, "image/jpeg")
    # A bucket shows an upload only when it is complete.
    assert len(files(url)) == (2 if url.startswith("s3:") else 3)
    clock.now += 86_401
    store.put("demo", "pic-1", PNG, "image/png")
    assert not [name for name in files(url) if name.endswith(".part")]
    crashed.abort()


def test_what_is_removed_is_gone_in_all_versions(store, url):
    store.put("demo", "pic-1", JPEG, "image/jpeg")
    asset = store.put("demo", "pic-1", PNG, "image/png")
    assert store.remove("demo", "pic-1")
    assert store.find(asset.id) is None
    assert files(url) == []
    assert not store.remove("demo", "pic-1")


def test_readers_and_writers_at_once_see_whole_versions_only(store, url):
    rounds = 3 if url.startswith("s3:") else 15
    sizes = [1, 5_000, CHUNK_BYTES + 1]
    bodies = {hashlib.sha256(b).hexdigest(): b for b in (JPEG + bytes(n) for n in sizes)}
    store.put("demo", "pic-1", JPEG + bytes(1), "image/jpeg")
    wrong: list[object] = []

    def write(body: bytes) -> None:
        for _ in range(rounds):
            store.put("demo", "pic-1", body, "image/jpeg")

    def read() -> None:
        for _ in range(4 * rounds):
            asset = store.find(asset_id("demo", "pic-1"))
            if asset is None or content(store, asset) != bodies[asset.sha256]:
                wrong.append(asset)

    work = [threading.Thread(target=write, args=(body,)) for body in bodies.values()]
    work += [threading.Thread(target=read) for _ in range(3)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(60)
    assert wrong == []
    assert not any(thread.is_alive() for thread in work)


def test_a_pointer_of_another_asset_or_none_at_all_is_refused(tmp_path, clock):
    store = AssetStore(f"file://{tmp_path}", clock)
    asset = store.put("demo", "pic-1", JPEG, "image/jpeg")
    pointer = tmp_path / asset.id[:2] / asset.id / "asset.json"
    values = json.loads(pointer.read_text())
    for text in ("", "{}", "[]", '"x"', json.dumps({**values, "id": "a" * 26})):
        pointer.write_text(text)
        with pytest.raises(AssetsUnavailable):
            store.find(asset.id)
    pointer.write_text(json.dumps({**values, "content": "../../../etc/passwd"}))
    with pytest.raises(AssetsUnavailable):
        store.find(asset.id)


def test_storage_that_fails_is_told_by_one_exception(tmp_path, clock):
    (tmp_path / "file").write_text("no folder")
    store = AssetStore(f"file://{tmp_path}/file", clock)
    with pytest.raises(AssetsUnavailable):
        store.put("demo", "pic-1", JPEG, "image/jpeg")
    with pytest.raises(AssetsUnavailable):
        store.find(asset_id("demo", "pic-1"))


def test_no_file_stays_open(tmp_path, clock):
    store = AssetStore(f"file://{tmp_path}", clock)
    asset = store.put("demo", "pic-1", JPEG + bytes(3 * CHUNK_BYTES), "image/jpeg")
    reading = store.chunks(asset)
    next(reading)
    held = [Path(f"/proc/self/fd/{fd.name}") for fd in Path("/proc/self/fd").iterdir()]
    assert not [fd for fd in held if fd.exists() and str(fd.resolve()).startswith(str(tmp_path))]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("assets", "whole path"),
        ("file://assets", "whole path"),
        ("", "whole path"),
        ("nowhere://x/y", "nowhere:// is no storage; file://, s3://"),
        ("http:///x", "http:// is no storage"),
        ("ftp://x/y", "ftp:// is no storage"),
        ("zip://x::https://y/z", "zip:// is no storage"),
        ("file:///x\0y", "signs that no address has"),
    ],
)
def test_a_url_that_leads_nowhere_is_a_setting_to_mend(url, says):
    with pytest.raises(SettingsError, match=f"NEWSMAN_ASSETS_URL.*{says}"):
        AssetStore(url)


def test_s3_without_its_package_names_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(import_module("fsspec.registry")._registry, "s3", raising=False)
    with pytest.raises(SettingsError, match="s3:// needs s3fs installed"):
        AssetStore("s3://bucket/assets")
