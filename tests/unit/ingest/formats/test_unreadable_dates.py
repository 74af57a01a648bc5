"""A date that names no moment costs an article nothing but that date, whoever writes the format;
Newsman's own JSON is refused, since its writer can mend it."""

import json
import time

import pytest

from newsman.ingest.formats.ninjs.item import draft
from newsman_schemas.articles import PubStatus

UNREADABLE = ["Tue,", "0", "0000-00-00", "0000-00-00T00:00:00Z", "31/02/2026", "03/04/2026", "n/a"]
UNREADABLE.append("0001-01-01T00:00:00Z")
EPOCH = "Thu, 01 Jan 1970 00:00:00 +0000"
"""A date that can be read, which systems write where they have none."""

RSS = """<rss version="2.0"><channel><title>t</title><item><guid>urn:x:1</guid>
<title>Tram returns</title><description>Words.</description><pubDate>{}</pubDate></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:x:1</id>
<title>Tram returns</title><content>Words.</content><updated>{}</updated></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item rdf:about="https://x.example/1"><title>Tram returns</title><link>https://x.example/1</link>
<description>Words.</description><dc:date>{}</dc:date></item></rdf:RDF>"""
NITF = """<nitf><head><docdata><doc-id id-string="urn:x:1"/><date.issue norm="{}"/></docdata></head>
<body><body.head><hedline><hl1>Tram returns</hl1></hedline></body.head>
<body.content><p>Words.</p></body.content></body></nitf>"""
NEWSML_1 = """<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>x</ProviderId>
<DateId>20260302</DateId><NewsItemId>1</NewsItemId><RevisionId>1</RevisionId>
<PublicIdentifier>urn:newsml:x:20260302:1:1</PublicIdentifier></NewsIdentifier></Identification>
<NewsManagement><NewsItemType FormalName="News"/><FirstCreated>20260302T100000Z</FirstCreated>
<ThisRevisionCreated>{}</ThisRevisionCreated><Status FormalName="Usable"/></NewsManagement>
<NewsComponent><NewsLines><HeadLine>Tram returns</HeadLine></NewsLines><ContentItem><DataContent>
<p>Words.</p></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""
NEWSML_G2 = """<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:x:1" version="2">
<itemMeta><versionCreated>{}</versionCreated><pubStatus qcode="stat:usable"/></itemMeta>
<contentMeta><headline>Tram returns</headline></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html
 xmlns="http://www.w3.org/1999/xhtml"><body><p>Words.</p></body></html></inlineXML></contentSet>
</newsItem>"""
HTML = """<html><head><title>Tram returns</title>
<meta property="article:published_time" content="{}"/></head><body><article><h1>Tram returns</h1>
<p>Words that are enough for a text of its own, said of a tram that has returned today.</p>
</article></body></html>"""
NINJS = '{{"uri": "urn:x:1", "headline": "Tram returns", "type": "text", "versioncreated": "{}"}}'
DIALECT = (
    '{{"guid": "urn:x:1", "headline": "Tram returns", "type": "text", "versioncreated": "{}"}}'
)
JSON_FEED = """{{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [
{{"id": "urn:x:1", "title": "Tram returns", "content_text": "Words.", "date_published": "{}"}}]}}"""

FORMATS = {
    "rss": (RSS, "application/rss+xml", "published_at"),
    "atom": (ATOM, "application/atom+xml", "version_created"),
    "rdf": (RDF, "application/rss+xml", "published_at"),
    "json feed": (JSON_FEED, "application/feed+json", "published_at"),
    "nitf": (NITF, "text/xml", "version_created"),
    "newsml 1": (NEWSML_1, "text/xml", "version_created"),
    "newsml-g2": (NEWSML_G2, "text/xml", "version_created"),
    "html": (HTML, "text/html", "published_at"),
    "ninjs": (NINJS, "application/vnd.iptc.ninjs+json", "versioncreated"),
    "superdesk": (DIALECT, "application/vnd.iptc.ninjs+json", "versioncreated"),
}


@pytest.mark.parametrize("text", [*UNREADABLE, EPOCH])
@pytest.mark.parametrize("name", FORMATS)
def test_an_item_is_taken_undated_with_a_warning_and_the_text_in_extra(read, now, name, text):
    document, kind, kept = FORMATS[name]
    (item,) = read(document.format(text), kind).items
    assert item.problems == ()
    assert len(item.warnings) == 1, item.warnings
    assert item.warnings[0].pointer
    assert item.article.extra[kept] == text
    assert item.article.headline == "Tram returns"
    assert item.article.published_at is None
    assert item.article.version_created == item.article.received_at == now


@pytest.mark.parametrize("name", FORMATS)
def test_a_date_that_can_be_read_warns_of_nothing(read, name):
    document, kind, kept = FORMATS[name]
    (item,) = read(document.format("2026-03-01T10:00:00Z"), kind).items
    assert (item.problems, item.warnings) == ((), ())
    assert kept not in item.article.extra


@pytest.mark.parametrize("value", [0, 20260302, True, [], {"when": "soon"}])
def test_a_value_of_another_type_is_no_date_either(read, value):
    item = {"guid": "urn:x:1", "type": "text", "headline": "Tram returns", "firstpublished": value}
    (taken,) = read(json.dumps(item), "application/vnd.iptc.ninjs+json").items
    assert [warning.pointer for warning in taken.warnings] == ["/firstpublished"]
    assert taken.article.extra["firstpublished"] == value


@pytest.mark.parametrize("value", ["when we say so", 5])
def test_an_embargo_that_names_no_moment_holds_the_article_back(read, value):
    item = {"guid": "urn:x:1", "type": "text", "headline": "Tram returns", "embargoed": value}
    (taken,) = read(json.dumps(item), "application/vnd.iptc.ninjs+json").items
    assert taken.article.pubstatus is PubStatus.WITHHELD
    assert taken.article.extra["embargoed"] == value
    assert "embargoed" in taken.article.item_fields


def test_an_unreadable_date_leaves_the_newsrooms_own_extra_whole(read):
    own = {"versioncreated": "ours"}
    item = {"guid": "urn:x:1", "type": "text", "headline": "T", "versioncreated": "0", "extra": own}
    (taken,) = read(json.dumps(item), "application/vnd.iptc.ninjs+json").items
    assert taken.article.extra["versioncreated"] == "ours"
    assert taken.article.extra["versioncreated_as_sent"] == "0"


def test_of_several_dates_in_a_feed_the_one_that_can_be_read_counts(read):
    two = RSS.replace("<pubDate>{}</pubDate>", "<pubDate>Tue,</pubDate><dc:date>2026-03-01T10:00Z")
    two = two.replace("10:00Z", "10:00Z</dc:date>").replace(
        "<rss", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    (item,) = read(two, "application/rss+xml").items
    assert item.article.published_at.isoformat() == "2026-03-01T10:00:00+00:00"


def test_a_document_full_of_unreadable_dates_costs_little(read):
    many = RSS.replace("<pubDate>{}</pubDate>", "<pubDate>Tue, 1</pubDate>" * 10_000)
    began = time.process_time()
    (item,) = read(many, "application/rss+xml").items
    assert time.process_time() - began < 1.5
    assert len(item.warnings) == 1


def test_an_empty_date_is_none_at_all(read):
    (item,) = read(JSON_FEED.format(""), "application/feed+json").items
    assert (item.warnings, item.article.published_at) == ((), None)


@pytest.mark.parametrize("text", UNREADABLE)
def test_newsmans_own_json_is_refused(read, text):
    own = {"headline": "Tram returns", "published_at": text}
    (item,) = read(json.dumps(own), "application/json").items
    assert [problem.pointer for problem in item.problems] == ["/published_at"]


def test_the_draft_of_an_item_says_under_which_names_dates_stand_again():
    item = {"guid": "urn:x:1", "type": "text", "headline": "T", "firstcreated": "soon"}
    assert draft(item).names_aside["first_created"] == "firstcreated"
