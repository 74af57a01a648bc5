"""Media types by signature, and what becomes of everything else."""

import sys

import pytest

from newsman.assets.types import (
    OCTET_STREAM,
    content_disposition,
    detect,
    disposition,
    file_name,
    served_type,
)


def ftyp(major: bytes, *others: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(others)
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\x00\x00\x00\x08free"


HEADS = {
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
    "png": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    "gif": (b"GIF89a\x01\x00\x01\x00", "image/gif"),
    "old gif": (b"GIF87a\x01\x00\x01\x00", "image/gif"),
    "webp": (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
    "avif": (ftyp(b"avif", b"mif1", b"miaf"), "image/avif"),
    "avif, general first": (ftyp(b"mif1", b"avif", b"miaf"), "image/avif"),
    "heic": (ftyp(b"heic", b"mif1"), "image/heic"),
    "little tiff": (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
    "big tiff": (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
    "mp4": (ftyp(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    "mp4 of an unknown maker": (ftyp(b"zzzz", b"mp42"), "video/mp4"),
    "mov": (ftyp(b"qt  "), "video/quicktime"),
    "m4a": (ftyp(b"M4A ", b"isom", b"mp42"), "audio/mp4"),
    "webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
    "mp3 with a tag": (b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio/mpeg"),
    "mp3 frame": (b"\xff\xfb\x90\x64\x00", "audio/mpeg"),
    "wav": (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
    "ogg": (b"OggS\x00\x02" + bytes(22) + b"\x01vorbis", "audio/ogg"),
    "ogg film": (b"OggS\x00\x02" + bytes(22) + b"\x80theora", "video/ogg"),
    "pdf": (b"%PDF-1.7\n", "application/pdf"),
}

UNKNOWN = {
    "nothing": b"",
    "one byte": b"\xff",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><x/>',
    "script": b"alert(1)",
    "utf-16 text": "<html>".encode("utf-16"),
    "matroska": b"\x1a\x45\xdf\xa3\x42\x82\x88matroska",
    "avi": b"RIFF\x24\x00\x00\x00AVI LIST",
    "pdf behind html": b"<html>%PDF-1.7",
    "unknown brand": ftyp(b"zzzz", b"yyyy"),
    "layer I": b"\xff\xff\x90\x64",
    "no such rate": b"\xff\xfb\xff\x64",
}

ACTIVE = [
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "text/plain",
    "image/svg+xml",
    "application/xml",
    "application/xhtml+xml",
    "application/rss+xml",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
]


@pytest.mark.parametrize(("head", "mimetype"), HEADS.values(), ids=HEADS)
def test_the_bytes_show_their_type(head, mimetype):
    assert detect(head) == mimetype
    assert served_type(head, mimetype) == mimetype


@pytest.mark.parametrize("head", UNKNOWN.values(), ids=UNKNOWN)
@pytest.mark.parametrize("declared", ["image/jpeg", "text/html", "image/svg+xml", ""])
def test_what_shows_no_known_type_is_a_download(head, declared):
    assert detect(head) is None
    assert served_type(head, declared) == OCTET_STREAM
    assert disposition(OCTET_STREAM) == "attachment"


@pytest.mark.parametrize("declared", ACTIVE)
@pytest.mark.parametrize("name", ["gif", "jpeg", "pdf"])
def test_a_picture_that_claims_to_be_a_document_is_a_download(name, declared):
    assert served_type(HEADS[name][0], declared) == OCTET_STREAM


@pytest.mark.parametrize("declared", ["image/png", "application/octet-stream", "", "nonsense"])
def test_a_picture_under_a_wrong_harmless_type_is_served_as_what_it_is(declared):
    assert served_type(HEADS["jpeg"][0], declared) == "image/jpeg"


@pytest.mark.parametrize(
    ("name", "declared", "mimetype"),
    [
        ("mp4", "audio/mp4", "audio/mp4"),
        ("mp4", "audio/x-m4a", "audio/mp4"),
        ("webm", "audio/webm", "audio/webm"),
        ("mov", "audio/mp4", "video/quicktime"),
        ("mp4", "image/jpeg", "video/mp4"),
    ],
)
def test_a_container_without_pictures_is_sound(name, declared, mimetype):
    assert served_type(HEADS[name][0], declared) == mimetype


@pytest.mark.parametrize("end", range(16))
def test_a_head_that_ends_early_is_no_error(end):
    # What tells an AVIF from a HEIC, or film from sound, may lie behind the end.
    general = {None, "image/heic", "audio/ogg"}
    for head, mimetype in HEADS.values():
        assert detect(head[:end]) in {mimetype, *general}


def test_pictures_show_and_documents_are_kept():
    assert disposition("image/jpeg") == "inline"
    assert disposition("video/mp4") == "inline"
    assert disposition("application/pdf") == "attachment"


@pytest.mark.parametrize(
    ("mimetype", "media_id", "name"),
    [
        ("image/jpeg", "harbour.JPG", "harbour.jpg"),
        ("image/jpeg", "a/b/harbour", "harbour.jpg"),
        ("image/jpeg", "tag:example.com,2026:pic_7", "pic_7.jpg"),
        ("image/png", "https://example.com/x/y.png?size=1", "y.png"),
        ("application/pdf", "..\\..\\boot.ini", "boot.pdf"),
        (OCTET_STREAM, "page.html", "page.bin"),
        (OCTET_STREAM, "logo.svg", "logo.bin"),
        ("image/jpeg", "../..", "asset.jpg"),
        ("image/jpeg", "", "asset.jpg"),
        ("image/jpeg", 'x"; filename="evil.exe', "x___filename__evil.jpg"),
        ("image/jpeg", "x" * 500, "x" * 80 + ".jpg"),
    ],
)
def test_a_file_name_is_harmless(mimetype, media_id, name):
    assert file_name(mimetype, media_id) == name


def test_a_name_beyond_ascii_is_given_twice():
    header = content_disposition("image/jpeg", "фото.jpg")
    assert header == (
        "inline; filename=\"asset.jpg\"; filename*=UTF-8''%D1%84%D0%BE%D1%82%D0%BE.jpg"
    )


def test_no_character_breaks_the_header():
    for start in range(0, sys.maxunicode + 1, 64):
        media_id = "".join(map(chr, range(start, start + 64)))
        header = content_disposition("image/jpeg", media_id)
        assert header.isascii()
        assert header.isprintable()
        assert header.count('"') == 2
        assert "\\" not in header
        assert "/" not in header
