"""From bytes to text, in the order in which browsers look for the encoding."""

import codecs
import re

import webencodings

from newsman.ingest.formats.model import BadDocument

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python's codecs of these names know less than WHATWG Encoding's decoders do.
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso2022_jp": "iso2022_jp_ext",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_NO_TEXT = frozenset(
    "idna punycode unicode_escape raw_unicode_escape undefined unicode-escape raw-unicode-escape "
    "mbcs oem utf-7".split()
)
# Those of one byte a character, in which no text of a language passes for UTF-8; Thai's may.
_ONE_BYTE = ("cp125", "iso8859-", "koi8", "mac")
_THAI = "iso8859-11"
# Each switches its character sets by ASCII, so that its text passes for UTF-8 as well.
_SWITCHING = {"iso2022": b"\x1b", "hz": b"~{"}

_META = re.compile(rb"<meta\s[^>]{0,800}>", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}[\"']?\s{0,20}([^\s\"'/>;]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(
    rb"""\s*<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']\s{0,9}([^\s"'>]{1,40})"""
)
# The dashes that open a comment may be those that close it (WHATWG HTML section 13.2.3.2).
_COMMENT = re.compile(rb"<!--(?:-?>|.*?(?:-->|$))", re.DOTALL)
PRESCANNED_BYTES = 1_024


def decode_text(body: bytes, *, charset: str | None, in_document: str | None = None) -> str:
    """The text, by its byte order mark, its header's or own charset, UTF-8 or windows-1252.

    A name that the bytes contradict is passed over. Raises BadDocument where a name is unknown
    and the bytes are in none of the others.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    labels = [label for named in (charset, in_document) if (label := honest_label(named, body))]
    codec_names = [*filter(None, map(codec_name, labels)), "utf-8"]
    for decode in (_decoded, _nearly_decoded):
        for codec in codec_names:
            text = decode(body, codec)
            if text is not None:
                return text
    if len(codec_names) <= len(labels):
        unknown = next(label for label in labels if not codec_name(label))
        raise BadDocument(f"the encoding {unknown[:40]!r} is not known")
    return body.decode("cp1252", "replace")


def codec_name(label: str | None) -> str | None:
    """The codec for a label (WHATWG Encoding section 4.2, or Python), if it is one for text.

    Raises BadDocument for an encoding that the standard names and nobody here can read.
    """
    if not label or len(label) > 40:
        return None
    name = label.strip().strip("\"'").strip()
    standard = webencodings.lookup(name) if name.isascii() else None
    try:
        codec = standard.codec_info if standard else None
        codec = codecs.lookup(codec.name if codec and codec.name != "replacement" else name)
    except (LookupError, ValueError, TypeError):
        if standard and standard.name == "replacement":
            raise BadDocument(f"the encoding {name!r} is not read") from None
        return None
    if not getattr(codec, "_is_text_encoding", True) or codec.name in _NO_TEXT:
        return None
    return _WIDER.get(codec.name, codec.name)


def honest_label(label: str | None, body: bytes) -> str | None:
    """The label, or UTF-8's if it names a single-byte encoding and the bytes are UTF-8.

    Software that writes UTF-8 often calls it Latin-1 or ASCII, hardly ever the other way round, and
    words in Latin-1 are hardly ever UTF-8 too.
    """
    codec = codec_name(label) or ""
    if codec == _THAI or not codec.startswith(_ONE_BYTE):
        return label
    return "utf-8" if is_utf8(body) or _nearly_decoded(body, "utf-8") is not None else label


def switches_by_ascii(codec: str, body: bytes) -> bool:
    """True if the codec is a seven-bit one (ISO-2022, HZ) and the body uses its escapes."""
    return any(codec.startswith(name) and mark in body for name, mark in _SWITCHING.items())


def xml_charset(body: bytes) -> str | None:
    """The encoding that an XML declaration at the start names (XML 1.0 section 4.3.3)."""
    declared = _DECLARATION.match(body[:400])
    return declared.group(1).decode("ascii", "replace") if declared else None


def html_charset(body: bytes) -> str | None:
    """The encoding that a `meta` element in the first 1024 bytes, or an XML declaration, names.

    WHATWG HTML section 13.2.3.2.
    """
    metas = _META.findall(_COMMENT.sub(b"", body[:PRESCANNED_BYTES]))
    named = [match.group(1) for meta in metas if (match := _CHARSET.search(meta))]
    label = named[0].decode("ascii", "replace") if named else xml_charset(body)
    if label is None:
        return None
    if label.lower() == "x-user-defined":
        return "windows-1252"
    # Had it been UTF-16, this ASCII would not have been found.
    return "utf-8" if (codec_name(label) or "").startswith("utf-16") else label


def is_utf8(body: bytes) -> bool:
    """True if it is well-formed UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(body: bytes, name: str) -> str | None:
    if name.startswith("utf-16") and b"\0" not in body and is_utf8(body):
        return None
    try:
        return body.decode(name)
    except (UnicodeError, ValueError):
        return body.decode(name, "replace") if switches_by_ascii(name, body) else None


def _nearly_decoded(body: bytes, name: str) -> str | None:
    """The text, if only few bytes are broken, as when texts are cut or pasted together."""
    text = body.decode(name, "replace")
    broken = text.count("\ufffd")
    whole = len(body) - broken - len(body.decode("ascii", "ignore"))
    return text if broken * 8 <= whole else None
