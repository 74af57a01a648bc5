"""Media types by the signature of the bytes, and what may be served under them."""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

HEAD_BYTES = 512
OCTET_STREAM = "application/octet-stream"
LONGEST_NAME = 80

Disposition = Literal["inline", "attachment"]

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/tiff": ".tif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/ogg": ".ogv",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
}

_PREFIXES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00\x08\x00", "image/tiff"),
    (b"MM\x00+\x00\x08", "image/tiff"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS = {
    "image/avif": {b"avif", b"avis"},
    "image/heic": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"},
    "video/quicktime": {b"qt  "},
    "audio/mp4": {b"M4A ", b"M4B ", b"M4P ", b"F4A "},
    "video/mp4": {
        *(b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9"),
        *(b"mp41", b"mp42", b"mp71", b"avc1", b"dash", b"cmfc", b"M4V ", b"MSNV", b"XAVC"),
        *(b"3gp4", b"3gp5", b"3gp6", b"3g2a", b"f4v ", b"F4V "),
    },
}
_SOUND_ONLY = {"video/mp4": "audio/mp4", "video/webm": "audio/webm"}
_ACTIVE = re.compile(
    r"text/.*|.*[/+](xml|html|xhtml|javascript|ecmascript|x-javascript)\b.*|.*svg.*"
)


def detect(head: bytes) -> str | None:
    """The media type that the first bytes show; None where they show none that is known."""
    for prefix, mimetype in _PREFIXES:
        if head.startswith(prefix):
            return mimetype
    mimetypes = (look(head) for look in _LOOKS)
    return next((mimetype for mimetype in mimetypes if mimetype), None)


def served_type(head: bytes, declared: str) -> str:
    """The type to serve the bytes under: what they are, never what could run in a browser."""
    named = declared.partition(";")[0].strip().lower()
    detected = detect(head)
    # Bytes of one type that claim to be an active document are an attack.
    if detected is None or _ACTIVE.fullmatch(named):
        return OCTET_STREAM
    # These containers look the same whether or not there is a picture in them.
    sound = _SOUND_ONLY.get(detected)
    return sound if sound and named.startswith("audio/") else detected


def disposition(mimetype: str) -> Disposition:
    """Pictures, sound and film may show in the page; everything else is a download."""
    shown = mimetype in EXTENSIONS and mimetype != "application/pdf"
    return "inline" if shown else "attachment"


def content_disposition(mimetype: str, media_id: str) -> str:
    """The header with a harmless file name (RFC 6266 section 4, RFC 8187 section 3.2)."""
    name = file_name(mimetype, media_id)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if not plain.partition(".")[0]:
        plain = "asset" + plain
    header = f'{disposition(mimetype)}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def file_name(mimetype: str, media_id: str) -> str:
    """A name after the last part of the media id; its extension is that of the served type."""
    last = re.split(r"[/\\:]", media_id.partition("?")[0].rstrip("/\\:"))[-1]
    stem = re.sub(r"\.\w{1,5}$", "", last)
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in stem).strip("_")
    return (name[:LONGEST_NAME] or "asset") + EXTENSIONS.get(mimetype, ".bin")


def _riff(head: bytes) -> str | None:
    return _RIFF.get(head[8:12]) if head[:4] in {b"RIFF", b"RF64"} else None


def _iso_media(head: bytes) -> str | None:
    # ISO/IEC 14496-12 section 4.3: a size, "ftyp", the major brand, its version, more brands.
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major, others = head[8:12], {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in {b"mif1", b"msf1"} and others & _BRANDS["image/avif"]:
        return "image/avif"
    for brands in ({major}, others):
        for mimetype, type_brands in _BRANDS.items():
            if brands & type_brands:
                return mimetype
    return None


def _webm(head: bytes) -> str | None:
    # RFC 8794 section 11.2: the EBML header holds DocType (0x4282) within its first bytes.
    is_webm = head.startswith(b"\x1a\x45\xdf\xa3") and b"\x42\x82\x84webm" in head[:80]
    return "video/webm" if is_webm else None


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS\x00"):
        return None
    return "video/ogg" if b"\x80theora" in head[:64] else "audio/ogg"


def _mp3_frame(head: bytes) -> str | None:
    # ISO/IEC 11172-3 section 2.4.1.3: sync word, layer III, a bit rate and a sampling rate. The
    # layer keeps out UTF-16 text, which begins with FF FE.
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return None
    is_frame = head[2] >> 4 not in {0, 15} and head[2] & 0x0C != 0x0C
    return "audio/mpeg" if is_frame else None


_LOOKS: tuple[Callable[[bytes], str | None], ...] = (_riff, _iso_media, _webm, _ogg, _mp3_frame)
