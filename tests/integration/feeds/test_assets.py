"""Renditions out of the real feeds service over HTTP."""

import asyncio
import hashlib
import os
import shutil
import socket
import time
import urllib.parse
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from newsman.assets.store import CHUNK_BYTES, AssetStore
from newsman.feeds.assets import routes as assets_web
from newsman_schemas.articles import Image, article_id

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4_000
PDF = b"%PDF-1.7\n" + b"x" * 2_000
TEXT = b"<html><script>alert(1)</script>" + b" " * 5_000
LAST = len(JPEG) - 1
RANGES = [
    ("bytes=0-0", 0, 0),
    ("bytes=100-199", 100, 199),
    ("BYTES=100-199", 100, 199),
    ("bytes=5-", 5, LAST),
    ("bytes=-7", LAST - 6, LAST),
    ("bytes=-99999999999999999999999", 0, LAST),
    ("bytes=9-99999999999999999999999", 9, LAST),
    (f"bytes={LAST}-", LAST, LAST),
    (f"bytes=1-{CHUNK_BYTES * 2}", 1, CHUNK_BYTES * 2),
]
WHOLE = ["bytes=0-1,5-6", "bytes=9-3", "lines=0-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1-2"]
BEHIND = [f"bytes={LAST + 1}-", "bytes=-0", f"bytes={'9' * 5_000}-"]
RUNS = [
    ("page.html", TEXT, "text/html"),
    ("page.jpg", TEXT, "image/jpeg"),
    ("logo.svg", b'<svg onload="alert(1)"/>', "image/svg+xml"),
    ("feed.xml", b'<?xml version="1.0"?><x/>', "application/xml"),
    ("run.js", b"alert(1)", "text/javascript"),
    ("both.gif", b"GIF89a/*" + TEXT, "text/html"),
]
NOWHERE = ["a" * 26, "x", "", "..%2f..%2fetc%2fpasswd", "a/b", "%00"]


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "assets"


class Exhibition(AssetStore):
    """Assets that a published article shows as soon as they are stored."""

    def __init__(self, url: str, desk, wire, clock) -> None:
        super().__init__(url, clock)
        self._desk = desk
        self._wire = wire

    def put(self, source, media_id, content, mimetype):
        asset = super().put(source, media_id, content, mimetype)
        self._desk.publish(media_id, body_html=shows(asset))
        self._wire(media_id, body_html=shows(asset))
        return asset


def shows(*assets) -> str:
    images = (f'<img src="https://news.example/assets/{asset.id}">' for asset in assets)
    return f"<p>{' '.join(images)}</p>"


@pytest.fixture
def hidden(folder) -> AssetStore:
    """Assets that no article shows so far."""
    # What was stored a minute ago has a date that can be relied upon.
    return AssetStore(f"file://{folder}", clock=lambda: time.time() - 60)


@pytest.fixture
def store(folder, desk, publish) -> AssetStore:
    return Exhibition(f"file://{folder}", desk, publish, clock=lambda: time.time() - 60)


@pytest.fixture
def feeds(desk, folder, start_service):
    service = start_service("feeds", NEWSMAN_ASSETS_URL=f"file://{folder}")
    return service.wait_ready()


@pytest.fixture
def http(feeds):
    with httpx.Client(base_url=feeds.url, timeout=20) as client:
        yield client


@pytest.fixture
def picture(store):
    return store.put("demo", "harbour.jpeg", JPEG, "image/jpeg")


@pytest.fixture
def path(picture) -> str:
    return f"/assets/{picture.id}"


def open_files(pid: int, folder: Path) -> list[str]:
    links = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(str(fd.readlink()))
        except FileNotFoundError:
            continue
    return [link for link in links if link.startswith(str(folder))]


def test_a_picture_is_served_whole_with_all_that_a_cache_needs(http, path):
    answer = http.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content == JPEG
    headers = answer.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(JPEG))
    assert headers["etag"] == f'"{hashlib.sha256(JPEG).hexdigest()[:32]}"'
    assert headers["cache-control"] == "public, max-age=5, must-revalidate"
    assert headers["accept-ranges"] == "bytes"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["content-disposition"] == 'inline; filename="harbour.jpg"'
    assert headers["access-control-allow-origin"] == "*"
    assert "content-encoding" not in headers
    age = time.time() - parsedate_to_datetime(headers["last-modified"]).timestamp()
    assert 59 <= age < 600


def test_head_says_the_same_without_the_bytes(http, path):
    whole = http.get(path)
    head = http.head(path, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    moving = {"date", "server"}
    assert {k: v for k, v in head.headers.items() if k not in moving} == {
        k: v for k, v in whole.headers.items() if k not in moving
    }


def test_one_range_is_answered_with_its_bytes(http, path):
    for asked, first, last in RANGES:
        answer = http.get(path, headers={"Range": asked, "Accept-Encoding": "gzip"})
        assert answer.status_code == 206, asked
        assert answer.content == JPEG[first : last + 1], asked
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(JPEG)}"
        assert answer.headers["content-length"] == str(last - first + 1)


def test_several_ranges_or_none_that_is_understood_are_the_whole(http, path):
    for asked in WHOLE:
        answer = http.get(path, headers={"Range": asked})
        assert answer.status_code == 200, asked
        assert answer.content == JPEG, asked
        assert "content-range" not in answer.headers


def test_a_range_behind_the_end_is_refused_with_the_length(http, path):
    for asked in BEHIND:
        answer = http.get(path, headers={"Range": asked})
        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{len(JPEG)}"
        assert answer.headers["content-type"] == "application/problem+json"


def test_an_empty_rendition_has_a_whole_but_no_range(http, store):
    path = f"/assets/{store.put('demo', 'empty', b'', 'image/jpeg').id}"
    for asked, status in (("bytes=-5", 200), ("bytes=0-", 416), ("", 200)):
        answer = http.get(path, headers={"Range": asked} if asked else {})
        assert answer.status_code == status
        assert status != 200 or answer.content == b""


def test_if_range_holds_for_this_version_only(http, store, path):
    before = http.head(path).headers

    def status(condition: str) -> int:
        return http.get(path, headers={"Range": "bytes=0-9", "If-Range": condition}).status_code

    assert status(before["etag"]) == 206
    assert status(before["last-modified"]) == 206
    assert status("W/" + before["etag"]) == 200
    assert status('"another"') == 200
    assert status(formatdate(time.time(), usegmt=True)) == 200
    store.put("demo", "harbour.jpeg", JPEG + b"more", "image/jpeg")
    assert status(before["etag"]) == 200


def test_who_has_it_already_gets_304(http, store, path):
    known = http.head(path).headers
    for condition in (
        {"If-None-Match": known["etag"]},
        {"If-None-Match": f'"x", W/{known["etag"]}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": known["last-modified"]},
        {"If-None-Match": known["etag"], "Range": "bytes=0-9"},
    ):
        answer = http.get(path, headers=condition)
        assert (answer.status_code, answer.content) == (304, b""), condition
        assert answer.headers["etag"] == known["etag"]
        assert answer.headers["cache-control"] == known["cache-control"]
    for condition in (
        {"If-None-Match": '"another"', "If-Modified-Since": known["last-modified"]},
        {"If-Modified-Since": formatdate(time.time() - 3_600, usegmt=True)},
        {"If-Modified-Since": "yesterday"},
    ):
        assert http.get(path, headers=condition).status_code == 200, condition
    store.put("demo", "harbour.jpeg", JPEG + b"more", "image/jpeg")
    changed = http.get(path, headers={"If-None-Match": known["etag"]})
    assert (changed.status_code, changed.content) == (200, JPEG + b"more")
    assert changed.headers["etag"] != known["etag"]


def test_two_versions_within_a_second_are_told_apart_by_date(http, folder, store):
    path = f"/assets/{store.put('demo', 'fast', JPEG, 'image/jpeg').id}"
    assert http.get(path).status_code == 200
    moment = time.time()
    now = AssetStore(f"file://{folder}", clock=lambda: moment)
    now.put("demo", "fast", JPEG + b"1", "image/jpeg")
    seen = http.get(path).headers["last-modified"]
    now.put("demo", "fast", JPEG + b"2", "image/jpeg")
    answer = http.get(path, headers={"If-Modified-Since": seen})
    assert answer.content == JPEG + b"2"


def test_a_pdf_is_a_download_under_its_type(http, store):
    asset = store.put("demo", "reports/annual.pdf", PDF, "application/pdf")
    answer = http.get(f"/assets/{asset.id}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'attachment; filename="annual.pdf"'
    assert answer.headers["content-length"] == str(len(PDF))
    assert "access-control-allow-origin" not in answer.headers


def test_what_could_run_is_a_download_of_no_type(http, store):
    for name, content, declared in RUNS:
        asset = store.put("demo", name, content, declared)
        answer = http.get(f"/assets/{asset.id}", headers={"Accept-Encoding": "gzip"})
        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream", name
        assert answer.headers["content-disposition"].startswith("attachment; "), name
        assert answer.headers["content-disposition"].endswith('.bin"'), name
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "content-encoding" not in answer.headers


def test_what_is_not_there_is_a_problem(http, picture):
    for wrong in NOWHERE:
        answer = http.get(f"/assets/{wrong}")
        assert answer.status_code == 404, wrong
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == 404


def test_a_store_without_a_folder_has_nothing_and_a_later_one_does(http, folder, store):
    assert not folder.exists()
    assert http.get(f"/assets/{'a' * 26}").status_code == 404
    assert not folder.exists()
    asset = store.put("demo", "late", JPEG, "image/jpeg")
    assert http.get(f"/assets/{asset.id}").content == JPEG


def test_an_asset_taken_away_is_gone_at_once(http, store, path):
    assert http.get(path).status_code == 200
    assert store.remove("demo", "harbour.jpeg")
    assert http.get(path).status_code == 404


def test_an_asset_goes_with_the_last_article_that_shows_it_and_comes_back(
    http, hidden, desk, publish, eventually
):
    map_, chart = (hidden.put("demo", name, JPEG, "image/jpeg") for name in ("map", "chart"))

    def show(name: str, *assets, revision: int) -> None:
        desk.publish(name, revision=revision, body_html=shows(*assets))
        publish(name, revision=revision, body_html=shows(*assets))

    def answers() -> tuple[int, int]:
        return tuple(http.get(f"/assets/{asset.id}").status_code for asset in (map_, chart))

    assert answers() == (404, 404)  # of an article under embargo, for all that feeds is told
    show("two", map_, revision=1)
    eventually(lambda: answers() == (200, 404))
    show("one", map_, chart, revision=1)
    eventually(lambda: answers() == (200, 200))
    known = http.get(f"/assets/{chart.id}").headers["etag"]
    desk.take_away("one")
    assert answers() == (200, 410)  # at once, before the log has told of it
    publish("one", revision=2, action="killed")
    assert answers() == (200, 410)
    gone = http.get(f"/assets/{chart.id}", headers={"If-None-Match": known})
    assert (gone.status_code, gone.headers["content-type"]) == (410, "application/problem+json")
    assert http.head(f"/assets/{chart.id}").status_code == 410
    show("two", revision=2)  # a correction takes the map out
    eventually(lambda: answers() == (410, 410))
    show("one", chart, revision=3)
    eventually(lambda: answers() == (410, 200))


NAMED = {
    "body": lambda href: {"body_html": f'<p><img src="{href}"></p>'},
    "text": lambda href: {"body_text": f"See {href} for more."},
    "picture": lambda href: {"images": (Image(href=href),)},
    "rendition": lambda href: {"extra": {"renditions": {"large": {"href": href}}}},
    "association": lambda href: {
        "associations": {"a": {"associations": {"b": {"renditions": {"s": {"href": href}}}}}}
    },
    "own address": lambda href: {"canonical_url": href},
    "note": lambda href: {"editorial_note": f"picture: {href}"},
}
"""Places in an article where the address of a rendition may stand."""


def test_another_sources_article_shows_no_picture_whose_second_has_not_come(
    http, hidden, desk, publish, eventually
):
    embargoed = hidden.put("demo", "minister", JPEG, "image/jpeg")
    for place, fields in NAMED.items():
        named = {**fields(f"https://news.example/assets/{embargoed.id}"), **rival(place)}
        desk.publish(place, **named)
        publish(place, **named)
    eventually(lambda: "News of note" in http.get("/v1/articles?source=rival&limit=20").text)
    assert http.get(f"/assets/{embargoed.id}").status_code == 404
    desk.publish("own", body_html=shows(embargoed))
    publish("own", body_html=shows(embargoed))
    assert http.get(f"/assets/{embargoed.id}").status_code == 200


def test_another_sources_article_keeps_no_picture_that_was_killed(
    http, hidden, desk, publish, eventually
):
    killed, unseen = (hidden.put("demo", name, JPEG, "image/jpeg") for name in ("quay", "mole"))
    desk.publish("own", body_html=shows(killed))
    publish("own", body_html=shows(killed))
    assert http.get(f"/assets/{killed.id}").status_code == 200
    for place, fields in NAMED.items():
        named = {**fields(f"/assets/{killed.id} /assets/{unseen.id}"), **rival(place)}
        desk.publish(place, **named)
        publish(place, **named)
    desk.take_away("own")
    publish("own", revision=2, action="killed")
    assert http.get(f"/assets/{killed.id}").status_code == 410
    assert http.get(f"/assets/{unseen.id}").status_code == 404


def test_two_sources_renditions_of_one_name_are_two(http, hidden, desk, publish):
    own, others = (hidden.put(name, "harbour", JPEG, "image/jpeg") for name in ("demo", "rival"))
    assert own.id != others.id
    desk.publish("own", body_html=shows(own))
    publish("own", body_html=shows(own))
    assert http.get(f"/assets/{own.id}").status_code == 200
    assert http.get(f"/assets/{others.id}").status_code == 404


def rival(name: str) -> dict:
    return {"id": article_id("rival", name), "source": "rival"}


def test_storage_that_fails_is_answered_503(http, folder, path):
    shutil.rmtree(folder)
    folder.write_text("no folder")
    answer = http.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["content-type"] == "application/problem+json"


def test_bytes_that_were_lost_are_a_404(http, folder, picture, path):
    (folder / picture.id[:2] / picture.id / picture.content).unlink()
    assert http.get(path).status_code == 404


def test_an_asset_is_only_for_reading(http, path):
    for method in ("POST", "PUT", "DELETE"):
        assert http.request(method, path).status_code == 405


def test_pages_are_still_packed(http, desk):
    for name in ("cup", "league", "final", "draw"):
        desk.publish(name)
    answer = http.get("/v1/articles", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_bytes_lost_on_the_way_break_off_the_answer(feeds, http, store, folder, eventually):
    film = store.put("demo", "film", b"\x00\x00\x00\x14ftypisom" + bytes(30_000_000), "")
    with http.stream("GET", f"/assets/{film.id}") as answer:
        pieces = answer.iter_raw()
        received = len(next(pieces))
        (folder / film.id[:2] / film.id / film.content).unlink()
        with pytest.raises(httpx.RemoteProtocolError):
            received += sum(map(len, pieces))
    assert 0 < received < film.length
    eventually(lambda: "an asset was broken off" in feeds.log())
    assert http.get(f"/assets/{film.id}").status_code == 404


def test_a_reader_who_takes_nothing_is_let_go(monkeypatch, caplog):
    monkeypatch.setattr(assets_web, "STALLED_SECONDS", 0.05)
    caplog.set_level("INFO")
    ended = []

    async def body():
        try:
            while True:
                yield b"more"
        finally:
            ended.append(True)

    async def take(message) -> None:
        if message.get("body"):
            await asyncio.Event().wait()

    async def never() -> dict:
        return await asyncio.Event().wait()

    async def serve() -> None:
        content = body()
        scope = {"type": "http", "asgi": {"spec_version": "2.3"}, "method": "GET"}
        async with asyncio.timeout(5):
            await assets_web.AssetStream(content)(scope, never, take)
        await content.aclose()

    asyncio.run(serve())
    assert ended == [True]
    assert "has stalled" in caplog.text


def held_by_a_process(port: int) -> set[int]:
    """The clients' ports of the connections to a port that a process still holds."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    here = [row for row in rows if int(row[1].rpartition(":")[2], 16) == port and row[9] != "0"]
    return {int(row[2].rpartition(":")[2], 16) for row in here}


def test_slow_and_vanished_readers_hold_nothing(feeds, http, store, folder, eventually):
    film = store.put("demo", "film", b"\x00\x00\x00\x14ftypisom" + os.urandom(30_000_000), "")
    address = urllib.parse.urlsplit(feeds.url)
    asked = f"GET /assets/{film.id} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    slow = []
    for _ in range(60):
        reader = socket.create_connection((address.hostname, address.port), timeout=20)
        reader.sendall(asked)
        slow.append(reader)
    assert all(reader.recv(12) == b"HTTP/1.1 200" for reader in slow)
    eventually(lambda: not open_files(feeds.pid, folder), timeout=10, what="no file is open")
    threads = len(list(Path(f"/proc/{feeds.pid}/task").iterdir()))
    assert threads < 60
    begun = time.monotonic()
    assert hashlib.sha256(http.get(f"/assets/{film.id}").content).hexdigest() == film.sha256
    assert time.monotonic() - begun < 10
    ports = {reader.getsockname()[1] for reader in slow}
    assert len(held_by_a_process(address.port) & ports) == len(slow)
    for reader in slow:
        reader.close()
    eventually(
        lambda: not held_by_a_process(address.port) & ports,
        timeout=10,
        what="the connections of those who left are closed",
    )
    assert open_files(feeds.pid, folder) == []
    assert "Traceback" not in feeds.log()
