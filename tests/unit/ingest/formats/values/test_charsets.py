"""The charset of a text, said in many places or in none."""

import pytest

from newsman.ingest.formats.values.charsets import decode_text, html_charset

EURO = "Brücke, 5 €"


@pytest.mark.parametrize(
    ("body", "charset", "in_document", "text"),
    [
        (EURO.encode(), None, None, EURO),
        (EURO.encode("cp1252"), None, None, EURO),
        (EURO.encode("cp1252"), "ISO-8859-1", None, EURO),
        (EURO.encode("cp1252"), "us-ascii", "utf-8", EURO),
        (EURO.encode("iso8859-15"), None, "iso-8859-15", EURO),
        (EURO.encode("utf-16"), "iso-8859-1", None, EURO),
        (b"\xef\xbb\xbf" + EURO.encode(), "iso-8859-1", None, EURO),
        ("Мост".encode("koi8-r"), "koi8-r", "windows-1251", "Мост"),
        ("Мост".encode("windows-1251"), "no-such", "windows-1251", "Мост"),
        ("Мост".encode(), "utf8", "windows-1251", "Мост"),
    ],
)
def test_the_first_name_that_fits_decides(body, charset, in_document, text):
    assert decode_text(body, charset=charset, in_document=in_document) == text


@pytest.mark.parametrize("label", ["rot13", "base64", "zip", "idna", "utf-7", "", "x" * 500, "\0"])
def test_names_of_what_is_no_charset_are_passed_over(label):
    assert decode_text(b"Lbh \xc3\xa9", charset=label) == "Lbh é"


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_xml_that_contradicts_its_label_is_read_all_the_same(article, declaration):
    document = declaration + NITF
    assert article(document.encode("cp1252"), "text/xml").headline == "Größe und “Maß”"
    cut = document.encode().replace("ö".encode(), b"\xc3")
    assert article(cut, "text/xml").headline == "Gr\ufffdße und “Maß”"


def test_one_broken_byte_costs_one_character():
    body = "Über die Brücke führen größere Straßen zurück".encode() + b"\xff!"
    assert decode_text(body, charset="utf-8") == body[:-2].decode() + "\ufffd!"


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<META CharSet = koi8-r />", "koi8-r"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=big5">', "big5"),
        (b"<!-- <meta charset=big5> --><meta charset=gbk>", "gbk"),
        (b"<meta charset=utf-16le>", "utf-8"),
        (b" " * 1_024 + b"<meta charset=big5>", None),
        (b"<p>charset=big5</p>", None),
    ],
)
def test_a_page_declares_its_charset_near_its_start(page, charset):
    assert html_charset(page) == charset


ITEM = '{"headline": "Größe und “Maß”"}'
FEED = "<rss><channel><item><title>Größe und “Maß”</title></item></channel></rss>"
NITF = (
    "<nitf><body><body.head><hedline><hl1>Größe und “Maß”</hl1></hedline></body.head></body></nitf>"
)
PAGE = "<html><head>{}<title>Größe und “Maß”</title></head><body><p>Text.</p></body></html>"


@pytest.mark.parametrize(
    ("document", "kind", "charset"),
    [
        (ITEM, "application/json", "utf-8"),
        (ITEM, "application/json", "utf-8-sig"),
        (ITEM, "application/json", "utf-16"),
        (ITEM, "application/json; charset=windows-1252", "cp1252"),
        (ITEM, "application/json; charset=iso-8859-1", "utf-8"),
        (ITEM + "\n" + ITEM, "application/x-ndjson; charset=windows-1252", "cp1252"),
        (FEED, "application/rss+xml", "utf-16"),
        (FEED, "application/rss+xml", "cp1252"),
        (FEED, "application/rss+xml; charset=windows-1252", "cp1252"),
        ('<?xml version="1.0" encoding="windows-1252"?>' + FEED, "text/xml", "cp1252"),
        ('<?xml version="1.0" encoding="iso-8859-1"?>' + FEED, "text/xml", "utf-8"),
        (NITF, "application/nitf+xml", "utf-16"),
        (NITF, "application/nitf+xml; charset=windows-1252", "cp1252"),
        ('<?xml version="1.0" encoding="windows-1252"?>' + NITF, "application/xml", "cp1252"),
        (PAGE.format(""), "text/html; charset=windows-1252", "cp1252"),
        (PAGE.format('<meta charset="windows-1252">'), "text/html", "cp1252"),
        ("Größe und “Maß”\n\nText.", "text/plain", "cp1252"),
        ("\ufeffGröße und “Maß”\n\nText.", "text/plain", "utf-16"),
    ],
)
def test_every_format_in_its_charset(read, document, kind, charset):
    found = read(document.encode(charset), kind).items
    assert {item.article.headline for item in found} == {"Größe und “Maß”"}
