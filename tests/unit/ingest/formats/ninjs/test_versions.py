"""ninjs 1.0 to 3.1: the IPTC's own suite, and the same story told in several versions."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsman.ingest.derived_headline import NOTHING_TO_SHOW
from newsman.ingest.formats.model import BadDocument, Defaults, Parsed
from newsman.ingest.pushes import parse

DEFAULTS = Defaults("desk", None, UTC, None, datetime(2026, 3, 1, tzinfo=UTC))
BARE = {"uri": "005", "title": "Ferry returns"}
MEDIA_TYPES = ("application/vnd.iptc.ninjs+json", "application/json", None)
SAYS_NOTHING = {"1.1/should_fail/001_type_component.json"}
"""Valid from 1.2 on, and silent about its version: refused only when the version is asked for."""


def read(body: bytes, *, content_type: str | None = None, format_name: str | None = None):
    return parse(body, content_type=content_type, format_name=format_name, defaults=DEFAULTS)


def item(document: dict, **kinds: str) -> Parsed:
    (found,) = read(json.dumps(document).encode(), **kinds).items
    return found


def suite(folder: Path, outcome: str) -> list[tuple[str, Path]]:
    files = sorted((folder / "ninjs" / "validation").glob(f"*/{outcome}/*.json"))
    return [(str(file.relative_to(folder / "ninjs" / "validation")), file) for file in files]


@pytest.mark.parametrize("content_type", MEDIA_TYPES)
def test_all_that_should_pass_is_taken_with_its_name_and_version(shared_data, content_type):
    files = suite(shared_data, "should_pass")
    assert len(files) >= 70
    for name, file in files:
        sent = json.loads(file.read_bytes())
        (found,) = read(file.read_bytes(), content_type=content_type).items
        if found.is_bad:
            # Valid by its schema, and nothing that a reader could be shown.
            assert [problem.detail for problem in found.problems] == [NOTHING_TO_SHOW], name
            found = item({**sent, "title": "Ferry returns"}, content_type=content_type)
        taken = found.article or found.agenda
        assert taken is not None, (name, found.problems)
        assert taken.uri == sent["uri"], name
        version = str(sent.get("version", "1"))
        assert taken.version == (int(version) if version.isdecimal() else 1), name
        assert (found.agenda is not None) == (sent.get("type") in ("event", "planning")), name


@pytest.mark.parametrize("content_type", MEDIA_TYPES)
def test_all_that_should_fail_is_refused_with_a_reason(shared_data, content_type):
    files = suite(shared_data, "should_fail")
    assert len(files) >= 30
    for name, file in files:
        version = name.partition("/")[0]
        asked = f"ninjs-{version}" if name in SAYS_NOTHING else None
        found = None
        try:
            (found,) = read(file.read_bytes(), content_type=content_type, format_name=asked).items
        except BadDocument as error:
            reasons = [str(error)]
        else:
            reasons = [problem.detail for problem in found.problems]
        assert found is None or found.is_bad, name
        assert all(reasons), name


@pytest.mark.parametrize("story", ["20130605006126", "20130731006140"])
def test_a_story_is_the_same_in_three_generations(shared_data, story):
    articles = []
    for version in ("1.4", "2.1", "3.0"):
        file = shared_data / "ninjs" / "examples" / version / f"businesswire-newsml-{story}.json"
        (found,) = read(file.read_bytes()).items
        assert found.article is not None, found.problems
        articles.append(found.article)
    first, *others = articles
    for other in others:
        for name in ("id", "uri", "version", "version_created", "headline", "language", "images"):
            assert getattr(other, name) == getattr(first, name), name
        assert [s.name for s in other.subjects] == [s.name for s in first.subjects]
        assert other.body_text.split()[:40] == first.body_text.split()[:40]
        assert other.associations.keys() == first.associations.keys()


PLURAL = {
    "uri": "urn:story:1",
    "version": "4",
    "versionCreated": "2026-02-28T08:00:00Z",
    "firstCreated": "2026-02-27T08:00:00Z",
    "embargoedUntil": "2026-03-02T08:00:00Z",
    "pubStatus": "usable",
    "edNote": "Adds a quote.",
    "by": "Newsman desk",
    "copyrightNotice": "All rights reserved",
    "headlines": [{"role": "sub", "value": "It did"}, {"role": "main", "value": "Ferry returns"}],
    "bodies": [
        {"role": "plain", "contentType": "text/plain", "value": "It did."},
        {"role": "web", "contentType": "text/html", "value": "<p>It <b>did</b>.</p>"},
    ],
    "descriptions": [{"role": "summary", "value": "A ferry is back."}],
    "subjects": [{"name": "transport", "literal": "20000337"}],
    "renditions": [
        {"name": "main", "href": "https://news.example/a.jpg", "contentType": "image/jpeg"}
    ],
    "associations": [
        {
            "uri": "urn:picture:1",
            "name": "featured",
            "type": "picture",
            "renditions": [{"name": "web", "href": "https://news.example/b.jpg", "width": 800}],
        }
    ],
    "altIds": [{"role": "cms", "value": "77"}],
}


def test_every_name_of_3_x_reaches_its_field():
    article = item(PLURAL).article
    assert article.version == 4
    assert article.version_created == datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert article.first_created == datetime(2026, 2, 27, 8, tzinfo=UTC)
    assert article.embargoed_until == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert (article.headline, article.subheadline) == ("Ferry returns", "It did")
    assert (article.body_html, article.body_text) == ("<p>It <b>did</b>.</p>", "It did.")
    assert article.summary == "A ferry is back."
    assert (article.byline, article.editorial_note) == ("Newsman desk", "Adds a quote.")
    assert article.copyright == "All rights reserved"
    assert [(s.name, s.code) for s in article.subjects] == [("transport", "20000337")]
    assert [image.href for image in article.images] == ["https://news.example/b.jpg"]
    assert article.images[0].width == 800
    assert article.extra["altids"] == PLURAL["altIds"]


def test_what_has_more_parts_than_the_article_stays_in_extra():
    headlines = [
        {"role": "main", "value": "Ferry returns"},
        {"role": "short", "value": "Ferry"},
    ]
    article = item({**PLURAL, "headlines": headlines}).article
    assert article.headline == "Ferry returns"
    assert article.extra["headlines"] == headlines


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"pubStatus": "cancelled"}, "/pubStatus"),
        ({"headlines": [{"role": "main"}]}, "/headlines/0"),
        ({"version": 4}, "/version"),
        ({"renditions": {"main": {}}}, "/renditions"),
    ],
)
def test_what_is_wrong_is_named_as_it_was_sent(wrong, pointer):
    found = item({**PLURAL, **wrong})
    assert found.article is None
    assert pointer in [problem.pointer for problem in found.problems]


@pytest.mark.parametrize(
    ("sent", "field", "value"),
    [
        ({**BARE, "versioncreated": "Next Monday"}, "version_created", DEFAULTS.now),
        ({**PLURAL, "versionCreated": "Next Monday"}, "version_created", DEFAULTS.now),
        ({**BARE, "firstcreated": "Next Monday", "ednote": "x"}, "first_created", None),
    ],
)
def test_words_for_a_date_pass_as_in_the_iptcs_suite_and_no_date_is_made_of_them(
    sent, field, value
):
    article = item(sent).article
    assert article.extra[field.replace("_", "")] == "Next Monday"
    assert getattr(article, field) == value


@pytest.mark.parametrize(
    ("sent", "text", "summary"),
    [
        ({"body_nitf": "<p>It <em>did</em>.</p>"}, "It did.", None),
        ({"body_plain": "It did."}, "It did.", None),
        ({"body_text": "It did.", "body_nitf": "<p>Otherwise</p>"}, "It did.", None),
        ({"description_xhtml": "<p>Back &amp; on.</p>"}, "", "Back & on."),
        ({"description_text": "Back.", "description_html": "<p>No</p>"}, "", "Back."),
    ],
)
def test_texts_under_names_of_the_agencys_own_are_found(sent, text, summary):
    article = item({"uri": "urn:1", "type": "text", **sent}).article
    assert (article.body_text, article.summary) == (text, summary)


def test_words_for_the_date_of_an_event_pass_too():
    event = {"uri": "urn:e", "type": "event", "versionCreated": "soon", "headlines": []}
    agenda = item({**event, "headlines": [{"value": "Council meets"}]}).agenda
    assert (agenda.version_created, agenda.item["versionCreated"]) == (DEFAULTS.now, "soon")


def test_a_version_that_is_asked_for_holds():
    component = {"uri": "urn:story:2", "headline": "A part", "type": "component"}
    assert item(component).article is not None
    assert item(component, format_name="ninjs-1.2").article is not None
    assert item(component, format_name="ninjs-1.1").article is None


def test_the_dialect_may_carry_what_no_schema_knows():
    dialect = {"guid": "urn:story:3", "headline": "Local", "type": "text", "belga_mood": {"a": 1}}
    assert item(dialect).article.extra["belga_mood"] == {"a": 1}
    assert item({**dialect, "uri": "urn:story:3"}).article is not None


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, "usable"),
        ({"pubstatus": "canceled"}, "canceled"),
        ({"pubstatus": "cancelled"}, "canceled"),
        ({"state": "killed"}, "canceled"),
    ],
)
def test_an_event_is_passed_on_whole(sent, status):
    event = {
        "guid": "urn:event:1",
        "type": "event",
        "name": "Council meets",
        "version": "3",
        **sent,
    }
    agenda = item(event).agenda
    assert (agenda.kind, agenda.version, agenda.title) == ("event", 3, "Council meets")
    assert agenda.pubstatus == status
    assert agenda.item == event


def test_an_event_without_a_name_is_refused():
    assert item({"type": "event", "name": "Council meets"}, format_name="ninjs").is_bad


@pytest.mark.parametrize(
    "kill",
    [
        {"uri": "urn:1", "version": 5, "pubstatus": "canceled"},
        {"uri": "urn:1", "version": "5", "pubstatus": "canceled"},
        {"guid": "urn:1", "version": 5, "pubstatus": "canceled"},
        {"uri": "urn:1", "version": 5, "pubstatus": "canceled", "service": [], "extra": {"a": 1}},
    ],
)
def test_a_kill_needs_no_words_and_is_one_in_every_spelling(kill):
    article = item(kill, content_type="application/json").article
    assert (article.uri, article.version, article.pubstatus) == ("urn:1", 5, "canceled")
