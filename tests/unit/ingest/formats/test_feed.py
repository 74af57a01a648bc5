"""RSS and Atom, whole documents and single entries."""

from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument

ITEM = """<item>
  <title>Lock opens &amp; closes</title>
  <link>https://news.example/lock</link>
  <guid isPermaLink="false">urn:lock</guid>
  <pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate>
  <category>Canals</category><category>Ghent</category>
  <dc:creator>Water desk</dc:creator>
  <description>Short.</description>
  <content:encoded><![CDATA[<p>Long <b>text</b>.</p><script>alert(1)</script>]]></content:encoded>
</item>"""
ENTRY = """<?xml version="1.0"?>
<entry xmlns="http://www.w3.org/2005/Atom">
  <title>Lock opens</title><id>tag:news.example,2026:lock</id>
  <link rel="alternate" href="https://news.example/lock"/>
  <published>2026-03-02T09:00:00Z</published><updated>2026-03-02T11:30:00+02:00</updated>
  <author><name>Water desk</name></author><category term="Canals"/>
  <content type="html">&lt;p&gt;Text.&lt;/p&gt;</content>
</entry>"""


def test_a_single_rss_item_becomes_an_article(article):
    found = article(ITEM, "application/rss+xml")
    assert (found.uri, found.headline) == ("urn:lock", "Lock opens & closes")
    assert found.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (found.section, found.byline) == ("Canals", "Water desk")
    assert found.keywords == ("Canals", "Ghent")
    assert (found.body_text, found.summary) == ("Long text.", "Short.")
    assert "script" not in found.body_html
    assert found.canonical_url == "https://news.example/lock"


def test_a_single_atom_entry_becomes_an_article(article):
    found = article(ENTRY, "application/atom+xml")
    assert found.uri == "tag:news.example,2026:lock"
    assert found.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert found.version_created == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert (found.byline, found.body_text) == ("Water desk", "Text.")


def test_every_item_of_a_document_becomes_an_article(read):
    second = ITEM.replace("urn:lock", "urn:lock:2")
    feed = f"""<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
      xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{ITEM}{second}</channel></rss>"""
    document = read(feed, "application/rss+xml")
    assert document.is_batch
    assert [item.article.uri for item in document.items] == ["urn:lock", "urn:lock:2"]


def test_a_bad_date_is_named(pointers):
    bad = ITEM.replace("Mon, 02 Mar 2026 10:00:00 +0100", "some day")
    assert pointers(bad, "application/rss+xml") == ["/published"]


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel/></rss>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><rss><channel/></rss>',
        "<!doctype x><rss><channel/></rss>",
    ],
)
def test_document_types_and_entities_are_refused_unread(read, attack):
    with pytest.raises(BadDocument, match="document type"):
        read(attack, "application/rss+xml")


@pytest.mark.parametrize("body", ["", "<rss/>", "hello", "<rss><channel><title>x</title>", "\0\0"])
def test_a_body_without_entries_is_refused(read, body):
    with pytest.raises(BadDocument):
        read(body, "application/atom+xml")
