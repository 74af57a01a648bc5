"""ninjs out: what was sent comes back, and the strict versions keep to the IPTC's schemas."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

from newsman.ingest.formats.model import Defaults
from newsman.ingest.pushes import parse
from newsman.ninjs.validation import full_validator
from newsman.outputs import FORMATS
from newsman.outputs.listing import Listing, Site, Tombstone
from newsman.redis.articles import StoredArticle
from newsman_schemas.articles import (
    Article,
    Author,
    EnrichedArticle,
    Enrichment,
    Entity,
    Image,
    Tag,
)

SITE = Site("https://news.example", "The Example")
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEFAULTS = Defaults("desk", None, UTC, None, NOW)
STRICT = sorted(FORMATS["ninjs"].versions)
DIALECT = {
    "guid": "urn:newsml:superdesk:2026-03-02:7",
    "version": "4",
    "type": "text",
    "pubstatus": "usable",
    "headline": "Ferry returns",
    "slugline": "Ferry/Return (2nd lead)",
    "byline": "A. Desk",
    "body_html": "<p>It <b>did</b>.</p>",
    "description_html": "<p>A ferry is back.</p>",
    "description_text": "A ferry is back.",
    "versioncreated": "2026-03-02T10:00:57+0000",
    "firstcreated": "2026-03-01T10:00:00+0000",
    "firstpublished": "2026-03-01T11:00:00+0000",
    "evolvedfrom": "urn:newsml:superdesk:2026-03-01:6",
    "urgency": 3,
    "priority": 5,
    "profile": "story",
    "language": "en",
    "keywords": ["ferries"],
    "subject": [{"name": "transport", "code": "15000000", "scheme": None}],
    "service": [{"name": "Transport", "code": "t"}],
    "place": [{"name": "Oslo", "code": "OSL", "qcode": "x"}],
    "authors": [{"name": "A. Desk", "code": "ad", "role": "writer", "biography": "Sails."}],
    "copyrightholder": "Desk",
    "copyrightnotice": "(c) Desk",
    "renditions": {},
    "associations": {
        "featuremedia": {
            "guid": "tag:example.com,2026:1",
            "type": "picture",
            "renditions": {"original": {"href": "https://img.example/1.jpg", "poi": {"x": 3}}},
        },
        "gallery--1": None,
    },
    "extra": {"mood": "calm", "priority": "mine", "empty": None, "deep": {"a": [1, {"b": None}]}},
    "extra_items": {"related": {"type": "related_content", "items": []}},
    "signal": [{"code": "x"}],
    "products": [{"code": "1", "name": "All"}],
    "coverage_id": None,
    "attachments": [],
    "readtime": 0,
    "tags": ["of the newsroom"],
}


def draft_of(document: dict) -> Article:
    found = parse(
        json.dumps(document).encode(),
        content_type="application/json",
        format_name=None,
        defaults=DEFAULTS,
    )
    (item,) = found.items
    assert item.article is not None, item.problems
    return item.article


def published(article: Article, **fields) -> StoredArticle:
    """The article as it would stand in the store, having gone over the wire."""
    done = Enrichment(status="done", method="test", duration_ms=1)
    enriched = EnrichedArticle(**{**article.model_dump(), "enrichment": done, **fields})
    read = EnrichedArticle.model_validate_json(enriched.model_dump_json())
    return StoredArticle(read, 1, int(NOW.timestamp() * 1000), ())


def written(stored: StoredArticle, version: str | None = None) -> dict:
    return json.loads(FORMATS["ninjs"].in_version(version).render_article(stored, SITE))


@pytest.fixture(scope="module")
def judge(shared_data):
    """Python's own implementation of JSON Schema with the IPTC's own files."""
    import jsonschema  # compiles grammars for seconds

    folder = shared_data / "ninjs" / "specification"
    geojson = Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema"})
    registry = Registry().with_resource("https://geojson.org/schema/GeoJSON.json", geojson)
    validators = {}
    for version in STRICT:
        schema = json.loads((folder / f"ninjs-schema_{version}.json").read_text())
        chosen = jsonschema.validators.validator_for(schema)
        validators[version] = chosen(
            schema, registry=registry, format_checker=chosen.FORMAT_CHECKER
        )
    return validators


def test_the_dialect_gives_back_what_superdesk_sent():
    told = written(published(draft_of(DIALECT)))
    moved = {"renditions", "associations", "versioncreated", "firstcreated", "firstpublished"}
    for name, value in DIALECT.items():
        if name not in moved:
            assert told[name] == value, name
    assert told["associations"] == DIALECT["associations"]
    assert told["versioncreated"] == "2026-03-02T10:00:57+00:00"
    assert told["firstpublished"] == "2026-03-01T11:00:00+00:00"
    assert told["uri"] == DIALECT["guid"]


def test_what_newsman_knows_stands_under_a_name_of_its_own():
    tag = Tag(name="transport", slug="transport", confidence=0.8, method="t")
    place = Entity(name="Oslo", slug="oslo", type="place", mentions=2, confidence=1, method="t")
    told = written(published(draft_of(DIALECT), tags=(tag,), entities=(place,)))
    assert [found["name"] for found in told["_newsman"]["tags"]] == ["transport"]
    assert [found["name"] for found in told["_newsman"]["entities"]] == ["Oslo"]
    assert told["tags"] == ["of the newsroom"]
    assert told["_newsman"]["url"].startswith("https://news.example/articles/")


def test_unknown_fields_of_newsmans_own_json_come_back_at_the_top_and_extra_in_extra():
    sent = {"headline": "Ferry", "mood": ["calm"], "extra": {"mood": 1, "b": 2}}
    told = written(published(draft_of(sent)))
    assert (told["mood"], told["extra"]) == (["calm"], {"mood": 1, "b": 2})


def test_pictures_that_stand_nowhere_else_become_associations():
    image = Image(href="https://img.example/2.jpg", caption="A ferry", width=800)
    told = written(published(draft_of({"headline": "Ferry"}), images=(image,)))
    (picture,) = told["associations"].values()
    assert picture["type"] == "picture"
    assert picture["renditions"]["original"] == {"href": image.href, "width": 800}
    again = written(published(draft_of(DIALECT)))
    assert set(again["associations"]) == {"featuremedia", "gallery--1"}


@pytest.mark.parametrize("version", STRICT)
def test_the_strict_versions_are_valid_and_name_themselves(judge, version):
    told = written(published(draft_of(DIALECT)), version)
    judge[version].validate(told)
    assert told["$standard" if version == "1.6" else "standard"]["version"] == version
    assert told["uri"] == DIALECT["guid"]


NITF = (
    "<nitf><head><meta name='anpa-category' content='a'/><meta name='anpa-keyword' "
    "content='FERRY Returns'/><meta name='anpa-wordcount' content='349'/><tobject>"
    "<tobject.property tobject.property.type='Current'/></tobject><docdata>"
    "<doc-id id-string='urn:nitf:1'/><evloc city='Oslo' iso-cc='NO'/></docdata></head>"
    "<body><body.head><hedline><hl1>Ferry returns</hl1></hedline>"
    "<distributor>Desk</distributor></body.head></body></nitf>"
)


def test_what_only_ninjs_has_names_for_comes_out_of_an_agencys_xml(judge):
    (item,) = parse(
        NITF.encode(), content_type="application/nitf+xml", format_name=None, defaults=DEFAULTS
    ).items
    stored = published(item.article)
    told = written(stored)
    assert told["slugline"] == "FERRY Returns"
    assert told["wordcount"] == 349
    assert told["genre"] == [{"name": "Current"}]
    assert told["service"] == [{"name": "a", "code": "a"}]
    assert told["place"] == [{"name": "Oslo", "code": "NO"}]
    assert told["source"] == "Desk"
    for version in STRICT:
        judge[version].validate(written(stored, version))


def test_the_strict_versions_say_what_they_have_names_for():
    tag = Tag(name="ferries at sea", slug="f", code="x", confidence=0.8, method="t")
    place = Entity(name="Bergen", slug="bergen", type="place", mentions=2, confidence=1, method="t")
    stored = published(draft_of(DIALECT), tags=(tag,), entities=(place,))
    first, second, third = (written(stored, version) for version in STRICT)
    assert first["headline"] == "Ferry returns"
    assert first["subject"] == [
        {"name": "transport", "code": "15000000"},
        {"name": "Transport", "rel": "section"},
        {"name": "ferries", "rel": "keyword"},
        {"name": "ferries at sea", "code": "x", "creator": "newsman", "confidence": 80},
    ]
    assert [found["name"] for found in first["place"]] == ["Oslo", "Bergen"]
    assert second["headlines"] == [{"role": "main", "value": "Ferry returns"}]
    assert {body["contenttype"]: body["value"] for body in second["bodies"]} == {
        "text/html": "<p>It <b>did</b>.</p>",
        "text/plain": "It did.",
    }
    assert [found["name"] for found in second["associations"]] == ["featuremedia"]
    assert (second["by"], third["by"]) == ("A. Desk", "A. Desk")
    assert third["versionCreated"] == "2026-03-02T10:00:57+00:00"
    assert third["associations"][0]["renditions"][0]["poi"] == {"x": 3}
    assert {body["contentType"] for body in third["bodies"]} == {"text/html", "text/plain"}


def test_authors_are_the_byline_of_a_strict_version_that_has_none():
    stored = published(
        draft_of({"headline": "Ferry"}), authors=(Author(name="A"), Author(name="B"))
    )
    assert written(stored, "2.2")["by"] == "A, B"


@pytest.mark.parametrize("version", STRICT)
def test_a_name_that_is_no_uri_is_replaced_in_strict_versions_and_kept_beside(judge, version):
    stored = published(draft_of({**DIALECT, "guid": "item 7"}))
    told = written(stored, version)
    judge[version].validate(told)
    assert told["uri"] == f"urn:newsman:article:{stored.article.id}"
    assert "item 7" in json.dumps(told.get("altids") or told.get("altIds"))


@pytest.mark.parametrize("version", [None, *STRICT])
def test_a_listing_is_one_composite_item(judge, stored, version):
    listing = Listing("Latest", "/", "/latest", (stored(), stored(uri="two", headline="Two")))
    told = json.loads(FORMATS["ninjs"].in_version(version).render(listing, SITE))
    if version:
        judge[version].validate(told)
    assert (told["type"], told["uri"]) == ("composite", "https://news.example/latest.ninjs")
    found = told["associations"]
    items = list(found.values()) if isinstance(found, dict) else found
    titles = [item.get("headline") or item["headlines"][0]["value"] for item in items]
    assert titles == ["A bridge opens", "Two"]


@pytest.mark.parametrize("version", [None, *STRICT])
@pytest.mark.parametrize(("status", "said"), [("killed", "canceled"), ("expired", "withheld")])
def test_what_is_gone_says_so_and_nothing_else(judge, version, status, said):
    gone = Tombstone("abcdefghijklmnop", "urn:x:7", 5, NOW, status)
    told = json.loads(FORMATS["ninjs"].in_version(version).render_tombstone(gone, SITE))
    if version:
        judge[version].validate(told)
    assert (told.get("pubstatus") or told.get("pubStatus")) == said
    assert (told["uri"], told["version"]) == ("urn:x:7", "5")
    assert not told.keys() & {"headline", "headlines", "body_html", "bodies"}


@pytest.mark.parametrize("version", [None, *STRICT])
def test_naughty_strings_come_through_whole(judge, hostile, naughty_strings, version):
    for text in naughty_strings:
        told = written(hostile(text), version)
        if version:
            judge[version].validate(told)
        assert (told.get("headline") or told["headlines"][0]["value"]) == text


# A byte order mark is taken away wherever it stands, as controls and surrogates are.
LETTERS = st.characters(
    exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="\ufeff", max_codepoint=0x1F6FF
)
WORDS = st.text(LETTERS, max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
KNOWN = st.sampled_from(
    "person place genre event object infosource organisation title profile mimetype altids "
    "trustindicator rightsinfo digitalsourcetype headlines bodies descriptions "
    "headline_x body_x description_x $standard charcount contentcreated tags _newsman "
    "representationtype canonical_url images id".split()
)
UNKNOWN = st.text(LETTERS, min_size=1, max_size=8)


@given(
    fields=st.dictionaries(KNOWN | UNKNOWN.map("x_{}".format), JSON, max_size=5),
    extra=st.dictionaries(UNKNOWN | KNOWN, JSON, max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_whatever_a_newsroom_adds_comes_back_at_its_name(fields, extra):
    sent = {**fields, "extra": extra, "guid": "urn:any:1", "headline": "Any"}
    stored = published(draft_of(sent))
    told = written(stored)
    for name, value in sent.items():
        if value or name != "extra":
            assert told[name] == value, name
    for version in STRICT:
        full_validator(version).validate(written(stored, version))


@pytest.mark.parametrize(
    ("extension", "version"),
    [(name, version) for name, found in FORMATS.items() for version in (None, *found.versions)],
)
def test_writing_an_article_changes_nothing_of_it(extension, version):
    """Parsed articles are shared by all that is made of them."""
    stored = published(draft_of(DIALECT))
    before = stored.article.model_dump_json()
    chosen = FORMATS[extension].in_version(version)
    listing = Listing("Latest", "/", "/latest", (stored, stored))
    written = [
        (
            chosen.render and chosen.render(listing, SITE),
            chosen.render_article and chosen.render_article(stored, SITE),
        )
        for _ in range(2)
    ]
    assert written[0] == written[1]
    assert stored.article.model_dump_json() == before
