"""Holds and kills are read wherever a format says them, for the document and for another."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from newsman.ingest.formats.model import Defaults, Document
from newsman.ingest.pushes import parse
from newsman_schemas.articles import Article, PubStatus, article_id
from newsman_schemas.pubstatus import status_named

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TEXT = "<body><body.head><hedline><hl1>Bridge shut</hl1></hedline></body.head></body>"


def nitf(docdata: str = "", *, attributes: str = "", body: str = TEXT, uri: str = "urn:b") -> str:
    identifier = f'<doc-id id-string="{uri}"/>' if uri else ""
    head = f"<head><docdata {attributes}>{identifier}{docdata}</docdata></head>"
    return f"<nitf>{head}{body}</nitf>"


def read(body: str, kind: str = "application/nitf+xml") -> Document:
    defaults = Defaults("desk", None, UTC, None, NOW)
    return parse(body.encode(), content_type=kind, format_name=None, defaults=defaults)


def articles(body: str, kind: str = "application/nitf+xml") -> list[Article]:
    items = read(body, kind).items
    assert not [item.problems for item in items if item.problems]
    return [item.article for item in items if item.article]


CANCELS_A = 'management-doc-idref="urn:a" management-idref-status="canceled"'


@pytest.mark.parametrize("word", ["canceled", "Cancelled", "kill", "killed"])
def test_a_document_that_cancels_another_is_two_articles(word):
    attributes = f'management-doc-idref=" urn:a " management-idref-status="{word}"'
    shown, kill = articles(nitf(attributes=attributes))
    assert (shown.uri, shown.pubstatus, shown.headline) == (
        "urn:b", PubStatus.USABLE, "Bridge shut",
    )  # fmt: skip
    assert (kill.id, kill.pubstatus) == (article_id("desk", "urn:a"), PubStatus.CANCELED)
    assert (kill.version, kill.version_created) == (1, NOW)
    assert kill.body_text == ""


def test_a_kill_is_as_old_as_the_document_that_says_it():
    issued = '<date.issue norm="20260301T090000Z"/>'
    _, kill = articles(nitf(issued, attributes=CANCELS_A))
    assert kill.version_created == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("uri", ["urn:b", "urn:a", ""])
def test_a_document_without_a_text_of_its_own_is_the_kill_alone(uri):
    (kill,) = articles(nitf(attributes=CANCELS_A, body="", uri=uri))
    assert (kill.uri, kill.pubstatus) == ("urn:a", PubStatus.CANCELED)


@pytest.mark.parametrize(
    "attributes",
    [
        'management-doc-idref="urn:a"',
        'management-idref-status="canceled"',
        'management-doc-idref="urn:a" management-idref-status="usable"',
        'management-doc-idref="urn:a" management-idref-status="stet"',
    ],
)
def test_what_names_another_without_canceling_it_kills_nothing(attributes):
    (shown,) = articles(nitf(attributes=attributes))
    assert (shown.uri, shown.pubstatus) == ("urn:b", PubStatus.USABLE)


def test_a_document_inside_of_newsml_kills_too():
    carried = nitf(attributes=CANCELS_A)
    newsml = f"""<NewsML><NewsItem><Identification><NewsIdentifier>
      <ProviderId>desk.example</ProviderId><DateId>20260302</DateId><NewsItemId>7</NewsItemId>
      <PublicIdentifier>urn:newsml:desk.example:20260302:7</PublicIdentifier>
      </NewsIdentifier></Identification><NewsManagement/><NewsComponent>
      <NewsLines><HeadLine>Bridge</HeadLine></NewsLines>
      <ContentItem><DataContent>{carried}</DataContent></ContentItem></NewsComponent></NewsItem>
      </NewsML>"""
    _, kill = articles(newsml, "application/newsml+xml")
    assert (kill.uri, kill.pubstatus) == ("urn:a", PubStatus.CANCELED)


@pytest.mark.parametrize(
    ("status", "release", "pubstatus", "is_held"),
    [
        ("usable", timedelta(hours=1), "usable", True),
        ("", timedelta(hours=1), "usable", True),
        ("embargoed", timedelta(hours=1), "usable", True),
        ("withheld", timedelta(hours=1), "withheld", True),
        ("usable", timedelta(hours=-1), "usable", False),
        ("embargoed", timedelta(hours=-1), "usable", False),
        ("embargoed", None, "withheld", False),
        ("canceled", timedelta(hours=1), "canceled", True),
    ],
)
def test_a_release_that_lies_ahead_holds_until_then(status, release, pubstatus, is_held):
    at = NOW + release if release else None
    data = f'<date.release norm="{at:%Y%m%dT%H%M%SZ}"/>' if at else ""
    (shown,) = articles(nitf(data, attributes=f'management-status="{status}"'))
    assert shown.pubstatus == pubstatus
    assert shown.embargoed_until == (at if is_held else None)
    assert shown.published_at == at


def test_a_release_that_stands_as_a_text_holds_too():
    (held,) = articles(nitf("<date.release>2026-03-05T09:00:00Z</date.release>"))
    assert held.embargoed_until == datetime(2026, 3, 5, 9, tzinfo=UTC)


def test_words_in_the_place_of_a_release_hold_an_embargo_for_good():
    (shown,) = articles(
        nitf(
            '<date.release norm="at the toll of the bell"/>',
            attributes='management-status="embargoed"',
        )
    )
    assert (shown.pubstatus, shown.embargoed_until) == (PubStatus.WITHHELD, None)


@pytest.mark.parametrize(
    ("instruction", "status", "expected"),
    [
        ("Delete", "Usable", "canceled"),
        ("Kill", "", "canceled"),
        ("Hold", "Usable", "withheld"),
        ("Update", "Usable", "usable"),
        ("Hold", "Canceled", "canceled"),
    ],
)
def test_an_instruction_of_newsml_1_goes_before_usable(instruction, status, expected):
    said = f'<Status FormalName="{status}"/>' if status else ""
    newsml = f"""<NewsML><NewsItem><Identification><NewsIdentifier>
      <ProviderId>desk.example</ProviderId><DateId>20260302</DateId><NewsItemId>7</NewsItemId>
      <PublicIdentifier>urn:newsml:desk.example:20260302:7</PublicIdentifier></NewsIdentifier>
      </Identification><NewsManagement>{said}<Instruction FormalName="{instruction}"/>
      </NewsManagement><NewsComponent><NewsLines><HeadLine>Bridge</HeadLine></NewsLines>
      </NewsComponent></NewsItem></NewsML>"""
    (shown,) = articles(newsml, "application/newsml+xml")
    assert shown.pubstatus == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("stat:canceled", "canceled"),
        ("http://cv.iptc.org/newscodes/pubstatusg2/withheld", "withheld"),
        ("stat:killed", "canceled"),
        ("stat:usable", "usable"),
    ],
)
def test_a_status_of_g2_is_a_code_of_any_scheme(code, expected):
    name = "uri" if code.startswith("http") else "qcode"
    g2 = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:g2:1" version="2">
      <itemMeta><pubStatus {name}="{code}"/></itemMeta>
      <contentMeta><headline>Bridge</headline></contentMeta></newsItem>"""
    (shown,) = articles(g2, "application/vnd.iptc.g2.newsitem+xml")
    assert shown.pubstatus == expected


@pytest.mark.parametrize("word", ["cancelled", "Killed", "stat:canceled", "recalled"])
def test_other_words_for_a_kill_are_one_in_json_too(word):
    item = f'{{"guid": "urn:a", "headline": "Bridge", "pubstatus": "{word}", "type": "text"}}'
    (kill,) = articles(item, "application/json")
    assert kill.pubstatus is PubStatus.CANCELED


@pytest.mark.parametrize("word", ["", "soon", "stat:", "un:usable:soon", "x" * 100_000])
def test_a_word_that_is_no_status_is_none(word):
    assert status_named(word) is None


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"state": "killed"}, "canceled"),
        ({"state": "recalled", "pubstatus": "usable"}, "canceled"),
        ({"state": "published"}, "usable"),
        ({"state": "corrected", "pubstatus": "withheld"}, "withheld"),
        ({"pubstatus": ""}, "usable"),
        ({"pubstatus": None}, "usable"),
    ],
)
def test_superdesk_may_tell_of_a_kill_in_the_state_only(said, status):
    item = {"guid": "urn:a", "headline": "Bridge shut", "type": "text", **said}
    (article,) = articles(json.dumps(item), "application/vnd.iptc.ninjs+json")
    assert article.pubstatus == status


@pytest.mark.parametrize("name", ["embargo", "embargoed", "embargo_until", "embargoDate"])
def test_an_embargo_by_another_name_is_never_overlooked(name):
    until = {name: (NOW + timedelta(days=9)).isoformat()}
    dialect = {"guid": "urn:a", "headline": "Bridge shut", "type": "text", **until}
    (held,) = articles(json.dumps(dialect), "application/vnd.iptc.ninjs+json")
    assert held.embargoed_until == NOW + timedelta(days=9)
    own = {"uri": "urn:a", "version": 1, "headline": "Bridge shut", "section": "A", **until}
    (refused,) = read(json.dumps(own), "application/json").items
    assert [problem.pointer for problem in refused.problems] == [f"/{name}"]
    for extra in ({name: None}, {name: False}, {"embargo_note": "none"}):
        item = {**own, name: None, **extra}
        assert read(json.dumps(item), "application/json").items[0].article


@pytest.mark.parametrize("name", ["embargo", "embargoDate", "embargoedUntil"])
def test_an_embargo_of_a_feed_may_have_its_own_element(name):
    until = (NOW + timedelta(days=9)).isoformat()
    item = f"<item><guid>urn:a</guid><title>Bridge shut</title><{name}>{until}</{name}></item>"
    (held,) = articles(item, "application/rss+xml")
    assert held.embargoed_until == NOW + timedelta(days=9)


def test_a_dialects_embargo_that_names_no_moment_holds():
    item = {"guid": "urn:a", "headline": "Bridge shut", "type": "text", "embargo": True}
    (held,) = articles(json.dumps(item), "application/vnd.iptc.ninjs+json")
    assert held.pubstatus is PubStatus.WITHHELD
