"""What tells Newsman's own JSON from ninjs, also of items with few fields."""

import json
from datetime import UTC, datetime

import pytest

from newsman_schemas.articles import PubStatus

URI, WORDS = {"uri": "urn:few"}, {"headline": "Ferry returns"}
FEW = URI | WORDS


def at(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


@pytest.fixture
def taken(article):
    return lambda item: article(json.dumps(item), "application/json")


@pytest.mark.parametrize("version", ["1.2", "1", "final", "2026-03-02", "", "12345678901234567890"])
def test_a_version_in_words_is_ninjs(taken, version):
    found = taken(FEW | {"version": version})
    assert found.headline == "Ferry returns"
    assert found.version == (1 if version != "1" else int(version))
    assert (
        found.extra.get("version") == (version if version not in ("1", "") else None) or not version
    )


def test_a_version_of_native_json_is_a_number(taken, pointers):
    assert taken(FEW | {"version": 7}).version == 7
    assert taken(FEW | {"version": "7", "section": "Sport"}).version == 7
    wrong = FEW | {"version": "1.2", "section": "Sport"}
    assert pointers(json.dumps(wrong), "application/json") == ["/version"]


@pytest.mark.parametrize(
    ("said", "field", "expected"),
    [
        ({"expires": "2026-05-01T00:00:00Z"}, "expires_at", at(2026, 5)),
        (
            {"firstcreated": "2026-02-01T00:00:00Z"},
            "first_created",
            at(2026, 2),
        ),
        (
            {"embargoed": "2036-02-01T00:00:00Z"},
            "embargoed_until",
            at(2036, 2),
        ),
        ({"description_text": "It did."}, "summary", "It did."),
        ({"body_markdown": "It did."}, "body_text", "It did."),
        ({"usageterms": "Free"}, "usage_terms", "Free"),
        ({"copyrightholder": "Desk"}, "copyright", "Desk"),
        ({"title": "Ferry"}, "headline", "Ferry returns"),
        ({"pubstatus": "withheld", "version": "2"}, "pubstatus", PubStatus.WITHHELD),
    ],
)
def test_one_name_of_ninjs_is_enough_where_all_of_it_is_ninjs(taken, said, field, expected):
    assert getattr(taken(FEW | said), field) == expected


def test_concepts_of_ninjs_are_read(taken):
    found = taken(
        FEW | {"subject": [{"name": "Transport", "code": "t"}], "place": [{"name": "Oslo"}]}
    )
    assert [subject.name for subject in found.subjects] == ["Transport"]
    assert found.extra["place"] == [{"name": "Oslo"}]


def test_a_list_of_associations_is_ninjs(taken):
    entry = {"name": "main", "uri": "urn:p", "headlines": [{"value": "The ferry"}]}
    assert list(taken(URI | {"associations": [entry]}).associations) == ["main"]


@pytest.mark.parametrize(
    "own",
    [
        {"place": "Oslo"},
        {"title": 7},
        {"subject": ["Transport"], "mood": "calm"},
        {"headline_seo": "Ferry", "mood": "calm"},
        {"event": "Opening", "person": {"id": 4}},
        {"expires": "next week", "mood": "calm"},
    ],
)
def test_fields_of_a_newsrooms_own_are_kept_whatever_they_are_called(taken, own):
    found = taken(FEW | {"body_html": "<p>It did.</p>"} | own)
    assert found.extra == own


@pytest.mark.parametrize("own", [{"section": "Sport"}, {"mood": "calm"}])
def test_an_embargo_under_ninjs_name_is_never_overlooked(pointers, own):
    held = FEW | {"embargoed": "2036-02-01T00:00:00Z"} | own
    assert pointers(json.dumps(held), "application/json") == ["/embargoed"]


def test_the_same_in_an_array_and_in_lines(read):
    items = [FEW | {"version": "1.2"}, FEW | {"version": 3, "section": "Sport"}]
    for body, kind in (
        (json.dumps(items), "application/json"),
        ("\n".join(map(json.dumps, items)), "application/x-ndjson"),
    ):
        versions = [item.article.version for item in read(body, kind).items]
        assert versions == [1, 3]
