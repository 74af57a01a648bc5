"""From bytes to text, in the order in which browsers look for the encoding."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# WHATWG Encoding section 4.2: labels that mean more than their name says.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-7": None,
}


_META = re.compile(rb"<meta\s[^>]{0,800}>", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([^\s\"'/>;]{1,40})", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
PRESCANNED_BYTES = 1_024


def decode_text(body: bytes, *, charset: str | None, in_document: str | None = None) -> str:
    """The text, by its byte order mark, its header's or own charset, UTF-8 or windows-1252.

    An unknown name, or one that the bytes contradict, is passed over; never raises.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    for label in (charset, in_document, "utf-8"):
        codec = codec_name(label)
        text = _decoded(body, codec) if codec else None
        if text is not None:
            return text
    return body.decode("cp1252", "replace")


def codec_name(label: str | None) -> str | None:
    """The codec that a label names (WHATWG Encoding section 4.2), if it names one of text."""
    if not label or len(label) > 40:
        return None
    try:
        found = codecs.lookup(label.strip().strip("\"'").strip())
    except (LookupError, ValueError, TypeError):
        return None
    if not _is_of_text(found):
        return None
    return _WIDER.get(found.name, found.name)


def html_charset(body: bytes) -> str | None:
    """What a `meta` element in the first 1024 bytes declares (WHATWG HTML section 13.2.3.2)."""
    for meta in _META.findall(_COMMENT.sub(b"", body[:PRESCANNED_BYTES])):
        found = _CHARSET.search(meta)
        if found:
            label: str = found.group(1).decode("ascii", "replace")
            # Had it been UTF-16, this ASCII would not have been found.
            return "utf-8" if label.lower().startswith("utf-16") else label
    return None


def is_utf8(body: bytes) -> bool:
    """Whether it is well-formed UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_of_text(found: codecs.CodecInfo) -> bool:
    return bool(getattr(found, "_is_text_encoding", True)) and found.name not in (
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "unicode-escape",
        "raw-unicode-escape",
        "mbcs",
        "oem",
    )


def _decoded(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, ValueError):
        return _nearly_utf8(body) if name == "utf-8" else None


def _nearly_utf8(body: bytes) -> str | None:
    """UTF-8 in which few bytes are broken, as when texts are cut or pasted together."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(body) - broken - len(body.decode("ascii", "ignore"))
    return text if broken * 8 <= whole else None
