"""NewsML-G2, NewsML 1.2 and NITF become the article that their newsroom wrote."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from newsman.ingest.derived_headline import NOTHING_TO_SHOW
from newsman.ingest.formats.model import BadDocument

G2 = """<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:desk.example:1" version="3"
  standard="NewsML-G2" standardversion="2.28" xml:lang="en">
 <rightsInfo><copyrightNotice>© Desk</copyrightNotice><usageTerms>Web only</usageTerms></rightsInfo>
 <itemMeta><itemClass qcode="ninat:text"/><versionCreated>2026-03-02T12:00:00Z</versionCreated>
  <embargoed>2026-03-02T18:00:00Z</embargoed><pubStatus qcode="stat:usable"/>
  <edNote>Adds quote</edNote><service><name>Water</name></service></itemMeta>
 <contentMeta><urgency>3</urgency><headline>Lock opens</headline><by>Ana Roth</by>
  <slugline>LOCK</slugline><keyword>canals</keyword><colour>grey</colour>
  <subject qcode="medtop:20000430"><name>transport</name></subject></contentMeta>
 <contentSet><inlineXML contenttype="application/xhtml+xml"><html
  xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head><body><p>It
  <b>opened</b>.</p></body></html></inlineXML></contentSet></newsItem>"""

V1 = """<?xml version="1.0"?><NewsML Version="1.2"><NewsItem><Identification><NewsIdentifier>
 <ProviderId>desk.example</ProviderId><DateId>20260302</DateId><NewsItemId>7</NewsItemId>
 <RevisionId PreviousRevision="1" Update="N">2</RevisionId>
 <PublicIdentifier>urn:newsml:desk.example:20260302:7:2</PublicIdentifier></NewsIdentifier>
 </Identification><NewsManagement><ThisRevisionCreated>20260302T120000+0100</ThisRevisionCreated>
 <Status FormalName="Usable"/><Urgency FormalName="4"/></NewsManagement><NewsComponent>
 <NewsLines><HeadLine>Lock opens</HeadLine><ByLine>Ana Roth</ByLine></NewsLines><NewsComponent>
 <Role FormalName="Body"/><ContentItem><DataContent><p>It opened.</p></DataContent></ContentItem>
 </NewsComponent></NewsComponent></NewsItem></NewsML>"""

NITF = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE nitf SYSTEM "http://www.nitf.example/nitf-3-2.dtd">
<nitf><head><docdata management-status="usable"><doc-id id-string="urn:nitf:9"/>
 <urgency ed-urg="2"/><date.issue norm="20260302T110000Z"/></docdata></head><body><body.head>
 <hedline><hl1>Caf\xe9 opens</hl1><hl2>At last</hl2></hedline>
 <byline>By <person>Ana Roth</person><byttl>Reporter</byttl></byline></body.head>
 <body.content><block><p>It opened.</p></block></body.content></body></nitf>"""


def test_newsml_g2_fills_every_field_and_keeps_the_rest(article):
    found = article(G2, "application/vnd.iptc.g2.newsitem+xml")
    assert (found.uri, found.version) == ("urn:newsml:desk.example:1", 3)
    assert (found.headline, found.byline, found.section) == ("Lock opens", "Ana Roth", "Water")
    assert found.body_text == "It opened."
    assert found.version_created == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert found.embargoed_until == datetime(2026, 3, 2, 18, tzinfo=UTC)
    assert (found.urgency, found.keywords, found.usage_terms) == (3, ("canals",), "Web only")
    (subject,) = found.subjects
    assert (subject.scheme, subject.code, subject.name) == ("medtop", "20000430", "transport")
    assert found.extra["colour"] == ["grey"]


def test_newsml_g2_is_read_in_its_own_language_first(article):
    located = (
        '<located qcode="c:1"><name xml:lang="fr">Londres</name>'
        '<name xml:lang="en">London</name></located><urgency>'
    )
    item = G2.replace("<urgency>", located).replace('xml:lang="en"', 'xml:lang="en-GB"', 1)
    assert article(item, "application/xml").located == "London"


def test_names_of_characters_are_those_of_html(article, pointers):
    item = G2.replace("<b>opened</b>", "<b>opened</b>&nbsp;&mdash; &amp;mdash; &lt;b&gt;")
    assert article(item, "application/xml").body_text == "It opened — &mdash; <b>."
    with pytest.raises(BadDocument, match="undefined entity"):
        article(G2.replace("<b>", "&nbsp;&nosuch;<b>"), "application/xml")


def test_newsml_1_says_where_a_text_comes_from(article):
    place = '<Location HowPresent="Origin"><Property FormalName="City" Value="Oslo"/></Location>'
    told = f"<DescriptiveMetadata>{place}</DescriptiveMetadata>"
    line = "<DateLine>OSLO, March 2 -</DateLine></NewsLines>"
    both = article(V1.replace("</NewsLines>", line + told), "text/xml")
    assert (both.located, "OSLO, March 2 -" in json.dumps(both.extra)) == ("Oslo", True)
    assert article(V1.replace("</NewsLines>", line), "text/xml").located == "OSLO, March 2 -"


def test_newsml_1_names_the_story_without_its_revision(article):
    found = article(V1, "text/xml")
    assert (found.uri, found.version) == ("urn:newsml:desk.example:20260302:7", 2)
    assert (found.headline, found.body_text, found.urgency) == ("Lock opens", "It opened.", 4)
    assert found.version_created == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_nitf_in_latin_1_with_a_document_type_elsewhere(read):
    found = read(NITF.encode("latin-1"), "application/xml").items[0].article
    assert (found.headline, found.subheadline) == ("Café opens", "At last")
    assert (found.uri, found.urgency, found.body_text) == ("urn:nitf:9", 2, "It opened.")
    assert found.byline == "By Ana Roth Reporter"
    assert [(a.name, a.role) for a in found.authors] == [("Ana Roth", "Reporter")]


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_xml_is_recognised_and_read_in_every_utf(read, charset):
    text = G2.replace(' encoding="UTF-8"', "")
    document = read(text.encode(charset), "application/xml")
    assert document.format == "newsml-g2"
    assert document.items[0].article.headline == "Lock opens"


def test_an_embargo_without_an_end_and_a_kill_hold(article):
    held = article(G2.replace("2026-03-02T18:00:00Z", ""), "application/xml")
    killed = article(G2.replace("stat:usable", "stat:canceled"), "application/xml")
    assert (held.pubstatus, killed.pubstatus) == ("withheld", "canceled")


@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE newsItem [<!ENTITY a "b">]><newsItem guid="x"/>',
        '<!DOCTYPE nitf [<!ENTITY a SYSTEM "file:///etc/hostname">]><nitf>&a;</nitf>',
        "<!DOCTYPE NewsML [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'> %p;]><NewsML/>",
        "<nitf>" + "<p>" * 200_000,
        "<newsItem " + " ".join(f'a{number}=""' for number in range(1_000_000)) + "/>",
        "<nitf>" + "<p/>" * 300_000 + "</nitf>",
        "<nitf><p>&undefined;</p></nitf>",
        "<nitf>\x00</nitf>",
        '<conceptItem guid="x"/>',
    ],
    ids=lambda attack: attack[:20],
)
@pytest.mark.parametrize("name", ["newsml-g2", "newsml1", "nitf"])
def test_attacks_and_what_is_no_article_are_refused(read, name, attack):
    with pytest.raises(BadDocument):
        read(attack, format_name=name)


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_story_in_newsml_and_ninjs_is_the_same(read, shared_data):
    examples = shared_data / "ninjs" / "examples"
    compared = 0
    for path in sorted((examples / "NewsML").glob("*.xml")):
        (told,) = read(path.read_bytes(), "application/xml").items
        for other in sorted(examples.glob(f"*/{path.stem}.json")):
            same = read(other.read_bytes(), "application/json").items[0].article
            for name in ("id", "uri", "headline", "language", "version", "version_created"):
                assert getattr(same, name) == getattr(told.article, name), (other, name)
            # In ninjs the examples carry the first paragraph only.
            assert words(told.article.body_text).startswith(words(same.body_text)), other
            assert {s.name for s in same.subjects} <= set(told.article.keywords), other
            compared += 1
    assert compared >= 8


def test_an_agency_without_a_known_convention_keeps_its_public_identifier(article):
    other = V1.replace("desk.example", "businesswire.com")
    assert article(other, "text/xml").uri == "urn:newsml:businesswire.com:20260302:7"
    told = "<DescriptiveMetadata><Language FormalName='en'/></DescriptiveMetadata>"
    named = article(other.replace("</NewsLines>", "</NewsLines>" + told), "text/xml")
    assert named.uri == "http://www.businesswire.com/news/home/7/en"
    assert named.extra["PublicIdentifier"] == "urn:newsml:businesswire.com:20260302:7:2"


def test_every_listing_of_newsml_g2_is_read_or_refused_with_a_reason(read, shared_data):
    reasons = Counter()
    for path in sorted((shared_data / "newsml-g2").glob("*.xml")):
        try:
            (item,) = read(path.read_bytes(), format_name="newsml-g2").items
        except BadDocument:
            reasons["no article"] += 1
        else:
            reasons[item.problems[0].detail if item.is_bad else "read"] += 1
    assert reasons["read"] >= 9
    assert reasons.keys() == {"read", "no article", NOTHING_TO_SHOW}


def test_markup_nested_beyond_reason_keeps_its_words(article):
    deep = "<div>" * 64_000 + "<p>It rained.</p><script>no</script>" + "</div>" * 64_000
    found = article(
        json.dumps({"uri": "urn:1", "headline": "x", "body_html": deep}), "application/json"
    )
    assert found.body_html == "<p>It rained.</p>"
