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


def test_a_bad_date_is_named_and_costs_the_item_nothing_else(read):
    bad = ITEM.replace("Mon, 02 Mar 2026 10:00:00 +0100", "some day")
    (item,) = read(bad, "application/rss+xml").items
    assert [warning.pointer for warning in item.warnings] == ["/published"]
    assert item.article.extra["published_at"] == "some day"


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


RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:d="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>News</title><d:language>nl-BE</d:language></channel>
<item rdf:about="https://news.example/lock"><title>Lock opens</title>
  <link>https://news.example/lock?rdf</link><d:date>2026-03-02T09:00:00Z</d:date>
  <d:creator>Water desk</d:creator><d:subject>Canals</d:subject></item>
</rdf:RDF>"""


def feed_of(*items: str, names: str = "") -> str:
    return f"<rss version='2.0' {names}><channel>{''.join(items)}</channel></rss>"


def test_rdf_names_its_items_by_their_address(read):
    (item,) = read(RDF, "application/rss+xml").items
    found = item.article
    assert (found.uri, found.canonical_url) == (
        "https://news.example/lock",
        "https://news.example/lock?rdf",
    )
    assert found.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (found.byline, found.section, found.language) == ("Water desk", "Canals", "nl-BE")


def test_categories_with_a_scheme_are_subjects(article):
    found = article(ENTRY.replace('term="Canals"', 'term="20000339" label="Canals" scheme="urn:s"'))
    (subject,) = found.subjects
    assert (subject.name, subject.code, subject.scheme) == ("Canals", "20000339", "urn:s")
    assert found.keywords == ("Canals",)


def test_of_a_group_of_pictures_the_largest_is_taken_with_its_credit(article):
    found = article(
        "<item><title>x</title><guid>urn:1</guid><media:group>"
        '<media:content url="https://n.example/s.jpg" medium="image" width="100"/>'
        '<media:content url="https://n.example/l.jpg" medium="image" width="900">'
        "<media:description>The &lt;b>lock&lt;/b></media:description></media:content>"
        "<media:credit>Ana Roth</media:credit></media:group></item>",
        "application/rss+xml",
    )
    (image,) = found.images
    assert (image.href, image.width) == ("https://n.example/l.jpg", 900)
    assert (image.caption, image.credit) == ("The lock", "Ana Roth")


def test_what_the_article_has_no_place_for_is_kept(article):
    found = article(
        "<item><title>x</title><guid isPermaLink='false'>urn:1</guid>"
        "<comments>https://n.example/c</comments><georss:point>45 -71</georss:point>"
        "<source url='https://o.example/'>Other</source><thr:in-reply-to ref='urn:0'/>"
        "<enclosure url='https://n.example/a.mp3' type='audio/mpeg' length='9'/></item>",
        "application/rss+xml",
    )
    assert found.extra == {
        "guid_is_permalink": False,
        "comments": "https://n.example/c",
        "georss:point": "45 -71",
        "source": {"url": "https://o.example/", "text": "Other"},
        "thr:in-reply-to": {"ref": "urn:0"},
        "enclosures": [{"href": "https://n.example/a.mp3", "type": "audio/mpeg", "length": "9"}],
    }


def test_relative_links_are_resolved_against_the_base(article):
    found = article(
        "<item xml:base='https://n.example/a/'><title>x</title><link>lock</link>"
        "<description>&lt;a href='../b'>b&lt;/a></description></item>",
        "application/rss+xml",
    )
    assert found.canonical_url == found.uri == "https://n.example/a/lock"
    assert 'href="https://n.example/b"' in found.body_html


def test_content_in_xhtml_is_kept_as_markup(article):
    content = (
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <em>two</em></p>'
        "</div></content></entry>"
    )
    found = article(ENTRY.partition("<content")[0] + content)
    assert "<p>One <em>two</em></p>" in found.body_html


@pytest.mark.parametrize(
    ("bad", "headline"),
    [
        ("<item><title>Locks & weirs</title><guid>1</guid></item>", "Locks & weirs"),
        ("<item><title>Locks&nbsp;here</title><guid>1</guid></item>", "Locks here"),
        ("<item><title>Lock<link>https://n.example/</link></item>", "Lock"),
        ("<item><title>Lock</title><guid>1</guid><no:such>x</item>", "Lock"),
        ("<item><title>Lock</title><guid>1<item><title>B</title>", "Lock"),
    ],
)
def test_ill_formed_feeds_are_read_as_feed_readers_do(read, bad, headline):
    document = read("\n\n\ufeff" + feed_of(bad, ITEM), "application/rss+xml")
    titles = [item.article.headline for item in document.items if item.article]
    assert titles[0] == headline
    assert titles[-1] == "Lock opens & closes"


def test_a_bad_entry_costs_that_entry_only(read):
    document = read(feed_of("<item><guid>1</guid></item>", ITEM), "application/rss+xml")
    assert [item.article is None for item in document.items] == [True, False]


def test_utf8_that_is_declared_as_latin1_is_read_as_utf8(article):
    body = '<?xml version="1.0" encoding="iso-8859-1"?>' + ITEM.replace("Lock", "Schleuße")
    assert article(body, "application/rss+xml").headline == "Schleuße opens & closes"


def test_the_document_type_of_rss_091_is_let_pass(read):
    kind = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    )
    assert len(read(kind + feed_of(ITEM), "application/rss+xml").items) == 1


def test_a_document_type_with_a_subset_is_refused_under_any_name(read):
    with pytest.raises(BadDocument, match="document type"):
        read('<!DOCTYPE rss [<!ENTITY a "b">]>' + feed_of(ITEM), "application/rss+xml")


def test_a_year_is_no_date_and_no_mistake(article):
    found = article("<item><title>x</title><dc:date>2026</dc:date></item>", "application/rss+xml")
    assert (found.published_at, found.extra["dc:date"]) == (None, "2026")


@pytest.mark.parametrize("part", ["<a>", "<a x='1' ", "</item><item>", "<"])
def test_more_markup_than_any_feed_has_is_refused(read, part):
    with pytest.raises(BadDocument, match=r"too many|more than"):
        read(feed_of("<item>" + part * 250_000), "application/rss+xml")


@pytest.mark.parametrize("kind", ["text/xml", "application/octet-stream"])
def test_a_feed_behind_a_warning_is_recognised(read, kind):
    body = "<br />\nWarning: no cache in cache.php\n" + feed_of("<item><title>x</title></item>")
    document = read(body, kind)
    assert (document.format, document.items[0].article.headline) == ("rss", "x")


PRISM = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
TERMS = 'xmlns:dcterms="http://purl.org/dc/terms/"'
LATER, LAST = "2026-04-01T10:00:00Z", "2026-05-01T10:00:00Z"


@pytest.mark.parametrize(
    ("element", "held_until", "shown_until"),
    [
        (f"<prism:embargoDate>{LATER}</prism:embargoDate>", LATER, None),
        (f"<prism:killDate>{LAST}</prism:killDate>", None, LAST),
        (f"<prism:expirationDate>{LAST}</prism:expirationDate>", None, LAST),
        (f"<dcterms:available>{LATER}</dcterms:available>", LATER, None),
        ("<dcterms:available>2026-01-01T10:00:00Z</dcterms:available>", None, None),
        (f"<dcterms:valid>start={LATER};end={LAST};</dcterms:valid>", LATER, LAST),
        (f"<dcterms:valid>start={LATER}</dcterms:valid>", LATER, None),
        (f"<dcterms:valid>{LAST}</dcterms:valid>", None, LAST),
    ],
)
def test_a_feed_says_from_when_to_when_an_item_may_be_shown(
    article, element, held_until, shown_until
):
    item = f"<item {PRISM} {TERMS}><title>x</title>{element}</item>"
    found = article(item, "application/rss+xml")
    moments = (found.embargoed_until, found.expires_at)
    said = [moment and moment.isoformat().replace("+00:00", "Z") for moment in moments]
    assert said == [held_until, shown_until]


def test_an_embargo_of_a_feed_that_names_no_moment_holds(article):
    item = f"<item {PRISM}><title>x</title><prism:embargoDate>soon</prism:embargoDate></item>"
    found = article(item, "application/rss+xml")
    assert (found.pubstatus, found.extra["embargoed_until"]) == ("withheld", "soon")


@pytest.mark.parametrize("text", ["2026", "2026-03"])
def test_a_part_of_a_date_where_a_moment_is_asked_for_is_told(read, text):
    (item,) = read(f"<item><title>x</title><pubDate>{text}</pubDate></item>").items
    assert item.article.extra["published_at"] == text
    assert [warning.pointer for warning in item.warnings] == ["/published"]


@pytest.mark.parametrize(
    ("element", "namespace"),
    [
        ("yandex:full-text", "http://news.yandex.ru"),
        ("y:full-text", "http://news.yandex.ru"),
        ("turbo:content", "http://turbo.yandex.ru"),
        ("mailru:full-text", "http://news.mail.ru/"),
        ("rambler:fulltext", "http://news.rambler.ru"),
        ("full-text", "http://a.example"),
    ],
)
def test_whole_texts_for_aggregators_are_the_text(article, element, namespace):
    prefix = element.partition(":")[0]
    lead = "<description>Мост открыт.</description>"
    item = (
        f'<item xmlns:{prefix}="{namespace}"><title>x</title>{lead}'
        f"<{element}>Мост открыт. Его строили год.</{element}></item>"
    )
    found = article(item, "application/rss+xml")
    assert (found.summary, found.body_text) == ("Мост открыт.", "Мост открыт. Его строили год.")
    assert element not in found.extra
