"""A document type is passed over unread, and refused, with the reason, where it defines text."""

import socket

import pytest

from newsman.ingest.formats.markup.document_type import find_document_type

NITF = (
    "<nitf><head><docdata><doc-id id-string='n1'/></docdata></head><body><body.head><hedline>"
    "<hl1>Caf&eacute; opens</hl1></hedline></body.head><body.content><p class='&copy;'>It "
    "did.</p></body.content></body></nitf>"
)
V1 = (
    "<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>p.example</ProviderId>"
    "<DateId>20260302</DateId><NewsItemId>7</NewsItemId></NewsIdentifier></Identification>"
    "<NewsComponent><NewsLines><HeadLine>Caf&eacute; opens</HeadLine></NewsLines></NewsComponent>"
    "</NewsItem></NewsML>"
)
G2 = (
    "<newsItem guid='urn:g2'><contentMeta><headline>Caf&eacute; opens</headline></contentMeta>"
    "</newsItem>"
)
RSS = "<rss><channel><item><guid>r1</guid><title>Caf&eacute; opens</title></item></channel></rss>"
ATOM = "<feed><entry><id>a1</id><title>Caf&eacute; opens</title></entry></feed>"
DOCUMENTS = {"nitf": NITF, "NewsML": V1, "newsItem": G2, "rss": RSS, "feed": ATOM}
KINDS = ["application/xml", "text/xml; charset=utf-8", "application/octet-stream", None]
PASSED_OVER = [
    '<!ENTITY % nitf SYSTEM "nitf-3-0.dtd">\n%nitf;',
    '<!ENTITY % nitf PUBLIC "-//IPTC//DTD NITF 3.2//EN" "http://127.0.0.1:9/nitf.dtd"> %nitf;',
    "<!ENTITY % a SYSTEM 'a>b.ent'><!-- don't [ ]> --><?keep ]>?> %a; <!NOTATION gif SYSTEM 'v'>",
    '<!ELEMENT p (#PCDATA)><!ATTLIST p class CDATA "]>"> ',
    "",
]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("nothing is fetched for a document type")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("root", DOCUMENTS)
@pytest.mark.parametrize("subset", PASSED_OVER)
def test_what_stands_elsewhere_is_passed_over(article, subset, root, kind):
    external = 'PUBLIC "urn:newsml:iptc.org:20021018:NewsMLv1.2:1" "http://127.0.0.1:9/n.dtd"'
    document_type = f"<!-- x -->\n<!DOCTYPE {root} {external} [{subset}] >\n"
    assert article(document_type + DOCUMENTS[root], kind).headline == "Café opens"


@pytest.mark.parametrize("root", DOCUMENTS)
@pytest.mark.parametrize(
    ("subset", "reason"),
    [
        ('<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">', "general entity 'lol'"),
        ('<!ENTITY file SYSTEM "file:///etc/hostname">', "general entity 'file'"),
        ('<!ENTITY % p SYSTEM "p.dtd"> %p; <!ENTITY lol "lol">', "general entity 'lol'"),
        ("<!ENTITY pic SYSTEM 'a.gif' NDATA gif>", "general entity 'pic'"),
        ("<!ENTITY % x '<!ENTITY y \"z\">'> %x;", "parameter entity 'x' a text of its own"),
        ("<!ENTITY eacute 'x'>", "general entity 'eacute'"),
        ("<!ELEMENT", "can't be read"),
        ("<![INCLUDE[ ]]>", "can't be read"),
        ("<!ENTITY % p SYSTEM 'x'>" * 10_001, "more than 10000 declarations"),
    ],
)
def test_what_defines_text_is_refused_with_the_reason(refused, root, subset, reason):
    document = f"<!DOCTYPE {root} [{subset}]>" + DOCUMENTS[root].replace("opens", "&lol;&file;")
    assert reason in refused(document, "application/xml")


def test_all_else_keeps_its_line_and_column(refused):
    document = '<!DOCTYPE nitf [\n<!ENTITY % a SYSTEM "x">\n]> <nitf><body></nitf>'
    assert "line 3, column 18" in refused(document, "application/xml")


@pytest.mark.parametrize("text", ["", "<a/>", "<!-- <!DOCTYPE a> --><a/>", "<a><!DOCTYPE a></a>"])
def test_what_is_no_document_type_before_the_root_is_none(text):
    assert find_document_type(text) is None


def test_a_second_document_type_is_refused(refused):
    assert refused("<!DOCTYPE nitf><!DOCTYPE nitf [<!ENTITY a 'b'>]>" + NITF, "text/xml")
    assert refused("<!DOCTYPE rss><!DOCTYPE rss [<!ENTITY a 'b'>]>" + RSS, "text/xml")
