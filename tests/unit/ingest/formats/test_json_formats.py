"""Newsman's own JSON, ninjs and newline-delimited JSON."""

import json
from datetime import UTC, datetime

import pytest

from newsman.ingest.formats.model import BadDocument, UnknownFormat
from newsman_schemas.articles import PubStatus, article_id

NATIVE = {"uri": "urn:1", "headline": "Ferry returns", "body_html": "<p>It <b>did</b>.</p>"}
NINJS = {
    "guid": "urn:newsml:2026:7",
    "type": "text",
    "version": "4",
    "versioncreated": "2026-03-02T10:00:57+0000",
    "firstpublished": "2026-03-01T10:00:00Z",
    "headline": "Ferry returns",
    "slugline": "ferry-return",
    "body_html": "<p>It did.</p>",
    "pubstatus": "usable",
    "urgency": 3,
    "ednote": "check spelling",
    "service": [{"code": "t", "name": "Transport"}],
    "subject": [{"code": "medtop:20000337", "name": "transport"}],
    "authors": [{"name": "A. Desk", "role": "writer", "biography": "…"}],
    "associations": {
        "featured": {
            "type": "picture",
            "headline": "The ferry",
            "renditions": {"original": {"href": "https://img.example/1.jpg", "width": 800}},
        },
        "gallery--1": None,
    },
    "extra": {"desk": "north"},
    "charcount": 12,
}


def send(value) -> str:
    return json.dumps(value)


def test_native_fields_are_the_articles_own(article, now):
    found = article(send(NATIVE), "application/json")
    assert (found.id, found.source, found.uri) == (article_id("desk", "urn:1"), "desk", "urn:1")
    assert (found.headline, found.slug, found.language) == ("Ferry returns", "ferry-returns", "en")
    assert found.body_text == "It did."
    assert found.version_created == now


def test_a_pusher_can_choose_neither_id_nor_source(article):
    found = article(send({**NATIVE, "id": "a" * 16, "source": "other"}), "application/json")
    assert (found.id, found.source) == (article_id("desk", "urn:1"), "desk")


def test_what_the_model_lacks_survives_in_extra(article):
    found = article(send({**NATIVE, "mood": ["calm", {"x": 1}]}), "application/json")
    assert found.extra == {"mood": ["calm", {"x": 1}]}


def test_ninjs_in_the_dialect_of_superdesk_is_recognised_by_its_names(read):
    document = read(send(NINJS), "application/json")
    found = document.items[0].article
    assert (found.uri, found.version, found.slug) == ("urn:newsml:2026:7", 4, "ferry-return")
    assert found.version_created == datetime(2026, 3, 2, 10, 0, 57, tzinfo=UTC)
    assert found.published_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (found.section, found.urgency, found.editorial_note) == (
        "Transport",
        3,
        "check spelling",
    )
    assert found.subjects[0].code == "medtop:20000337"
    assert found.authors[0].name == "A. Desk"
    assert [image.href for image in found.images] == ["https://img.example/1.jpg"]
    assert set(found.associations) == {"featured"}
    assert found.extra["desk"] == "north"
    assert found.extra["charcount"] == 12
    assert found.extra["type"] == "text"


def test_a_kill_needs_no_words(article):
    found = article(
        send({"uri": "urn:1", "pubstatus": "canceled", "type": "text"}), "application/json"
    )
    assert found.pubstatus is PubStatus.CANCELED


def test_a_version_that_is_no_number_is_kept_and_ordered_by_time(article):
    found = article(send({**NINJS, "version": "final-2"}), "application/json")
    assert (found.version, found.extra["version"]) == (1, "final-2")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"pubstatus": "gone"}, "/pubstatus"),
        ({"urgency": "high"}, "/urgency"),
        ({"headline": 7}, "/headline"),
        ({"subject": "x"}, "/subject"),
        ({"subject": ["x"]}, "/subject/0"),
        ({"associations": "x"}, "/associations"),
        ({"version": -1}, "/version"),
    ],
)
def test_a_wrong_field_of_ninjs_is_named_as_it_was_sent(pointers, change, pointer):
    assert pointers(send({**NINJS, **change}), "application/vnd.iptc.ninjs+json") == [pointer]


def test_an_embargo_that_names_no_date_holds_the_article_back(article):
    found = article(send({**NINJS, "embargoed": "Next Monday"}), "application/json")
    assert found.pubstatus is PubStatus.WITHHELD
    assert found.extra["embargoed"] == "Next Monday"


def test_an_item_without_a_name_is_refused(pointers):
    bare = {key: value for key, value in NINJS.items() if key != "guid"}
    assert pointers(send(bare), "application/vnd.iptc.ninjs+json") == ["/uri"]


def test_pointers_into_an_array_begin_with_the_index(pointers):
    assert pointers(send([NATIVE, {**NATIVE, "urgency": 99}]), "application/json") == ["/1/urgency"]


def test_a_line_that_is_no_json_costs_only_itself(read):
    lines = "\n".join([send(NATIVE), "{oops", "", send(NINJS), "[1]"])
    items = read(lines, "application/x-ndjson").items
    assert [item.article is not None for item in items] == [True, False, True, False]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "nul", '{"a": NaN}', "[" * 100_000, '{"a":' * 50_000, "\xff\xfe"]
)
def test_a_body_that_is_no_json_is_refused_as_a_whole(read, body):
    with pytest.raises(BadDocument):
        read(body.encode("latin-1"), "application/json")


def test_deep_values_are_refused_with_a_reason(pointers):
    deep: dict = {}
    for _ in range(100):
        deep = {"x": deep}
    assert pointers(send({**NATIVE, "deep": deep}), "application/json") == [""]


def test_control_characters_and_lone_surrogates_go(article):
    raw = '{"uri": "urn:1", "headline": "A\\u0000B\\ud800C\\u0007", "body_text": "x\\u000by"}'
    found = article(raw, "application/json")
    assert (found.headline, found.body_text) == ("ABC", "xy")


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg onload=alert(1)>",
        "<iframe src=//evil.example></iframe>",
        "<p style='background:url(x)'>x</p>",
        "<form action=/x><input name=y></form>",
    ],
)
def test_nothing_active_survives_in_the_body(article, payload):
    found = article(send({**NATIVE, "body_html": f"<p>ok</p>{payload}"}), "application/json")
    for active in ("script", "onerror", "onload", "javascript", "iframe", "style", "form"):
        assert active not in found.body_html


def test_an_address_that_is_not_of_the_web_is_never_linked(article):
    found = article(send({**NATIVE, "canonical_url": "javascript:alert(1)"}), "application/json")
    assert found.canonical_url is None
    assert found.extra["canonical_url"] == "javascript:alert(1)"


def test_types_nobody_reads_and_formats_nobody_knows_are_told_apart(read):
    with pytest.raises(UnknownFormat, match="application/pdf"):
        read("%PDF", "application/pdf")
    with pytest.raises(UnknownFormat, match="nope"):
        read("{}", "application/json", format_name="nope")
    with pytest.raises(UnknownFormat, match="no content type"):
        read("hello")


@pytest.mark.parametrize("content_type", [None, "application/octet-stream"])
def test_a_generic_type_is_sniffed(read, content_type):
    assert read(send(NATIVE), content_type).format == "json"
    assert (
        read("<rss><channel><item><title>x</title></item></channel></rss>", content_type).format
        == "rss"
    )


def test_every_ninjs_1_file_that_should_pass_does(read, shared_data):
    files = sorted((shared_data / "ninjs" / "validation").glob("1.*/should_pass/*.json"))
    files += sorted((shared_data / "ninjs" / "examples" / "1.4").glob("*.json"))
    assert len(files) > 20
    for file in files:
        sent = json.loads(file.read_bytes())
        if not any(sent.get(name) for name in ("headline", "body_text", "body_html")):
            sent["headline"] = "Ferry returns"
        (item,) = read(send(sent), "application/vnd.iptc.ninjs+json").items
        assert item.problems == (), file
        assert item.article.uri == sent["uri"]
        if sent.get("headline"):
            assert item.article.headline == " ".join(sent["headline"].split())
        if "versioncreated" in sent:
            moment = datetime.fromisoformat(sent["versioncreated"])
            assert item.article.version_created == (
                moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            )
        if sent.get("body_text"):
            assert item.article.body_text == sent["body_text"].strip()
