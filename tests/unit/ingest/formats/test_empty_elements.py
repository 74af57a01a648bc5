"""Elements that an editor's software left empty say nothing, in any format."""

import json

import pytest

NITF = (
    "<nitf><head><tobject>{}</tobject><docdata><doc-id id-string='n'/><identified-content><city/>"
    "</identified-content></docdata></head><body><body.head><hedline><hl1>x</hl1></hedline>"
    "</body.head></body></nitf>"
)
V1 = (
    "<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>x</HeadLine></NewsLines>"
    "<DescriptiveMetadata><SubjectCode>{}</SubjectCode></DescriptiveMetadata></NewsComponent>"
    "</NewsItem></NewsML>"
)
G2 = "<newsItem guid='g'><contentMeta><headline>x</headline>{}</contentMeta></newsItem>"
LISTS = {"headline": "x", "uri": "urn:1"}
JSON_FEED = {"version": "https://jsonfeed.org/version/1.1"}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("nitf", NITF.format("<tobject.subject/>")),
        ("nitf", NITF.format('<tobject.subject tobject.subject.refnum=" "/>')),
        ("nitf", NITF.format('<tobject.subject tobject.subject.ipr="IPTC"/>')),
        ("newsml1", V1.format("<Subject/><SubjectMatter FormalName=''/>")),
        ("newsml-g2", G2.format("<subject/><subject qcode=''/><subject><name/></subject>")),
        ("ninjs", json.dumps({**LISTS, "subject": [{}, {"code": "", "name": ""}]})),
        ("ninjs", json.dumps({**LISTS, "guid": "g", "subject": [{"name": None}]})),
        ("native", json.dumps({**LISTS, "subjects": [{}, {"name": " "}, {"code": None}]})),
        ("native", json.dumps({**LISTS, "keywords": ["", " "], "authors": [{"name": ""}]})),
        ("ninjs", json.dumps({**LISTS, "guid": "g", "authors": [{}, {"name": " ", "uri": None}]})),
        ("rss", "<item><title>x</title><category/><category domain='d'> </category></item>"),
        ("atom", "<entry><title>x</title><category/><category term='' scheme='s'/></entry>"),
        (
            "jsonfeed",
            json.dumps({**JSON_FEED, "items": [{"id": "1", "title": "x", "tags": ["", " "]}]}),
        ),
    ],
)
def test_an_empty_subject_is_none(article, name, document):
    taken = article(document, format_name=name)
    assert taken.subjects == taken.keywords == ()
    assert taken.section is None


def test_a_subject_of_nitf_is_one_for_each_of_its_levels(article):
    subject = (
        '<tobject.subject tobject.subject.refnum="04016007" tobject.subject.type="Economy" '
        'tobject.subject.matter="Corporate" tobject.subject.detail="Bankruptcy"/>'
    )
    taken = article(NITF.format(subject * 2), "application/nitf+xml")
    assert [(found.code, found.name) for found in taken.subjects] == [
        ("04000000", "Economy"),
        ("04016000", "Corporate"),
        ("04016007", "Bankruptcy"),
    ]


@pytest.mark.parametrize(
    ("dates", "moment"),
    [
        (("", "2026-03-01T10:00:00Z"), "2026-03-01"),
        ((" ", "2026-03-01T10:00:00Z"), "2026-03-01"),
        (("2026-02-01T10:00:00Z", "2026-03-01T10:00:00Z"), "2026-02-01"),
        (("", ""), "2026-03-02"),
    ],
)
def test_an_empty_version_of_newsml_g2_is_dated_by_its_content(article, dates, moment):
    meta = f"<itemMeta><versionCreated>{dates[0]}</versionCreated></itemMeta>"
    content = f"<contentModified>{dates[1]}</contentModified>"
    taken = article(G2.format(content).replace("<contentMeta>", meta + "<contentMeta>"), "text/xml")
    assert taken.version_created.date().isoformat() == moment
