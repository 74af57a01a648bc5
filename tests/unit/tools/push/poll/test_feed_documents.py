"""What is a feed, whatever its server calls it, and what is not."""

import time

import pytest

from newsman.tools.push.poll.feed_documents import ATOM, JSON_FEED, RSS, read_feed_document

ITEM = "<item><title>Ferry</title></item>"
RDF = '<rdf:RDF xmlns:rdf="x"><channel><items></items></channel><item/></rdf:RDF>'
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1"}]}'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (f"<rss>{ITEM}</rss>", RSS),
        (f"\ufeff<?xml version='1.0'?>\n<!-- made <html> by hand -->\n<rss>{ITEM}</rss>", RSS),
        (f"<?xml-stylesheet href='a'?><!DOCTYPE rss SYSTEM 'x'><rss>{ITEM}</rss>", RSS),
        (RDF, RSS),
        (ITEM, RSS),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>", ATOM),
        ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry/></a:feed>", ATOM),
        (f"<br />\n<b>Warning</b>: include() failed<br /><?xml version='1.0'?><rss>{ITEM}", RSS),
        (f"<!--{'x' * 9_000}--><rss>{ITEM}</rss>", RSS),
        (JSON, JSON_FEED),
        (f"  {JSON}", JSON_FEED),
    ],
)
def test_a_feed_is_known_by_its_content(body, kind):
    for given in ("text/html", "text/plain", None, "nonsense"):
        document = read_feed_document(given, body.encode())
        assert document is not None
        assert (document.content_type, document.is_empty) == (kind, False)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_feed_of_wide_characters_is_known(encoding):
    assert read_feed_document("text/xml", f"<rss>{ITEM}</rss>".encode(encoding)) is not None


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><body>Back soon</body></html>",
        "<!-- <rss> --><html><body>Back soon</body></html>",
        "<?xml version='1.0'?><!DOCTYPE html PUBLIC 'a' 'b'><html xmlns='x'><body/></html>",
        "<html><head></head><body><feed>news</feed><rss></rss></body></html>",
        "<h1>Maintenance</h1><p>Back soon.</p>",
        "We are back soon.",
        '{"error": "maintenance", "items": []}',
        '{"version": 2, "items": [{"id": 1}]}',
        "[]",
        '["a"]',
        "{",
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url/></urlset>",
        "<opml version='2.0'><body><outline type='rss'/></body></opml>",
        "<?xml version='1.0'?><Error><Code>AccessDenied</Code><feed>x</feed></Error>",
        "<nitf><body/></nitf>",
        "<newsItem/>",
        "\0\0\0",
        "",
    ],
)
@pytest.mark.parametrize("given", ["text/html", "application/rss+xml", "application/json"])
def test_what_is_no_feed_is_none_whatever_it_is_called(given, body):
    assert read_feed_document(given, body.encode()) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("application/xml; charset=x", "application/xml; charset=x"),
        ("text/html; charset=iso-8859-1", f"{RSS}; charset=iso-8859-1"),
        ("application/rdf+xml", RSS),
        ("a/b\r\nX-Evil: 1", RSS),
    ],
)
def test_what_a_feed_is_sent_as(given, expected):
    document = read_feed_document(given, f"<rss>{ITEM}</rss>".encode())
    assert document is not None
    assert document.content_type == expected


@pytest.mark.parametrize(
    ("body", "is_empty"),
    [
        ("<rss><channel><title>T</title></channel></rss>", True),
        ("<rss><channel><!-- <item> --></channel></rss>", True),
        ("<rss/>", True),
        ("<feed xmlns='x'></feed>", True),
        ("<feed xmlns='x' xmlns:at='y'><at:deleted-entry ref='a'/></feed>", False),
        ("<rdf:RDF><channel><items/></channel></rdf:RDF>", True),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', True),
        ('{"version": "https://jsonfeed.org/version/1"}', False),
        ('{"version": "https://jsonfeed.org/version/1", "items": [], "_tombstones": [{}]}', False),
        ("<rss><channel><title>cut sho", False),
        ("<feed><title>a</title>", False),
    ],
)
def test_a_feed_without_items_is_empty_unless_it_is_cut_short(body, is_empty):
    document = read_feed_document("text/xml", body.encode())
    assert document is not None
    assert document.is_empty is is_empty


@pytest.mark.parametrize(
    "piece", ["<!--", "<!a", "<?x ", "<rss ", "</rss ", "<item", "<html", "{", "[", "<!--->", "<!>"]
)
def test_hostile_documents_are_told_in_time(piece):
    for start in ("", "<rss>", "<?xml ?>"):
        body = (start + piece * (1_000_000 // len(piece))).encode()
        began = time.process_time()
        read_feed_document("text/xml", body)
        assert time.process_time() - began < 0.5
