"""Items of ninjs that break their schema and leave no doubt of what they mean are taken."""

import json

import pytest

from newsman_schemas.articles import PubStatus

NINJS = "application/vnd.iptc.ninjs+json"
ITEM = {"uri": "urn:ferry", "type": "text", "headline": "Ferry returns"}
PICTURE = {"uri": "urn:p", "type": "picture", "headline": "The ferry"}
FILES = [{"name": "web", "href": "https://n.example/f.jpg", "contenttype": "image/jpeg"}]
SINGULAR_FILES = {"web": {"href": "https://n.example/f.jpg", "mimetype": "image/jpeg"}}


@pytest.fixture
def taken(article):
    return lambda item, kind=NINJS: article(json.dumps(item), kind)


@pytest.mark.parametrize(
    "said",
    [
        {"byline": None, "body_html": None, "versioncreated": None, "subject": None},
        {"pubstatus": None, "urgency": None, "charcount": None, "renditions": None},
        {"associations": None},
        {"associations": {"feature": None}},
        {"associations": {"feature": {"uri": "urn:p", "versioncreated": None, "headline": "P"}}},
    ],
)
def test_null_says_nothing(taken, said):
    found = taken(ITEM | said)
    assert (found.headline, found.byline, found.extra) == ("Ferry returns", None, {"type": "text"})
    assert taken({**ITEM, "headline": None, "title": "Ferry is back"}).headline == "Ferry is back"


@pytest.mark.parametrize("date", [1_772_445_600, 1_772_445_600_000, 0, -5, True])
def test_a_number_is_no_date_and_costs_the_item_nothing_else(read, now, date):
    inner = {"feature": {"uri": "urn:p", "headline": "P", "versioncreated": date}}
    item = ITEM | {"versioncreated": date, "associations": inner}
    (found,) = read(json.dumps(item), NINJS).items
    assert [warning.pointer for warning in found.warnings] == ["/versioncreated"]
    assert (found.article.version_created, found.article.extra["versioncreated"]) == (now, date)


def test_an_embargo_in_a_number_holds(taken):
    assert taken(ITEM | {"embargoed": 1_772_445_600}).pubstatus is PubStatus.WITHHELD


@pytest.mark.parametrize("kind", [NINJS, "application/json"])
@pytest.mark.parametrize("files", [FILES, SINGULAR_FILES])
def test_associations_may_be_a_list_beside_names_of_1_x(taken, kind, files):
    found = taken(ITEM | {"associations": [PICTURE | {"renditions": files}]}, kind)
    assert found.headline == "Ferry returns"
    assert [entry["headline"] for entry in found.associations.values()] == ["The ferry"]
    assert [image.href for image in found.images] == ["https://n.example/f.jpg"]


def test_an_empty_list_of_associations_has_none(taken):
    assert taken(ITEM | {"associations": []}).associations == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"associations": [{"uri": 5, "headline": "The ferry"}]},
        {"associations": [], "urgency": "high"},
        {"byline": None, "subject": "ferries"},
        {"versioncreated": 5, "pubstatus": "replaced"},
        {"expires": {}},
    ],
)
def test_what_else_breaks_the_schema_is_refused(pointers, wrong):
    assert pointers(json.dumps(ITEM | wrong), NINJS)


def test_a_version_that_is_asked_for_is_held_to(read):
    (item,) = read(json.dumps(ITEM | {"byline": None}), NINJS, format_name="ninjs-1.6").items
    assert item.is_bad
