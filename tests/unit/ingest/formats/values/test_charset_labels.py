"""Every label of WHATWG Encoding, through every format that takes text."""

import json
import re

import pytest
from webencodings import LABELS, lookup

TEXTS = {
    "big5": "台北新聞快報",
    "euc-jp": "日本のニュース速報",
    "euc-kr": "한국 뉴스 똠방각하",
    "gb18030": "中国新闻快报",
    "gbk": "中国新闻快报",
    "ibm866": "Новости дня",
    "iso-2022-jp": "日本のニュース速報",
    "iso-8859-2": "Žluťoučký kůň",
    "iso-8859-3": "Ġurnata ħażina",
    "iso-8859-4": "Ķēniņš šķērso",
    "iso-8859-5": "Новости дня",
    "iso-8859-6": "أخبار اليوم",
    "iso-8859-7": "Νέα της ημέρας",
    "iso-8859-8": "חדשות היום",
    "iso-8859-8-i": "חדשות היום",
    "iso-8859-10": "Ŋáŋŋa đuođđu",
    "iso-8859-13": "Žąsų šėrimas",
    "iso-8859-14": "Ŵyneb y dŵr",
    "iso-8859-15": "L'œuvre, 5 €",
    "iso-8859-16": "Știri și țări",
    "koi8-r": "Новости дня",
    "koi8-u": "Новини їжі",
    "macintosh": "Größe und “Maß”",
    "shift_jis": "日本のニュース①㈱",
    "utf-8": "Größe 日本 Новости",
    "utf-16be": "Größe 日本 Новости",
    "utf-16le": "Größe 日本 Новости",
    "windows-874": "ข่าววันนี้",
    "windows-1250": "Žluťoučký „kůň“",
    "windows-1251": "Новости дня",
    "windows-1252": "Größe und “Maß”",
    "windows-1253": "Νέα της ημέρας",
    "windows-1254": "Günün şık ığdır",
    "windows-1255": "חדשות היום",
    "windows-1256": "أخبار اليوم",
    "windows-1257": "Žąsų šėrimas",
    "windows-1258": "Tin tưc đăng",
    "x-mac-cyrillic": "Новости дня",
}
"""A headline of each encoding; the standard gives no text to the other two."""
NO_TEXT = {"replacement", "x-user-defined"}
READABLE = [label for label, name in LABELS.items() if name not in NO_TEXT]
NARROW = [label for label in READABLE if not LABELS[label].startswith("utf-16")]
HEAD = "[head]"
FEED = f"<rss><channel><item><title>{HEAD}</title></item></channel></rss>"
ATOM = f"<feed><entry><title>{HEAD}</title></entry></feed>"
NITF = f"<nitf><body><body.head><hedline><hl1>{HEAD}</hl1></hedline></body.head></body></nitf>"
G2 = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:example.com,2026:1" '
    f'version="1"><contentMeta><headline>{HEAD}</headline></contentMeta></newsItem>'
)
NEWSML = (
    "<NewsML><NewsItem><NewsComponent><NewsLines>"
    f"<HeadLine>{HEAD}</HeadLine></NewsLines></NewsComponent></NewsItem></NewsML>"
)
PAGE = f"<!DOCTYPE html><html><head><title>{HEAD}</title></head><body><p>-</p></body></html>"
BY_HEADER = {
    "application/json": f'{{"headline": "{HEAD}"}}',
    "application/x-ndjson": f'{{"headline": "{HEAD}"}}\n{{"headline": "{HEAD}"}}',
    "application/vnd.iptc.ninjs+json": f'{{"uri": "urn:a:1", "headline": "{HEAD}"}}',
    "application/feed+json": (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "-", '
        f'"items": [{{"id": "1", "title": "{HEAD}", "content_text": "-"}}]}}'
    ),
    "application/rss+xml": FEED,
    "application/atom+xml": ATOM,
    "application/nitf+xml": NITF,
    "application/vnd.iptc.g2.newsitem+xml": G2,
    "text/vnd.iptc.newsml": NEWSML,
    "text/html": PAGE,
    "text/plain": f"{HEAD}\n\nText.",
}
WITH_META = PAGE.replace("<head>", '<head><meta charset="[label]">')
WITH_EQUIV = PAGE.replace(
    "<head>", '<head><meta http-equiv="Content-Type" content="text/html; charset=[label]">'
)
DECLARED = '<?xml version="1.0" encoding="[label]"?>'
XHTML = DECLARED + '<html xmlns="http://www.w3.org/1999/xhtml">' + PAGE.partition("<html>")[2]
LENIENT = [
    *((WITH_META, "text/html"), (WITH_EQUIV, "text/html"), (XHTML, "application/xhtml+xml")),
    *((DECLARED + FEED, "text/xml"), (DECLARED + ATOM, "text/xml")),
]
STRICT = [(DECLARED + document, "text/xml") for document in (NITF, G2, NEWSML)]
# XML 1.0 section 4.3.3: "866" and "iso_8859-1:1987" are no names of encodings there.
XML_NAME = re.compile("[A-Za-z][A-Za-z0-9._-]*")


def encoded(document, label):
    """The document in the encoding of the label, with the words of that encoding."""
    filled = document.replace(HEAD, TEXTS[LABELS[label]]).replace("[label]", label)
    return filled.encode(lookup(label).codec_info.name)


def headlines(document):
    assert [item.problems for item in document.items if item.problems] == []
    return {item.article.headline for item in document.items}


@pytest.mark.parametrize("label", READABLE)
def test_a_header_names_the_encoding_in_every_format(read, label):
    for kind, document in BY_HEADER.items():
        parts = read(encoded(document, label), f"{kind}; charset={label.upper()}")
        assert headlines(parts) == {TEXTS[LABELS[label]]}, kind


@pytest.mark.parametrize("label", NARROW)
def test_a_document_names_its_encoding_itself(read, label):
    for document, kind in LENIENT + (STRICT if XML_NAME.fullmatch(label) else []):
        parts = read(encoded(document, label), kind)
        assert headlines(parts) == {TEXTS[LABELS[label]]}, (kind, document)


@pytest.mark.parametrize("label", NARROW)
def test_a_part_of_a_batch_names_its_encoding(read, label):
    part = f'Content-Type: text/plain; charset="{label}"\r\n\r\n'.encode()
    body = b"--b\r\n" + part + encoded(f"{HEAD}\n\nText.", label) + b"\r\n--b--\r\n"
    assert headlines(read(body, "multipart/mixed; boundary=b")) == {TEXTS[LABELS[label]]}


@pytest.mark.parametrize("kind", ["text/plain; charset=shift_jis", "text/xml"])
def test_text_inside_json_is_decoded_already(read, kind):
    text = "日本の速報\n\nText." if "plain" in kind else DECLARED.replace("[label]", "sjis") + FEED
    event = {"specversion": "1.0", "id": "1", "source": "/a", "type": "t", "datacontenttype": kind}
    body = json.dumps({**event, "data": text.replace(HEAD, "日本の速報")})
    assert headlines(read(body, "application/cloudevents+json")) == {"日本の速報"}


@pytest.mark.parametrize("label", ["x-nobody-knows", "x-user-defined", "rot13", "replacement"])
def test_bytes_in_an_encoding_that_nobody_knows_are_refused(refused, label):
    for kind, document in BY_HEADER.items():
        body = document.replace(HEAD, "Новости дня").encode("windows-1251")
        assert refused(body, f"{kind}; charset={label}")


@pytest.mark.parametrize("label", ["iso-2022-cn", "iso-2022-cn-ext", "replacement"])
def test_what_looks_like_ascii_and_is_not_is_refused(refused, label):
    for kind in ("text/plain", "text/html", "application/rss+xml", "application/nitf+xml"):
        document = BY_HEADER[kind].replace(HEAD, "\x1b$)A\x0eVP9z\x0f")
        assert re.search("encoding", refused(document.encode(), f"{kind}; charset={label}"))


@pytest.mark.parametrize("label", ["iso-2022-kr", "hz-gb-2312"])
def test_encodings_that_browsers_gave_up_are_read(read, label):
    text, codec = ("한국뉴스", "iso2022_kr") if "kr" in label else ("中国新闻", "hz")
    parts = read(f"{text}\n\nText.".encode(codec), f"text/plain; charset={label}")
    assert headlines(parts) == {text}


@pytest.mark.parametrize(
    ("broken", "label", "text"),
    [
        ("速報です。".encode("cp932") * 4 + b"\x81", "shift_jis", "速報です。" * 4 + "\ufffd"),
        ("ニュース".encode("iso2022_jp") + b"\x1b$B-!\x1b(B", "iso-2022-jp", "ニュース\ufffd"),
        ("Новости ".encode("cp1251") * 4 + b"\x98", "windows-1251", "Новости " * 4 + "\ufffd"),
    ],
)
def test_a_broken_character_costs_that_character_only(read, broken, label, text):
    parts = read(broken + b"\n\nText.", f"text/plain; charset={label}")
    assert headlines(parts) == {text}


def test_utf_8_that_is_called_utf_16_is_utf_8(read):
    parts = read("Größe, 日本\n\nText.".encode(), "text/plain; charset=utf-16")
    assert headlines(parts) == {"Größe, 日本"}


ONE_BYTE = ["iso-8859-1", "latin1", "windows-1252", "us-ascii", "ISO-8859-15", "windows-1250"]
SAMPLES = ["Größe und “Maß”", "Lukašenko – 5 €", "Новости дня", "東京の天気", "Ünïcodè" * 20]


@pytest.mark.parametrize("label", ONE_BYTE)
@pytest.mark.parametrize("text", SAMPLES)
@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("application/nitf+xml", NITF),
        ("application/vnd.iptc.g2.newsitem+xml", G2),
        ("application/vnd.iptc.newsml+xml", NEWSML),
        ("application/rss+xml", FEED),
        ("application/atom+xml", ATOM),
        ("text/html", PAGE),
        ("text/plain", f"{HEAD}\n\nIt did.\n"),
    ],
)
def test_utf8_under_another_name_is_utf8(article, kind, document, text, label):
    body = document.replace(HEAD, text).encode()
    declared = f'<?xml version="1.0" encoding="{label}"?>'.encode() + body
    assert article(body, f"{kind}; charset={label}").headline == text
    if "xml" in kind:
        assert article(declared, kind).headline == text


@pytest.mark.parametrize("kind", ["application/nitf+xml", "application/rss+xml"])
def test_utf8_under_another_name_may_have_a_broken_character(article, kind):
    document = (NITF if "nitf" in kind else FEED).replace(HEAD, "Größe, Maße, Öffnung " * 5)
    body = b'<?xml version="1.0" encoding="iso-8859-1"?>' + document.encode() + b"<!-- \xe9 -->"
    assert "Größe" in article(body, kind).headline


def test_utf8_under_a_label_that_nobody_knows_is_utf8(article, refused):
    document = (
        '<?xml version="1.0" encoding="x-house"?><nitf><body><body.head><hedline>{}</hedline>'
    )
    document = document.format("<hl1>Größe</hl1>") + "</body.head></body></nitf>"
    assert article(document.encode(), "text/xml").headline == "Größe"
    assert "'x-house' is not known" in refused(document.encode("cp1252"), "text/xml")
